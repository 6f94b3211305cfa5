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

const name = (control) => `${control.closest("form")?.dataset.form ?? ""}|${control.dataset.focus ?? control.name ?? ""}`;

// What somebody is in the middle of: drafts, the place of the cursor, what is unfolded.
function keep(target) {
  const drafts = [...target.querySelectorAll("form:not([data-sending]) :is(input, textarea)")].filter((c) => c.value && c.type !== "hidden");
  const focus = target.contains(document.activeElement) ? document.activeElement : null;
  return { drafts: drafts.map((c) => [name(c), c.value]), focus: focus && name(focus), at: focus?.selectionStart,
    open: [...target.querySelectorAll("details[open] > summary")].map((s) => s.textContent) };
}

function restore(target, kept) {
  for (const summary of target.querySelectorAll("summary")) summary.parentElement.open = kept.open.includes(summary.textContent);
  const drafts = new Map(kept.drafts);
  for (const control of target.querySelectorAll("form :is(input, textarea)")) {
    if (control.type !== "hidden" && drafts.has(name(control))) control.value = drafts.get(name(control));
  }
  const focus = kept.focus && [...target.querySelectorAll("button, input, textarea, select")].find((c) => name(c) === kept.focus);
  focus?.focus();
  if (focus?.setSelectionRange && kept.at !== null) focus.setSelectionRange(kept.at, kept.at);
}

// Replaces what is in `target` where it differs; of the same record nothing is lost that somebody began.
export function fill(target, key, build, record = "") {
  if (target.dataset.key === key) return;
  const kept = target.dataset.record === record ? keep(target) : null;
  target.dataset.key = key;
  target.dataset.record = record;
  target.replaceChildren(...[build()].flat().filter(Boolean));
  if (kept) restore(target, kept);
}

// A labelled field.
export function field(label, control) {
  return h("label", { class: "field" }, h("span", {}, label), control);
}

// A form that says it is busy, then what happened.
export function form(submit, label, ...fields) {
  const button = h("button", { class: "main", "data-focus": `send-${label}` }, label);
  return h("form", { novalidate: true, "data-form": label, onsubmit: async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    const form = event.currentTarget;
    const missing = [...form.elements].find((e) => e.required && !e.value.trim());
    if (missing) { missing.setAttribute("aria-invalid", "true"); missing.focus(); return notice("Please fill in what is marked.", true); }
    const data = Object.fromEntries(new FormData(form));
    form.dataset.sending = "";
    await busy(button, async () => {
      await submit(data);
      form.reset();
    });
    delete form.dataset.sending;
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
