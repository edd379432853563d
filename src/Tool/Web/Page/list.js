import { make, say } from "./dom.js";
import { age, bytes, count, rate } from "./format.js";
import { address } from "./place.js";
import { Sparkline } from "./sparkline.js";

const columns = [
  ["Name", null], ["Kind", channel => channel.kind], ["Type", channel => channel.type ?? "–"],
  ["Size", channel => bytes(channel.size)], ["Process", channel => channel.pid === 0 ? "?" : String(channel.pid)],
  ["User", channel => channel.user], ["Peers", channel => count(channel.peers)], ["Rate", channel => rate(channel.rate)],
  ["Depth", channel => count(channel.depth)], ["Age", channel => age(channel.age)],
];
const isNumber = new Set(["Size", "Process", "Peers", "Rate", "Depth", "Age"]);

/** The channels at the side, each a link, with what it does just now. */
export class List {
  #items = new Map();
  #channels = [];
  #selected = null;

  constructor(list, filter) {
    this.list = list;
    this.filter = filter;
    filter.addEventListener("input", () => this.#arrange());
  }

  /** Takes what the server has found. */
  update(channels) {
    this.#channels = channels;
    const gone = new Set(this.#items.keys());
    for (const channel of channels) {
      gone.delete(channel.name);
      if (!this.#items.has(channel.name))
        this.#items.set(channel.name, new Item(channel.name));
      this.#items.get(channel.name).update(channel);
    }
    for (const name of gone)
      this.#items.delete(name);
    this.#arrange();
  }

  select(name) {
    this.#selected = name;
    this.#arrange();
  }

  /** Another channel, so many places further; null if there is none. */
  neighbour(steps) {
    const names = this.#shown().map(channel => channel.name);
    const at = names.indexOf(this.#selected);
    const next = at < 0 ? (steps > 0 ? 0 : names.length - 1) : at + steps;
    return names[Math.min(names.length - 1, Math.max(0, next))] ?? null;
  }

  #shown() {
    const wanted = this.filter.value.trim().toLowerCase();
    return this.#channels.filter(channel => `${channel.name} ${channel.kind} ${channel.type ?? ""}`.toLowerCase().includes(wanted));
  }

  #arrange() {
    const items = this.#shown().map(channel => this.#items.get(channel.name));
    for (const item of this.#items.values())
      item.select(item.name === this.#selected);
    const there = [...this.list.children];
    if (there.length !== items.length || items.some((item, i) => item.element !== there[i]))
      this.list.replaceChildren(...items.map(item => item.element));
  }
}

// What tells paths apart is their end.
const short = name => name.startsWith("@") || !name.includes("/") ? name : `…/${name.slice(name.lastIndexOf("/") + 1)}`;

class Item {
  #kind = make("span", { class: "kind" });
  #rate = make("span", { class: "rate" });
  #sparkline = new Sparkline();
  #link;

  constructor(name) {
    this.name = name;
    this.#link = make("a", { href: address(name) },
      make("bdi", { class: "name", title: name }, short(name)), this.#rate, this.#kind, this.#sparkline.element);
    this.element = make("li", {}, this.#link);
  }

  update(channel) {
    say(this.#kind, channel.kind);
    say(this.#rate, channel.isDenied ? "" : rate(channel.rate));
    this.#link.classList.toggle("denied", channel.isDenied);
    this.#sparkline.add(channel.rate);
  }

  select(isSelected) {
    if (isSelected)
      this.#link.setAttribute("aria-current", "page");
    else
      this.#link.removeAttribute("aria-current");
  }
}

/** The channels as a table, which is there when none is selected. */
export class Table {
  #rows = new Map();
  #body = make("tbody");
  #none = make("p", { class: "none" }, "No channels were found. ", make("code", {}, "typedshm demo"), " makes one.");

  constructor() {
    const heads = columns.map(([title]) => make("th", { scope: "col", class: isNumber.has(title) ? "number" : "" }, title));
    this.element = make("section", {}, make("h2", {}, "Channels"),
      make("div", { class: "scroll" }, make("table", { class: "all" }, make("thead", {}, make("tr", {}, ...heads)), this.#body)),
      this.#none);
  }

  update(channels) {
    this.#none.hidden = channels.length > 0;
    const names = new Set(channels.map(channel => channel.name));
    for (const name of [...this.#rows.keys()].filter(name => !names.has(name)))
      this.#rows.delete(name);
    const rows = channels.map(channel => {
      if (!this.#rows.has(channel.name))
        this.#rows.set(channel.name, row(channel.name));
      const { element, cells } = this.#rows.get(channel.name);
      cells.forEach((cell, i) => say(cell, columns[i + 1][1](channel)));
      element.classList.toggle("denied", channel.isDenied);
      return element;
    });
    if (rows.length !== this.#body.children.length || rows.some((element, i) => element !== this.#body.children[i]))
      this.#body.replaceChildren(...rows);
  }

  dispose() {
    this.element.remove();
  }
}

function row(name) {
  const cells = columns.slice(1).map(([title]) => make("td", { class: isNumber.has(title) ? "number" : "" }));
  const link = make("a", { href: address(name) }, make("bdi", { title: name }, name));
  return { element: make("tr", {}, make("th", { scope: "row" }, link), ...cells), cells };
}
