// Right: the ticket as an agent sees it.
import { h, fill, field, form, busy, notice } from "./dom.js";
import { get, post, send } from "./ask.js";
import { time, tone } from "./words.js";

const at = (id, rest = "") => `/sides/desk/tickets/${encodeURIComponent(id)}${rest}`;
let setup;

export async function read(id) {
  setup ??= await get("/sides/desk/setup");
  const [ticket, past] = await Promise.all([get(at(id)), get(at(id, "/history?limit=500"))]);
  return { ...ticket, changes: past.changes };
}

function line(change) {
  const p = change.payload;
  const who = (label) => h("p", { class: "who" }, `${p.on_behalf_of || change.author.name} – ${label}`, h("time", {}, ` ${time(change.at)}`));
  if (change.kind === "replied") {
    const partner = change.author.role === "partner-voice";
    return h("li", { class: `bubble ${partner ? "theirs" : "mine"}` }, who(partner ? "the partner" : "reply, the partner reads it"), h("p", {}, p.text));
  }
  if (change.kind === "noted") return h("li", { class: "bubble inside" }, who("internal note"), h("p", {}, p.text), h("p", { class: "lock" }, "stays inside"));
  if (change.kind === "asked") return h("li", { class: "bubble mine" }, who("question to the partner"), h("p", {}, p.question));
  const text = { "status-changed": () => `${p.from} → ${p.to}`, "owner-changed": () => `owner: ${p.to || "nobody"}`, created: () => `made in ${p.queue}`,
    "field-changed": () => `${p.field}: ${p.to}`, "priority-changed": () => `priority ${p.to}` }[change.kind]?.() ?? change.kind;
  return h("li", { class: "change" }, `${time(change.at)} ${change.author.name}: ${text}`);
}

export function show(target, t, again) {
  if (!t) return fill(target, "none", () => h("p", { class: "empty" }, "No ticket yet. It appears once Causeway has made it."));
  const act = async (method, rest, body, said) => { await send(method, at(t.id, rest), body); notice(said); await again(); };
  const moves = setup.statuses.find((s) => s.name === t.status)?.may_become ?? [];
  const input = (name) => h("textarea", { name, rows: "2", required: true, maxlength: "8000", "data-focus": name });
  fill(target, JSON.stringify(t), () => [
    h("p", { class: `status ${tone(t.status)}` }, t.status, h("span", { class: "muted" }, `  ticket ${t.id}`)),
    h("h3", {}, t.title),
    h("dl", { class: "pairs" }, h("dt", {}, "Owner"), h("dd", {}, t.owner || "nobody"), h("dt", {}, "Queue"), h("dd", {}, t.queue),
      h("dt", {}, "Priority"), h("dd", {}, String(t.priority)), h("dt", {}, "Known outside as"), h("dd", {}, t.external_id)),
    h("p", { class: "said" }, t.description),
    h("details", {}, h("summary", {}, "Fields"), h("dl", { class: "pairs" }, Object.entries(t.fields).flatMap(([name, value]) => [h("dt", {}, name), h("dd", { class: "said" }, value)])),
      form((data) => act("PATCH", "", { fields: { [data.field]: data.value } }, `${data.field} is set.`), "Set field",
        field("Field", h("select", { name: "field" }, setup.fields.map((f) => h("option", { value: f.name }, f.name)))), field("Value", input("value")))),
    h("ul", { class: "talk", "aria-label": "History of the ticket" }, t.changes.map(line)),
    h("div", { class: "row moves", role: "group", "aria-label": "Move the ticket" }, h("span", { class: "muted" }, "Move to"),
      moves.filter((m) => !["deleted", "resolved"].includes(m)).map((to) => h("button", { type: "button", class: "quiet", "data-focus": `to-${to}`,
        onclick: (event) => busy(event.currentTarget, () => act("PATCH", "", { status: to }, `The ticket is now ${to}.`)) }, to))),
    h("div", { class: "two" },
      form((data) => act("POST", "/replies", data, "Replied. The partner sees it in a moment."), "Reply", field("Reply to the partner", input("text"))),
      h("div", { class: "insidebox" }, form((data) => act("POST", "/notes", data, "Noted. It stays inside."), "Note", field("Internal note – stays inside", input("text"))))),
    h("details", {}, h("summary", {}, "Ask the partner"),
      form((data) => act("POST", "/questions", data, "Asked. The ticket waits for the partner."), "Ask", field("Question", input("text")))),
    moves.includes("resolved") ? h("details", {}, h("summary", {}, "Resolve with a note"),
      form((data) => act("PATCH", "", { status: "resolved", fields: { "Resolution Note": data.note } }, "Resolved. The partner is offered the answer."), "Resolve",
        field("Answer for the partner", input("note")))) : null,
    setup.owners?.length ? h("details", {}, h("summary", {}, "Change the owner"),
      form((data) => act("PATCH", "", data, "The owner is changed. The partner never sees who."), "Set owner",
        field("Owner", h("select", { name: "owner" }, ["", ...setup.owners].map((o) => h("option", { value: o }, o || "nobody")))))) : null,
  ], String(t.id));
}
