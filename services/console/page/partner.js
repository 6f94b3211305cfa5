// Left: the case as the partner sees it in the community.
import { h, fill, field, form, notice } from "./dom.js";
import { get, post } from "./ask.js";
import { status, time, tone } from "./words.js";

const at = (partner, id, rest = "") => `/sides/community/${encodeURIComponent(partner)}/cases/${encodeURIComponent(id)}${rest}`;

export async function read(partner, id) {
  const [found, said] = await Promise.all([get(at(partner, id)), get(at(partner, id, "/comments?limit=500"))]);
  return { ...found, comments: said.comments };
}

const area = (name, props = {}) => h("textarea", { name, rows: "2", required: true, maxlength: "4000", "data-focus": name, ...props });
const select = (name, options) => h("select", { name }, options.map((o) => h("option", { value: o }, o)));

export function raise(target, partners, raised, focus = true) {
  fill(target, "raise", () => [
    h("h3", {}, "Raise an issue"),
    form(async (data) => {
      const { partner, ...issue } = data;
      const change = await post(`/sides/community/${encodeURIComponent(partner)}/cases`, issue);
      notice(`The community took it as ${change.case_id}. Causeway carries it over now.`);
      raised(partner, change.case_id);
    }, "Send to the community",
    field("You are", select("partner", partners)),
    field("What is wrong?", h("input", { name: "title", required: true, maxlength: "200", "data-focus": "title", autocomplete: "off" })),
    field("Tell more", area("description", { rows: "3" })),
    h("div", { class: "two" }, field("How bad?", select("severity", ["MAJOR", "CRITICAL", "MINOR"])),
      field("About", select("category", ["INVOICE", "ORDER", "SHIPMENT", "PAYMENT", "EDI_TECHNICAL", "MASTER_DATA", "OTHER"])))),
  ]);
  if (focus) target.querySelector("[name=title]").focus();
}

function comment(c) {
  return h("li", { class: c.note_key ? "bubble theirs" : "bubble mine" }, h("p", { class: "who" }, c.author || "You"), h("p", {}, c.text));
}

// After each action: what happened, and both sides are looked at again.
export function show(target, c, partner, again) {
  if (!c) return fill(target, "none", () => h("p", { class: "empty" }, "Nothing chosen."));
  const act = async (rest, body, said) => { await post(at(partner, c.id, rest), body); notice(said); await again(); };
  const ended = ["closed", "rejected", "cancelled"].includes(c.status);
  const offer = c.status === "resolved" && c.resolution && !c.resolution.answer;
  fill(target, JSON.stringify(c), () => [
    h("p", { class: `status ${tone(c.status)}` }, c.status_label || status(c.status), h("span", { class: "muted" }, ` (${c.status})`)),
    h("h3", {}, c.title),
    h("dl", { class: "pairs" }, h("dt", {}, "Partner"), h("dd", {}, partner), h("dt", {}, "Case"), h("dd", {}, c.id),
      h("dt", {}, "Reference"), h("dd", {}, c.reference || "not given yet"), h("dt", {}, "About"), h("dd", {}, `${c.category}, ${c.severity}`)),
    h("p", { class: "said" }, c.description),
    c.status_reason ? h("p", { class: "said" }, c.status_reason) : null,
    c.information_request ? h("div", { class: "box ask" }, h("h4", {}, "You are asked"), h("p", {}, c.information_request.question)) : null,
    h("ul", { class: "talk", "aria-label": "Comments" }, c.comments.map(comment)),
    c.resolution ? h("div", { class: "box answer" }, h("h4", {}, "The answer"), h("p", {}, c.resolution.note),
      c.resolution.answer ? h("p", { class: "muted" }, `You have ${c.resolution.answer} it.`) : null,
      offer ? form((data) => act(`/resolutions/${encodeURIComponent(c.resolution.resolution_version)}/acceptance`, data, "Accepted. The ticket is closed next."), "Accept",
        h("input", { type: "hidden", name: "comment", value: "" })) : null,
      offer ? form((data) => act(`/resolutions/${encodeURIComponent(c.resolution.resolution_version)}/rejection`, data, "Rejected. The ticket is opened again."), "Reject",
        field("Why not?", h("input", { name: "comment", required: true, maxlength: "1000", autocomplete: "off" }))) : null) : null,
    ended ? null : form((data) => act("/comments", data, "Sent to the community."), c.information_request ? "Answer" : "Comment",
      field(c.information_request ? "Your answer" : "Say something", area("text"))),
    ended || c.status === "resolved" ? null : h("details", {}, h("summary", {}, "Withdraw the issue"),
      form((data) => act("/withdrawal", data, "Withdrawn."), "Withdraw", field("Why?", h("input", { name: "reason", maxlength: "500", autocomplete: "off" })))),
    h("p", { class: "muted" }, `As of ${time(c.updated_at)}`),
  ], c.id);
}
