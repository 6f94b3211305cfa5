// Left: a document as the partner sees it in the community.
import { h, field, form } from "./dom.js";
import { area, facts, head, talk, withdrawal } from "./record.js";

const ENDED = ["withdrawn", "superseded"];

function version(v) {
  const { decision } = v;
  return h("li", { class: "change" }, h("p", {}, `Version ${v.version_no}: ${v.file.file_name}, ${v.file.size} bytes – ${v.status}`),
    v.valid_to ? h("p", { class: "muted" }, `Valid until ${v.valid_to}`) : null,
    v.refusal ? h("p", {}, `Not passed on: ${v.refusal}`) : null,
    decision ? h("p", {}, `${decision.label}${decision.comment ? `: ${decision.comment}` : ""}`) : null,
    decision?.corrections.length ? h("ul", {}, decision.corrections.map((c) => h("li", {}, `${c.term} ${c.value ?? ""}`.trim()))) : null);
}

export function show(c, partner, act) {
  return [
    ...head(c),
    facts([["Partner", partner], ["Document", c.id], ["Reference", c.reference || "not given yet"], ["Type", c.type_code],
      ["Numbers", c.references.map((d) => `${d.type_code} ${d.number}`).join(", ") || "none"],
      ["On offer", c.offered ? `version ${c.offered}` : "no version yet"]]),
    h("p", { class: "said" }, c.description),
    c.status_reason ? h("p", { class: "said" }, c.status_reason) : null,
    h("ul", { class: "talk", "aria-label": "Versions" }, c.versions.map(version)),
    c.renewal ? h("div", { class: "box ask" }, h("h4", {}, "Please renew it"), h("p", {}, c.renewal.text)) : null,
    talk(c.comments),
    ENDED.includes(c.status) ? null : form((data) => act("/comments", data, "Sent to the community."), "Comment", field("Say something", area("text"))),
    ENDED.includes(c.status) ? null : withdrawal("Withdraw the document", act),
  ];
}
