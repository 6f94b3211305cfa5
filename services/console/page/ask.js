// The console's own interface; nothing else is ever asked.
async function answer(response) {
  const text = await response.text();
  let body = {};
  try { body = text ? JSON.parse(text) : {}; } catch { body = { error: text.slice(0, 200) }; }
  if (!response.ok) {
    const error = new Error(body.error ?? body.detail ?? `The answer was ${response.status}.`);
    error.status = response.status;
    throw error;
  }
  return body;
}

const subject = (text) => text.split("/").map(encodeURIComponent).join("/");

export const get = async (path) => answer(await fetch(path));
export const send = async (method, path, body = {}) => answer(await fetch(path, {
  method,
  headers: { "content-type": "application/json", "x-causeway-console": "1" },
  body: JSON.stringify(body),
}));
export const post = (path, body) => send("POST", path, body);
export const history = (key) => get(`/api/cases/${subject(key)}`);

// Calls back with what changed; says whether the line is up.
export function listen(changed, line) {
  const stream = new EventSource("/api/stream");
  stream.addEventListener("changed", (event) => changed(JSON.parse(event.data)));
  stream.addEventListener("open", () => line(true));
  stream.addEventListener("error", () => line(false));
}
