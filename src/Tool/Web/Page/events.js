const again = 1000;

/**
 * Follows the events of the server, with the token in a header, which an EventSource cannot send; again and again until it is closed.
 * @param {string} url
 * @param {string} token
 * @param {(name: string, data: object) => void} received
 * @param {(state: "live" | "lost" | "refused") => void} changed
 * @returns {() => void} closes it
 */
export function follow(url, token, received, changed) {
  const closed = new AbortController();
  run(url, token, received, changed, closed.signal);
  return () => closed.abort();
}

async function run(url, token, received, changed, signal) {
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store", signal });
      if (response.status === 401) {
        changed("refused");
        return;
      }
      if (!response.ok)
        throw new Error(`${response.status}`);
      changed("live");
      await read(response.body.pipeThrough(new TextDecoderStream()).getReader(), received, signal);
    } catch (error) {
      if (signal.aborted)
        return;
      console.info(`The events ended: ${error.message}`);
    }
    if (!signal.aborted)
      changed("lost");
    await new Promise(resolve => setTimeout(resolve, again));
  }
}

async function read(reader, received, signal) {
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done)
      return;
    text += value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      // Those of a view that is gone are not for the next one.
      if (signal.aborted)
        return;
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(event);
      received(name, JSON.parse(data));
    }
  }
}
