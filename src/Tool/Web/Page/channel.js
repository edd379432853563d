import { make, say } from "./dom.js";
import { Fields } from "./fields.js";
import { bytes, count, duration, rate } from "./format.js";
import { History } from "./history.js";
import { address } from "./place.js";
import { Plot } from "./plot.js";

const second = 1;
const shortest = 15;
const tiles = ["Rate", "Published", "Depth", "Laps", "Peers", "Age"];

/** One channel: what it is, its figures, plots, values and layout. */
export class Channel {
  #history = new History();
  #plots = new Map();
  #tiles = new Map();
  #facts = make("p", { class: "facts" });
  #marks = make("span", { class: "marks" });
  #problem = make("p", { class: "problem", role: "status" });
  #figures = make("dl", { class: "tiles" });
  #grid = make("div", { class: "plots" });
  #note = make("p", { class: "note" });
  #layouts = make("section", { class: "layouts" });
  #choice;
  #fields = new Fields((index, path, isPlotted) => this.#plot(index, path, isPlotted));
  #fingerprint = null;
  #shape = null;
  #latest = null;
  #recent = [];
  #span = 120;

  constructor(name, element) {
    this.name = name;
    this.at = element;
    for (const title of tiles) {
      const value = make("dd");
      const tile = make("div", { class: "tile" }, make("dt", {}, title), value);
      tile.hidden = true;
      this.#tiles.set(title, { tile, value });
      this.#figures.append(tile);
    }
    this.#choice = this.#element();
    this.#problem.hidden = true;
    this.#note.hidden = true;
    this.#fields.element.hidden = true;
    this.element = make("article", {},
      make("div", { class: "head" }, make("h2", {}, make("bdi", {}, name)), this.#marks, this.#choice.label), this.#facts, this.#problem,
      this.#figures, this.#note, make("div", { class: "body" }, this.#fields.element, this.#grid), this.#layouts);
  }

  /** The server has found it, or found it again. */
  opened(shape) {
    this.#shape = shape;
    this.#problem.hidden = true;
    this.element.classList.remove("stale");
    const marks = [shape.kind, shape.isLossless && "lossless", shape.isLive && "live", shape.peersMayWrite && "peers may write"];
    this.#marks.replaceChildren(...marks.filter(mark => mark).map(mark => make("span", { class: "mark" }, mark)));
    const types = shape.response === null ? shape.type : `${shape.type} → ${shape.response}`;
    const facts = [types, `${bytes(shape.bytes)} each`, `${bytes(shape.mapped)} mapped`, `process ${shape.pid} ${shape.command}`,
      `user ${shape.user}`, `fingerprint ${shape.fingerprint}`];
    this.#facts.replaceChildren(...facts.map(fact => make("bdi", {}, fact)));
    this.#choice.label.hidden = shape.kind !== "table";
    this.#choice.input.max = shape.count - 1;
    this.#note.hidden = shape.hasValues || shape.hasMessages;
    say(this.#note, "Messages are between the two ends of this channel, where nobody else can see them whole.");
    if (this.#fingerprint === shape.fingerprint) {
      this.#history.break();
      return;
    }
    this.#fingerprint = shape.fingerprint;
    this.#history = new History();
    this.#plot("rate", "Rate", true, ["--rate", rate, true]);
    this.#layouts.replaceChildren(make("h3", {}, shape.layouts.length > 1 ? "Layouts" : "Layout"),
      ...shape.layouts.map(layout => picture(layout)));
  }

  fields(fields) {
    this.#fields.element.hidden = false;
    this.#fields.set(fields);
  }

  problem(message) {
    say(this.#problem, message);
    this.#problem.hidden = false;
    this.element.classList.add("stale");
  }

  sample(sample) {
    this.#latest = { ...sample, rate: this.#rate(sample) };
    const numbers = new Map(sample.numbers.entries());
    numbers.set("rate", this.#latest.rate);
    if (sample.depth !== null) {
      numbers.set("depth", sample.depth);
      if (!this.#plots.has("depth"))
        this.#plot("depth", "Depth", true, ["--depth", count, true]);
    }
    this.#history.add(sample.time, numbers);
  }

  /** Draws what has come. */
  render(span) {
    this.#span = span;
    if (this.#latest === null)
      return;
    const { rate: perSecond, published, depth, laps, peers, age, texts } = this.#latest;
    this.#tile("Rate", rate(perSecond));
    this.#tile("Published", published === null ? null : count(published));
    this.#tile("Depth", depth === null ? null : `${count(depth)} of ${count(this.#shape.count)}`);
    this.#tile("Laps", laps === null ? null : count(laps));
    this.#tile("Peers", peers === null ? null : count(peers));
    this.#tile("Age", age === null ? null : duration(age));
    this.#fields.show(texts);
    for (const [key, plot] of this.#plots)
      this.#show(key, plot);
  }

  redraw() {
    for (const plot of this.#plots.values())
      plot.redraw();
  }

  dispose() {
    for (const plot of this.#plots.values())
      plot.dispose();
    this.element.remove();
  }

  #plot(key, title, isPlotted, style = ["--accent"]) {
    if (!isPlotted) {
      this.#plots.get(key)?.dispose();
      this.#plots.delete(key);
      return;
    }
    if (this.#plots.has(key))
      return;
    const plot = new Plot(title, ...style);
    this.#plots.set(key, plot);
    this.#grid.append(plot.element);
    this.#show(key, plot);
  }

  #show(key, plot) {
    const [first, last] = [this.#history.times[0] ?? 0, this.#history.times.at(-1) ?? 0];
    plot.show(this.#history.times, this.#history.row(key), Math.max(last - this.#span, Math.min(first, last - shortest)), last);
  }

  // Of the last second, or since the sample before if that is longer ago: between two samples there may be few.
  #rate({ time, published }) {
    if (published === null || published < (this.#recent.at(-1)?.published ?? 0))
      this.#recent = [];
    if (published === null)
      return null;
    this.#recent.push({ time, published });
    while (this.#recent.length > 2 && this.#recent[1].time <= time - second)
      this.#recent.shift();
    const [first] = this.#recent;
    return time - first.time > second / 2 ? (published - first.published) / (time - first.time) : null;
  }

  #tile(title, text) {
    const { tile, value } = this.#tiles.get(title);
    tile.hidden = text === null;
    say(value, text ?? "");
  }

  // Which element of a table is shown.
  #element() {
    const input = make("input", { type: "number", min: "0", value: String(this.at) });
    input.addEventListener("change", () => {
      location.hash = address(this.name, Math.min(Math.max(0, Math.trunc(input.valueAsNumber || 0)), Number(input.max)));
    });
    const label = make("label", { class: "element" }, "Element", input);
    label.hidden = true;
    return { label, input };
  }
}

// The server has escaped all names in it; parsed as XML, it can't become anything but the picture.
function picture({ name, svg }) {
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
  return make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": `Layout of ${name}` },
    document.importNode(parsed.documentElement, true));
}
