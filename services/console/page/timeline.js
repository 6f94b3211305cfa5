// The middle: facts from either side, and the commands they led to with every step of theirs.
import { h, $ } from "./dom.js";
import { MARK, short, time, when } from "./words.js";

const key = (place) => `${place.topic}/${place.partition}/${place.offset}`;

// Outcomes belong under their command; everything else stands by itself.
function grouped(entries) {
  const items = [];
  const byCommand = new Map();
  for (const entry of entries) {
    const of = entry.command && byCommand.get(entry.command);
    if (entry.kind === "mapped" || !of) {
      const item = { head: entry, steps: [] };
      items.push(item);
      if (entry.command) byCommand.set(entry.command, item);
    } else of.steps.push(entry);
  }
  return items;
}

function mark(kind) {
  const [sign, word] = MARK[kind] ?? ["·", kind];
  return h("span", { class: `mark ${kind}` }, h("span", { "aria-hidden": "true" }, sign), ` ${word}`);
}

function facts(entry) {
  const version = entry.bundle_version ? h("span", { title: "Version of the rules" }, `rules v${entry.bundle_version}`) : null;
  return h("p", { class: "facts" },
    h("time", { datetime: new Date(entry.at).toISOString(), title: when(entry.at) }, time(entry.at)),
    h("span", { class: "id", title: `${entry.type} ${entry.id}` }, short(entry.id)), version);
}

function quote(entry) {
  if (!entry.text) return null;
  return h("blockquote", { class: entry.inside ? "inside" : "" }, entry.text,
    entry.inside ? h("footer", {}, "stays inside") : null);
}

function step(entry) {
  const attempt = entry.attempt > 1 ? ` attempt ${entry.attempt}` : "";
  return h("li", {}, mark(entry.kind), h("span", { class: "muted" }, `${attempt} ${time(entry.at)}`),
    entry.reason && entry.kind !== "skipped" ? h("span", { class: "reason" }, entry.reason) : null);
}

function item({ head, steps }, places) {
  const held = head.kind === "held" || head.kind === "dead-lettered";
  const last = steps.at(-1);
  const outward = head.kind === "mapped" ? (head.side === "internal" ? "to-agent" : "to-partner") : head.side === "partner" ? "from-partner" : "from-agent";
  const cause = head.cause && places.get(key(head.cause));
  const go = cause && head.kind === "mapped" ? h("a", { href: `#${CSS.escape(cause)}`, class: "cause", onclick: (event) => {
    event.preventDefault();
    const target = document.getElementById(cause);
    target.focus();
    target.scrollIntoView({ block: "center" });
  } }, "because of…") : null;
  const what = head.kind === "mapped" ? (head.side === "internal" ? "Command for the case system →" : "← Command for the community")
    : held ? "Stopped here" : head.kind === "arrived" ? (head.side === "partner" ? "Partner said →" : "← Agent said") : "";
  const id = `e-${key(head.place).replaceAll(/[^a-z0-9]/g, "-")}`;
  return h("li", { class: `entry ${outward} ${head.kind} ${last?.kind ?? ""}`, id, tabindex: "-1" },
    h("p", { class: "what" }, what, held ? mark(head.sent_back ? "intended" : head.kind) : null, last ? mark(last.kind) : null),
    h("p", { class: "sentence" }, head.sentence), quote(head),
    head.reason && !steps.length ? h("p", { class: "reason" }, head.reason) : null,
    held && head.sent_back ? h("p", { class: "muted" }, "An operator has sent it back since.") : null,
    last ? h("p", { class: "sentence small" }, last.sentence) : null,
    steps.length ? h("ol", { class: "steps", "aria-label": "Steps of this command" }, steps.map(step)) : null,
    h("div", { class: "row between" }, facts(head), go));
}

// Elements by what they show: what has not changed stays where it is, unannounced and unmoved.
let shown = new Map();

function place(list, wanted) {
  let at = list.firstChild;
  for (const element of wanted) {
    if (element === at) at = at.nextSibling;
    else list.insertBefore(element, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

export function show(found, pending) {
  const list = $("entries");
  const entries = found?.entries ?? [];
  const other = list.dataset.subject !== (found?.subject ?? "");
  list.dataset.subject = found?.subject ?? "";
  const low = other || list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  if (!entries.length) {
    shown = new Map();
    const text = pending ? "The community has it. Causeway reads it in a moment…" : "Choose a case, or raise an issue on the partner’s side.";
    return list.replaceChildren(h("li", { class: "empty" }, text));
  }
  const places = new Map(entries.map((entry) => [key(entry.place), `e-${key(entry.place).replaceAll(/[^a-z0-9]/g, "-")}`]));
  const kept = new Map();
  const rows = grouped(entries).map((one) => {
    const state = [found.subject, key(one.head.place), one.head.sent_back, ...one.steps.map((s) => key(s.place))].join();
    const row = shown.get(state) ?? item(one, places);
    kept.set(state, row);
    return row;
  });
  shown = kept;
  if (found.cut) rows.splice(1, 0, h("li", { class: "empty" }, `${found.cut} older entries are no longer shown here; the log has them.`));
  place(list, rows);
  if (low) list.scrollTop = list.scrollHeight;
}
