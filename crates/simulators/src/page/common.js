// What both pages share. Everything that came from outside becomes text, never markup.
export const byId = (id) => document.getElementById(id);

/** An element: `el("p", { class: "meta" }, "text", child)`. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export const when = (ms) => el("time", { datetime: new Date(ms).toISOString() }, new Date(ms).toLocaleString());

export function say(text, bad = false) {
  const place = byId("message");
  place.textContent = text;
  place.classList.toggle("bad", bad);
}

export const demo = async () => (await fetch("/page/demo.json")).json();

/** One request as whoever is chosen; throws what the problem says. */
export async function ask(token, method, path, body, headers = {}) {
  const answer = await fetch(path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}), ...headers },
    body: body ? JSON.stringify(body) : undefined,
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail || `The answer was ${answer.status}.`);
  return said;
}

/** Runs an action once at a time and says what became of it. True where it was done. */
export async function act(form, done, action) {
  const buttons = [...form.querySelectorAll("button")].filter((button) => !button.disabled);
  buttons.forEach((button) => { button.disabled = true; });
  try {
    await action();
    say(done);
    return true;
  } catch (error) {
    say(error.message, true);
    return false;
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
}

/** Replaces what a place shows, only where it differs: a screen reader and a selection are left in peace. */
export function show(place, key, make) {
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(...make());
}

/** What is open is in the address, so that the browser's own back works. */
export const opened = () => decodeURIComponent(location.hash.slice(1));

/** Draws now, when another record is opened, and every two seconds while somebody can see it. */
export function keep(draw) {
  let drawing = null;
  const again = (moved) => {
    drawing = (drawing ?? Promise.resolve()).then(() => draw(moved)).catch((error) => say(error.message, true));
    return drawing;
  };
  addEventListener("hashchange", () => again(true));
  setInterval(() => { if (!document.hidden) again(false); }, 2000);
  again(true);
  return again;
}
