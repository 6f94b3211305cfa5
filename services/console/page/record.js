// Parts that records of every use case have on the partner's side.
import { h, field, form } from "./dom.js";
import { status, tone } from "./words.js";

export const area = (name, props = {}) => h("textarea", { name, rows: "2", required: true, maxlength: "4000", "data-focus": name, ...props });

export const head = (c, title = c.title) => [
  h("p", { class: `status ${tone(c.status)}` }, c.status_label || status(c.status), h("span", { class: "muted" }, ` (${c.status})`)),
  h("h3", {}, title),
];

export const facts = (pairs) => h("dl", { class: "pairs" }, pairs.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));

export function talk(comments) {
  const one = (c) => h("li", { class: c.note_key ? "bubble theirs" : "bubble mine" }, h("p", { class: "who" }, c.author || "You"),
    h("p", {}, c.removed ? "(taken away)" : c.text),
    (c.files ?? []).map((f) => h("p", { class: "muted" }, `📎 ${f.file_name}${f.withheld ? ` – not passed on: ${f.withheld}` : ""}`)));
  return h("ul", { class: "talk", "aria-label": "Comments" }, comments.map(one));
}

export const answerBox = (title, lines, answer, forms) => h("div", { class: "box answer" }, h("h4", {}, title), lines,
  answer ? h("p", { class: "muted" }, `You have ${answer} it.`) : null, forms);

export const withdrawal = (title, act) => h("details", {}, h("summary", {}, title),
  form((data) => act("/withdrawal", data, "Withdrawn."), "Withdraw", field("Why?", h("input", { name: "reason", maxlength: "500", autocomplete: "off" }))));

// A date without a time of day: what people wrote was a day.
export const day = (ms) => (ms ? new Date(ms).toISOString().slice(0, 10) : "no date");
