// Elements from plain calls; text is always text, never markup.
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (id) => document.getElementById(id);

// Replaces what is in `target` only where it differs, and never while somebody types there.
export function fill(target, key, build) {
  if (target.dataset.key === key) return;
  const busy = target.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
  if (busy && target.dataset.key && document.activeElement.value) return;
  const focused = target.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  target.dataset.key = key;
  target.replaceChildren(...[build()].flat().filter(Boolean));
  if (focused) target.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

// A labelled field.
export function field(label, control) {
  return h("label", { class: "field" }, h("span", {}, label), control);
}

// A form that says it is busy, then what happened.
export function form(submit, label, ...fields) {
  const button = h("button", { class: "main", "data-focus": `send-${label}` }, label);
  return h("form", { novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    const form = event.currentTarget;
    const missing = [...form.elements].find((e) => e.required && !e.value.trim());
    if (missing) { missing.setAttribute("aria-invalid", "true"); missing.focus(); return notice("Please fill in what is marked.", true); }
    await busy(button, async () => {
      const done = await submit(Object.fromEntries(new FormData(form)));
      if (done !== false) form.reset();
    });
  } }, ...fields, h("div", { class: "row" }, button));
}

export async function busy(button, work) {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try { return await work(); } catch (error) { notice(error.message, true); return false; } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

export function notice(text, bad = false) {
  // The drawer covers the page, so it has a line of its own.
  for (const target of [$("notice"), $("d-notice")].filter(Boolean)) {
    target.textContent = text;
    target.classList.toggle("bad", bad);
  }
}
