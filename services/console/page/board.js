// The list of cases on top.
import { h, fill, $ } from "./dom.js";
import { took, tone } from "./words.js";

const KIND = { issue: "Issue", document: "Document", onboarding: "Onboarding", discrepancy: "Discrepancy" };
// Of a document the title may be what nobody should read: its type and version say enough.
const title = (c) => (c.use_case === "document" ? `${c.title}, version ${c.version}` : c.title || c.subject);

export function board(cases, selected, choose) {
  const state = JSON.stringify([cases.map((c) => [c.subject, c.use_case, c.title, c.partner_status, c.internal_status, c.held, c.stuck, c.version]), selected]);
  fill($("board"), state, () => {
    if (!cases.length) return [h("li", { class: "empty" }, $("reference").value.trim() ? "Nothing carries this number." : "No case yet.")];
    return cases.map((c) => h("li", {}, h("button", {
      type: "button", class: "case", "aria-current": c.subject === selected ? "true" : null, "data-focus": c.subject,
      onclick: () => choose(c.subject),
    },
    h("span", { class: "title" }, title(c)),
    h("span", { class: "muted" }, KIND[c.use_case] ?? ""),
    c.references.length ? h("span", { class: "muted" }, c.references.join(", ")) : null,
    h("span", { class: "words" }, h("span", { class: "muted" }, c.partner),
      h("span", { class: `dot ${tone(c.partner_status)}` }, c.partner_status || "–"), h("span", { "aria-hidden": "true" }, "⇄"),
      h("span", { class: `dot ${tone(c.internal_status)}` }, c.internal_status || "no ticket"),
      c.held ? h("span", { class: "mark held" }, "! held") : null,
      c.stuck ? h("span", { class: "mark waiting" }, "… waiting") : null))));
  });
}

export function totals(t) {
  const pairs = [["Events", t.events], ["Commands", t.commands], ["Applied", t.applied], ["Held", t.held], ["Refused", t.refused],
    ["Waiting", t.waiting], ["Event → effect, median", took(t.latency_ms)]];
  fill($("totals"), JSON.stringify(t), () => pairs.map(([name, value]) =>
    h("div", { class: (name === "Held" || name === "Waiting") && value ? "warn" : "" }, h("dt", {}, name), h("dd", {}, String(value)))));
}
