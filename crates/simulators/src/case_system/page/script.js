import { act, ask, byId, demo, el, keep, opened, say, show, when } from "/page/common.js";

const { people } = await demo();
const who = byId("who");
who.append(...people.map((person) => el("option", {}, person.name)));
const token = () => people[who.selectedIndex].token;
const api = (method, path, body, headers) => ask(token(), method, `/v1${path}`, body, headers);
const setup = await api("GET", "/setup");
let ticket = null;

const words = {
  created: () => "The ticket was made.",
  "status-changed": (p) => `Status: ${p.from} → ${p.to}`,
  "field-changed": (p) => `${p.field}: ${p.from || "nothing"} → ${p.to || "nothing"}`,
  "priority-changed": (p) => `Priority: ${p.from} → ${p.to}`,
  "owner-changed": (p) => `Owner: ${p.from || "nobody"} → ${p.to || "nobody"}`,
  "queue-changed": (p) => `Queue: ${p.from} → ${p.to}`,
  "title-changed": (p) => `Title: ${p.to}`,
  linked: (p) => `${p.relation} ${p.to}`,
  unlinked: (p) => `No longer ${p.relation} ${p.to}`,
};

function row(change) {
  const { kind, payload, author } = change;
  const text = payload.text ?? payload.question;
  if (text === undefined) {
    const said = (words[kind] ?? (() => kind))(payload);
    return el("li", { class: "event" }, `${said} · ${author.name} · `, when(change.at));
  }
  const inside = kind === "noted";
  const name = payload.on_behalf_of ? `${payload.on_behalf_of} (through ${author.name})` : author.name;
  const badge = inside ? "internal: never leaves the house"
    : author.role === "partner-voice" ? "from the partner"
    : kind === "asked" ? "question: the partner reads this" : "the partner reads this";
  return el("li", { class: inside ? "inside" : "public" },
    el("span", { class: "who" }, name), " ", el("span", { class: "badge" }, badge), " ",
    el("span", { class: "meta" }, when(change.at)), el("div", { class: "text" }, text));
}

async function history(id) {
  const all = [];
  for (let page = { has_more: true }; page.has_more;) {
    page = await api("GET", `/tickets/${id}/history?limit=500&after=${all.at(-1)?.id ?? 0}`);
    all.push(...page.changes);
    if (page.changes.length === 0) break;
  }
  return all;
}

function options(select, values, chosen) {
  const kept = document.activeElement === select ? select.value : chosen;
  show(select, JSON.stringify([values, chosen]), () => values.map(([value, label]) => el("option", { value }, label)));
  if (select.value !== kept) select.value = kept;
}

function facts(ticket) {
  const pairs = [["Status", ticket.status], ["Queue", ticket.queue], ["Owner", ticket.owner || "nobody"],
    ["Priority", ticket.priority], ["Partner", ticket.partner_id], ["Case", ticket.external_id],
    ...Object.entries(ticket.fields ?? {})];
  return pairs.filter(([, value]) => value !== "").flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))]);
}

async function draw(moved) {
  const id = opened();
  const { tickets } = await api("GET", "/tickets?limit=100&before=9007199254740991");
  byId("none").hidden = tickets.length > 0;
  show(byId("list"), JSON.stringify([id, tickets.map((t) => [t.id, t.version])]), () => tickets.map((t) =>
    el("li", {}, el("a", { href: `#${t.id}`, "aria-current": String(t.id) === id ? "true" : null },
      `${t.id} · ${t.title}`, el("div", { class: "meta" },
        el("span", { class: "status" }, t.status), ` · ${t.partner_id || "ours"} · ${t.owner || "nobody"}`)))));
  document.body.classList.toggle("open", id !== "");
  byId("choose").hidden = id !== "";
  ticket = id === "" ? null : await api("GET", `/tickets/${encodeURIComponent(id)}`);
  byId("ticket").hidden = ticket === null;
  if (ticket === null) return;
  byId("title").textContent = `${ticket.id} · ${ticket.title}`;
  const key = `${ticket.id}/${ticket.version}`;
  show(byId("facts"), key, () => facts(ticket));
  byId("description").textContent = ticket.description;
  if (byId("history").dataset.key !== key) {
    const changes = await history(ticket.id);
    show(byId("history"), key, () => changes.map(row));
  }
  const moves = setup.statuses.find((s) => s.name === ticket.status)?.may_become ?? [];
  options(byId("status"), [[ticket.status, `${ticket.status} (now)`], ...moves.map((s) => [s, s])], ticket.status);
  options(byId("owner"), [["", "nobody"], ...setup.owners.map((o) => [o, o])], ticket.owner);
  toward();
  if (moved) {
    say("");
    byId("text").value = "";
    byId("title").focus();
  }
}

const toward = () => { byId("resolving").hidden = byId("status").value !== "resolved" || ticket.status === "resolved"; };
const again = keep(draw);
who.addEventListener("change", () => again(false));
byId("status").addEventListener("change", toward);

const place = () => byId("words").elements.place.value;
byId("words").addEventListener("change", () => {
  const inside = place() === "notes";
  byId("words").className = inside ? "inside" : "public";
  byId("send").textContent = inside ? "Keep it inside" : place() === "questions" ? "Ask the partner" : "Send to the partner";
});
byId("words").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [where, id] = [place(), ticket.id];
  const done = where === "notes" ? "The note is kept inside." : "The partner will read it.";
  if (await act(event.target, done, () => api("POST", `/tickets/${id}/${where}`, { text: byId("text").value }))) {
    byId("text").value = "";
  }
  again(false);
});

// Bound to the version on the screen: what somebody else changed meanwhile is seen first.
const update = (form, done, body) =>
  act(form, done, () => api("PATCH", `/tickets/${ticket.id}`, body, { "if-match": `"${ticket.version}"` }));
byId("move").addEventListener("submit", async (event) => {
  event.preventDefault();
  const status = byId("status").value;
  const note = byId("resolving").hidden ? "" : byId("resolution").value.trim();
  const body = note ? { status, fields: { "Resolution Note": note } } : { status };
  if (await update(event.target, `The status is ${status}.`, body)) byId("resolution").value = "";
  byId("status").blur();
  again(false);
});
byId("assign").addEventListener("submit", async (event) => {
  event.preventDefault();
  const owner = byId("owner").value;
  await update(event.target, owner ? `${owner} owns the ticket.` : "Nobody owns the ticket.", { owner });
  again(false);
});
