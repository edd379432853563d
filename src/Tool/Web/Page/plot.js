import { make, say } from "./dom.js";
import { tick, value } from "./format.js";

const height = 132;
const cursors = "time";

const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const clock = seconds => new Date(seconds * 1000).toLocaleTimeString("en-GB");

/** A figure over time, in a card of its own. All plots show the same time, and have one cursor. */
export class Plot {
  #chart;
  #reading;
  #size;
  #range = [0, 1];
  #last = null;

  /**
   * @param {string} title
   * @param {string} colour The name of a variable of CSS.
   * @param {(number: number) => string} format
   * @param {boolean} fromZero Whether it is never negative, and told by its size rather than by its changes.
   */
  constructor(title, colour, format = value, fromZero = false) {
    this.#reading = make("span", { class: "reading" });
    const box = make("div", { class: "chart" });
    this.element = make("figure", { class: "plot" },
      make("figcaption", {}, make("bdi", { title }, title), this.#reading), box);
    const axis = {
      stroke: () => style("--dim"), grid: { stroke: () => style("--rule"), width: 1 }, ticks: { show: false }, font: "11px system-ui",
    };
    this.#chart = new uPlot({
      width: 300,
      height,
      legend: { show: false },
      padding: [8, 8, 0, 0],
      cursor: { sync: { key: cursors }, drag: { x: false, y: false }, points: { size: 6 }, y: false },
      scales: { x: { time: true, range: () => this.#range }, y: { range: (_, low, high) => around(low, high, fromZero) } },
      axes: [
        { ...axis, size: 22, space: 70, values: (_, splits) => splits.map(clock) },
        { ...axis, size: 58, space: 28, values: (_, splits, __, ___, distance) => splits.map(split => tick(split, distance)) },
      ],
      series: [{}, { stroke: () => style(colour), width: 1.5, points: { show: false }, spanGaps: false }],
      hooks: { setCursor: [chart => this.#read(chart.cursor.idx, chart.data[1], format)] },
    }, [[], []], box);
    this.#size = new ResizeObserver(([{ contentRect: { width } }]) => {
      if (width > 0)
        this.#chart.setSize({ width: Math.floor(width), height });
    });
    this.#size.observe(box);
    this.format = format;
  }

  /** Shows what is between two times. */
  show(times, values, from, to) {
    this.#range = [from, to];
    const first = times.findIndex(time => time >= from);
    this.#chart.setData([times.slice(Math.max(0, first - 1)), values.slice(Math.max(0, first - 1))]);
    this.#last = values.at(-1) ?? null;
    this.#read(this.#chart.cursor.idx, this.#chart.data[1], this.format);
  }

  /** After the colours have changed. */
  redraw() {
    this.#chart.redraw();
  }

  dispose() {
    this.#size.disconnect();
    this.#chart.destroy();
    this.element.remove();
  }

  #read(index, values, format) {
    const shown = index === null || index === undefined ? this.#last : values[index];
    say(this.#reading, shown === null || shown === undefined ? "–" : format(shown));
  }
}

// A constant has its line in the middle; else there is some room above and below.
function around(low, high, fromZero) {
  if (low === null || high === null)
    return [0, 1];
  if (fromZero)
    return [0, high > 0 ? high * 1.15 : 1];
  const room = high > low ? (high - low) * 0.08 : Math.max(Math.abs(high) * 0.05, 1);
  return [low - room, high + room];
}
