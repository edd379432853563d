import { make, press, say } from "./dom.js";

const plottedAtFirst = 4;

/** The fields of a channel with their values, and which of them are plotted. */
export class Fields {
  #rows = [];
  #body = make("tbody");
  #more = make("p", { class: "note" });

  /** @param {(index: number, path: string, isPlotted: boolean) => void} plotted Someone wants a plot, or no longer. */
  constructor(plotted) {
    this.plotted = plotted;
    const heads = ["Field", "Value", "Kind"].map(title => make("th", { scope: "col" }, title));
    heads.push(make("th", { scope: "col", class: "switch" }, "Plot"));
    this.element = make("section", { class: "values" }, make("h3", {}, "Values"),
      make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr", {}, ...heads)), this.#body)), this.#more);
  }

  /** Takes which fields there are; the same ones stay as they are, with their plots. */
  set({ fields, more }) {
    const same = (row, field) => row.path === field?.path && row.kind === field.kind;
    if (this.#rows.length === fields.length && this.#rows.every((row, i) => same(row, fields[i])))
      return;
    for (const row of this.#rows.filter(row => row.isPlotted))
      this.#toggle(row);
    this.#rows = fields.map((field, index) => this.#row(field, index));
    this.#body.replaceChildren(...this.#rows.map(row => row.element));
    say(this.#more, more > 0 ? `${more.toLocaleString("en")} more fields are not shown here.` : "");
    const numbers = this.#rows.filter(row => row.button !== null && !row.kind.startsWith("bool"));
    numbers.slice(0, plottedAtFirst).forEach(row => this.#toggle(row));
  }

  show(texts) {
    this.#rows.forEach((row, i) => {
      const hasChanged = row.cell.textContent !== texts[i];
      row.cell.classList.toggle("changed", hasChanged && row.cell.textContent !== "");
      if (hasChanged)
        row.cell.textContent = texts[i];
    });
  }

  #row({ path, kind, isNumber }, index) {
    const cell = make("td", { class: "value" });
    const button = isNumber
      ? make("button", { type: "button", class: "toggle", "aria-pressed": "false", "aria-label": `Plot ${path}` }) : null;
    const row = { index, path, kind, cell, button, isPlotted: false };
    button?.addEventListener("click", () => this.#toggle(row));
    row.element = make("tr", {}, make("th", { scope: "row" }, make("bdi", {}, path)), cell, make("td", { class: "kind" }, kind),
      make("td", { class: "switch" }, button ?? ""));
    return row;
  }

  #toggle(row) {
    row.isPlotted = !row.isPlotted;
    press(row.button, row.isPlotted);
    this.plotted(row.index, row.path, row.isPlotted);
  }
}
