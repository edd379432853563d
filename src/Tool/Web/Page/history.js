const most = 6000;
const spare = 600;

/** What was sampled in the last ten minutes: a time each, and a row of numbers for each thing that can be plotted. */
export class History {
  times = [];
  #rows = new Map();

  /** @param {Map<string | number, number | null>} numbers */
  add(time, numbers) {
    this.times.push(time);
    for (const [key, number] of numbers) {
      // One that comes later was not there before.
      if (!this.#rows.has(key))
        this.#rows.set(key, new Array(this.times.length - 1).fill(null));
      this.#rows.get(key).push(number);
    }
    for (const row of this.#rows.values()) {
      if (row.length < this.times.length)
        row.push(null);
    }
    if (this.times.length > most + spare) {
      for (const row of [this.times, ...this.#rows.values()])
        row.splice(0, spare);
    }
  }

  /** A break, where nothing was sampled. */
  break() {
    if (this.times.length > 0)
      this.add(this.times.at(-1), new Map());
  }

  row(key) {
    return this.#rows.get(key) ?? new Array(this.times.length).fill(null);
  }
}
