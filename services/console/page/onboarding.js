// Left: an onboarding space as the partner sees it in the community.
import { h, field, form } from "./dom.js";
import { area, day, facts, head, talk } from "./record.js";

const ANSWERABLE = ["active", "returned"];

function task(id, t, act) {
  const waits = t.waits_for.length ? `waits for ${t.waits_for.map((other) => `task ${other}`).join(", ")}` : "";
  return h("li", { class: "bubble theirs" }, h("p", { class: "who" }, t.owner_side === "PARTNER" ? "Yours" : "The house’s",
    t.mandatory ? ", needed" : ", optional", ` – ${t.status_label || t.status}`),
  h("p", {}, t.title), t.instructions ? h("p", { class: "muted" }, t.instructions) : null,
  h("p", { class: "muted" }, [`due ${day(t.due_at)}`, t.document_type && `document ${t.document_type}`, waits, t.reason].filter(Boolean).join(" · ")),
  t.owner_side === "PARTNER" && ANSWERABLE.includes(t.status) && !waits
    ? form((data) => act(`/tasks/${encodeURIComponent(id)}/submission`, data, "Handed in."), "Hand in", field(`Your answer to task ${id}`, area("answer"))) : null);
}

const milestone = ([code, m]) => h("li", {}, `${m.label || code}: ${m.state}, ${day(m.date)}${m.reason ? ` – ${m.reason}` : ""}`);

export function show(c, partner, act) {
  const { readiness } = c;
  const blockers = (readiness?.blockers ?? []).map((b) => h("li", {}, `Task ${b.task_id}${b.document_type ? `, document ${b.document_type}` : ""}`));
  return [
    ...head(c, c.programme),
    facts([["Partner", partner], ["Space", c.id], ["Their record", c.external_reference], ["Live by", day(c.target_live_at)],
      ["Overdue", c.overdue.length ? c.overdue.map((id) => `task ${id}`).join(", ") : "nothing"]]),
    c.status_reason ? h("p", { class: "said" }, c.status_reason) : null,
    c.status === "invited" ? h("div", { class: "box ask" }, h("h4", {}, "You are invited"),
      form((data) => act("/invitation/acceptance", data, "Accepted. Your tasks come next."), "Accept the invitation", h("input", { type: "hidden", name: "comment", value: "" }))) : null,
    readiness ? h("div", { class: "box answer" }, h("h4", {}, readiness.label || readiness.state), h("p", {}, `${readiness.done} of ${readiness.total} needed tasks are done.`),
      blockers.length ? h("p", {}, "Still missing:") : null, h("ul", {}, blockers),
      readiness.hidden ? h("p", { class: "muted" }, `and ${readiness.hidden} on the house’s side`) : null) : null,
    h("ul", { class: "talk", "aria-label": "Tasks" }, Object.entries(c.tasks).map(([id, t]) => task(id, t, act))),
    Object.keys(c.milestones).length ? h("ul", { "aria-label": "Milestones" }, Object.entries(c.milestones).map(milestone)) : null,
    talk(c.comments),
    form((data) => act("/questions", data, "Asked in the community."), "Ask", field("Ask something", area("text"))),
  ];
}
