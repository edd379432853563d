const space = "http://www.w3.org/2000/svg";
const [width, height] = [72, 20];
const most = 60;

/** The last minute of a rate, beside the name of a channel. */
export class Sparkline {
  #values = [];
  #line = document.createElementNS(space, "polyline");

  constructor() {
    this.element = document.createElementNS(space, "svg");
    this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.element.setAttribute("class", "sparkline");
    this.element.setAttribute("aria-hidden", "true");
    this.element.append(this.#line);
  }

  add(value) {
    this.#values.push(value ?? 0);
    if (this.#values.length > most)
      this.#values.shift();
    const top = Math.max(...this.#values, 1e-9);
    const points = this.#values.map((number, i) => {
      const x = width - 1 - (this.#values.length - 1 - i) * (width - 2) / (most - 1);
      return `${x.toFixed(1)},${(height - 2 - number / top * (height - 4)).toFixed(1)}`;
    });
    this.#line.setAttribute("points", points.join(" "));
  }
}
