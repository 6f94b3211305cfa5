// Left: a discrepancy as the partner sees it in the community.
import { h, field, form } from "./dom.js";
import { answerBox, area, day, facts, head, talk, withdrawal } from "./record.js";

const ENDED = ["settled", "withdrawn", "rejected"];
const words = (...parts) => parts.filter((part) => part !== null && part !== undefined && part !== "").join(" ");

const line = (l) => h("li", {}, words(`Line ${l.line_no}:`, l.buyer_item || l.seller_item || l.description, l.ordered && `ordered ${l.ordered}`,
  l.received && `received ${l.received}`, l.uom));
const outcome = (l) => h("li", {}, words(`Line ${l.line_no}:`, l.decision, l.quantity, l.uom, l.amount, l.currency, l.remedy, l.reason && `– ${l.reason}`, l.reference));

export function show(c, partner, act) {
  const offer = c.status === "outcome-proposed" && c.outcome && !c.outcome.answer;
  const answer = (word) => `/outcomes/${encodeURIComponent(c.outcome.outcome_version)}/${word}`;
  return [
    ...head(c),
    facts([["Partner", partner], ["Discrepancy", c.id], ["Reference", c.reference || "not given yet"], ["Kind", words(c.kind, c.code && `(${c.code_list} ${c.code})`)],
      ["Numbers", c.documents.map((d) => `${d.type_code} ${d.number}`).join(", ") || "none"]]),
    h("p", { class: "said" }, c.description),
    h("ul", { class: "talk", "aria-label": "Lines" }, c.lines.map(line)),
    c.status_reason ? h("p", { class: "said" }, c.status_reason) : null,
    c.evidence_request ? h("div", { class: "box ask" }, h("h4", {}, "You are asked for evidence"), h("p", {}, c.evidence_request.question),
      c.evidence_request.document_types.length ? h("p", { class: "muted" }, `Documents: ${c.evidence_request.document_types.join(", ")}`) : null,
      form((data) => act("/evidence", data, "Given to the community."), "Give evidence", field("What you found", area("text")))) : null,
    talk(c.comments),
    c.outcome ? answerBox(`The outcome of round ${c.outcome.round}`, [h("p", {}, c.outcome.note), h("ul", {}, c.outcome.lines.map(outcome)),
      c.outcome.confirm_by ? h("p", { class: "muted" }, `Please answer by ${day(c.outcome.confirm_by)}.`) : null], c.outcome.answer, offer ? [
      form((data) => act(answer("confirmation"), data, "Confirmed. Both sides settle next."), "Confirm", h("input", { type: "hidden", name: "comment", value: "" })),
      form((data) => act(answer("contest"), data, "Contested. Another round begins."), "Contest",
        field("Why not?", h("input", { name: "comment", required: true, maxlength: "1000", autocomplete: "off" })))] : []) : null,
    c.escalated ? h("div", { class: "box ask" }, h("h4", {}, "Escalated"), h("p", {}, c.escalated)) : null,
    c.settlement ? h("p", { class: "said" }, c.settlement) : null,
    ENDED.includes(c.status) ? null : form((data) => act("/comments", data, "Sent to the community."), "Comment", field("Say something", area("text"))),
    ENDED.includes(c.status) || offer ? null : withdrawal("Withdraw the discrepancy", act),
  ];
}
