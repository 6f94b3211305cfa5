// Left: the record as the partner sees it in the community.
import { h, fill, field, form, notice } from "./dom.js";
import { get, post } from "./ask.js";
import { time } from "./words.js";
import { area } from "./record.js";
import * as issue from "./issue.js";
import * as discrepancy from "./discrepancy.js";
import * as document_ from "./document.js";
import * as onboarding from "./onboarding.js";

// Where each use case's records are in the community, and whether their comments are asked for apart.
const ROOMS = {
  issue: { path: "cases", comments: true, show: issue.show },
  discrepancy: { path: "discrepancies", comments: true, show: discrepancy.show },
  document: { path: "documents", comments: true, show: document_.show },
  onboarding: { path: "onboarding", comments: false, show: onboarding.show },
};
const room = (useCase) => ROOMS[useCase] ?? ROOMS.issue;

const at = (partner, useCase, id, rest = "") => `/sides/community/${encodeURIComponent(partner)}/${room(useCase).path}/${encodeURIComponent(id)}${rest}`;

export async function read(partner, useCase, id) {
  const said = room(useCase).comments ? get(at(partner, useCase, id, "/comments?limit=500")) : Promise.resolve({});
  const [found, { comments }] = await Promise.all([get(at(partner, useCase, id)), said]);
  return { ...found, comments: comments ?? found.comments ?? [] };
}

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

// After each action: what happened, and both sides are looked at again.
export function show(target, c, partner, useCase, again) {
  if (!c) return fill(target, "none", () => h("p", { class: "empty" }, "Nothing chosen."));
  const act = async (rest, body, said) => { await post(at(partner, useCase, c.id, rest), body); notice(said); await again(); };
  fill(target, JSON.stringify(c), () => [...room(useCase).show(c, partner, act), h("p", { class: "muted" }, `As of ${time(c.updated_at)}`)], c.id);
}
