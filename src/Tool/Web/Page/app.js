import { Channel } from "./channel.js";
import { make, press, say } from "./dom.js";
import { follow } from "./events.js";
import { List, Table } from "./list.js";
import { address, place } from "./place.js";

const spans = [[30, "30 s"], [120, "2 min"], [600, "10 min"]];
const states = {
  live: "live",
  lost: "Connection lost: typedshm web has ended, or is busy. Trying again.",
  refused: "Refused. Open the address that typedshm web has printed, with its token.",
};

const main = document.getElementById("main");
const link = document.getElementById("link");
const pause = document.getElementById("pause");
const filter = document.getElementById("filter");
const list = new List(document.getElementById("channels"), filter);

let view = null;
let close = () => {};
let span = spans[1][0];
let isPaused = false;
let channels = [];

function received(name, data) {
  switch (name) {
    case "channels":
      channels = data.channels;
      say(document.getElementById("machine"), data.machine);
      document.getElementById("hidden").replaceChildren(...data.hidden.map(hidden => make("p", {}, hidden)));
      list.update(channels);
      if (view instanceof Table)
        view.update(channels);
      break;
    case "channel":
      view.opened(data);
      break;
    case "fields":
      view.fields(data);
      break;
    case "sample":
      view.sample(data);
      if (!isPaused && !document.hidden)
        view.render(span);
      break;
    case "problem":
      view.problem(data.message);
      break;
  }
}

function changed(state) {
  link.className = `link ${state}`;
  say(link, states[state]);
}

// Shows what the address says.
function show() {
  close();
  view?.dispose();
  const { token, channel, element } = place();
  document.getElementById("home").href = address(null);
  document.title = channel === null ? "typedshm" : `${channel} · typedshm`;
  list.select(channel);
  view = channel === null ? new Table() : new Channel(channel, element);
  main.append(view.element);
  if (view instanceof Table)
    view.update(channels);
  const query = channel === null ? "" : `?${new URLSearchParams({ channel, element })}`;
  close = follow(`events${query}`, token, received, changed);
}

function setPaused(paused) {
  isPaused = paused;
  press(pause, paused);
  say(pause, paused ? "Go on" : "Pause");
  if (!paused && view instanceof Channel)
    view.render(span);
}

function setSpan(seconds) {
  span = seconds;
  [...document.getElementById("spans").children].forEach((button, i) => press(button, spans[i][0] === span));
  if (view instanceof Channel)
    view.render(span);
}

function walk(steps) {
  const name = list.neighbour(steps);
  if (name === null)
    return;
  location.hash = address(name);
  document.querySelector("#channels [aria-current]")?.scrollIntoView({ block: "nearest" });
}

document.getElementById("spans").append(...spans.map(([seconds, title]) => {
  const button = make("button", { type: "button" }, title);
  button.addEventListener("click", () => setSpan(seconds));
  return button;
}));
pause.addEventListener("click", () => setPaused(!isPaused));
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey)
    return;
  const isTyping = event.target instanceof HTMLInputElement;
  if (isTyping && event.target === filter && event.key === "Escape") {
    filter.value = "";
    filter.dispatchEvent(new Event("input"));
    filter.blur();
    return;
  }
  if (isTyping && !(event.target === filter && event.key.startsWith("Arrow")))
    return;
  const action = { "/": () => filter.focus(), p: () => setPaused(!isPaused), ArrowDown: () => walk(1), ArrowUp: () => walk(-1) }[event.key];
  // What can be scrolled by arrows is, if it has the focus.
  if (action === undefined || (event.key.startsWith("Arrow") && event.target.closest?.(".scroll")))
    return;
  event.preventDefault();
  action();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => view instanceof Channel && view.redraw());
addEventListener("hashchange", show);
document.querySelector(".skip").addEventListener("click", event => {
  event.preventDefault();
  main.focus();
});
setPaused(false);
setSpan(span);
show();
