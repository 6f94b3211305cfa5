// Left: an issue as the partner sees it in the community.
import { h, field, form } from "./dom.js";
import { answerBox, area, facts, head, withdrawal, talk } from "./record.js";

const ENDED = ["closed", "rejected", "cancelled"];

export function show(c, partner, act) {
  const offer = c.status === "resolved" && c.resolution && !c.resolution.answer;
  const answer = (word) => `/resolutions/${encodeURIComponent(c.resolution.resolution_version)}/${word}`;
  return [
    ...head(c),
    facts([["Partner", partner], ["Case", c.id], ["Reference", c.reference || "not given yet"], ["About", `${c.category}, ${c.severity}`]]),
    h("p", { class: "said" }, c.description),
    c.status_reason ? h("p", { class: "said" }, c.status_reason) : null,
    c.information_request ? h("div", { class: "box ask" }, h("h4", {}, "You are asked"), h("p", {}, c.information_request.question)) : null,
    talk(c.comments),
    c.resolution ? answerBox("The answer", [h("p", {}, c.resolution.note)], c.resolution.answer, offer ? [
      form((data) => act(answer("acceptance"), data, "Accepted. The ticket is closed next."), "Accept",
        h("input", { type: "hidden", name: "comment", value: "" })),
      form((data) => act(answer("rejection"), data, "Rejected. The ticket is opened again."), "Reject",
        field("Why not?", h("input", { name: "comment", required: true, maxlength: "1000", autocomplete: "off" })))] : []) : null,
    ENDED.includes(c.status) ? null : form((data) => act("/comments", data, "Sent to the community."), c.information_request ? "Answer" : "Comment",
      field(c.information_request ? "Your answer" : "Say something", area("text"))),
    ENDED.includes(c.status) || c.status === "resolved" ? null : withdrawal("Withdraw the issue", act),
  ];
}
