/** What the page shows stands in its address, behind the #, which no server is told: the token, the channel, the element of a table. */
export function place() {
  const parts = new URLSearchParams(location.hash.slice(1));
  return { token: parts.get("token") ?? "", channel: parts.get("channel"), element: Number(parts.get("element") ?? 0) };
}

/** The address of a channel in this page; of the list if it is null. */
export function address(channel, element = 0) {
  const parts = new URLSearchParams({ token: place().token });
  if (channel !== null)
    parts.set("channel", channel);
  if (element > 0)
    parts.set("element", element);
  return `#${parts}`;
}
