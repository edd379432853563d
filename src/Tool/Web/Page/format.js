const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const unknown = "–";

export const count = value => value === null ? unknown : whole.format(value);

export function rate(value) {
  if (value === null)
    return unknown;
  if (value >= 1e6)
    return `${(value / 1e6).toFixed(2)}M/s`;
  return `${value === 0 || value >= 10 ? whole.format(Math.round(value)) : value.toFixed(1)}/s`;
}

export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++)
    value /= 1024;
  return `${short.format(value)} ${units[unit]}`;
}

export function duration(seconds) {
  if (seconds === null)
    return unknown;
  if (seconds < 1e-3)
    return `${(seconds * 1e6).toFixed(0)} µs`;
  if (seconds < 1)
    return `${(seconds * 1e3).toFixed(1)} ms`;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : age(seconds);
}

export function age(seconds) {
  if (seconds === null)
    return unknown;
  const [s, m, h] = [Math.floor(seconds), Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (s < 60)
    return `${s} s`;
  if (m < 60)
    return `${m} min ${s % 60} s`;
  return h < 48 ? `${h} h ${m % 60} min` : `${Math.floor(h / 24)} d ${h % 24} h`;
}

/** A value of a plot, as short as can be told from its neighbours, which are so far away. */
export function tick(value, distance) {
  if (Math.abs(value) >= 1e15)
    return value.toExponential(2).replace("e+", "e");
  const [unit, mark] = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]].find(([most]) => Math.abs(value) >= most) ?? [1, ""];
  const by = mark === "k" ? 1e3 : unit;
  const digits = Math.min(9, Math.max(0, Math.ceil(-Math.log10(distance / by) - 1e-9)));
  return `${(value / by).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}${mark}`;
}

/** A value of a plot, as it is read off: no more digits than it has. */
export function value(number) {
  if (Math.abs(number) >= 1e15)
    return number.toExponential(8).replace("e+", "e");
  return Number.isInteger(number) ? whole.format(number) : String(Number(number.toPrecision(9)));
}
