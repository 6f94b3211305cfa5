import { act, ask, byId, demo, el, keep, opened, say, show, when } from "/page/common.js";

const { people } = await demo();
const who = byId("who");
who.append(...people.map((person) => el("option", {}, person.name)));
const me = () => people[who.selectedIndex];
const api = (method, path, body) => ask(me().token, method, `/partner/v1/cases${path}`, body);
let open = null;

async function pages(path, name, key) {
  const all = [];
  for (let page = { has_more: true }; page.has_more;) {
    const after = all.length ? `&after=${encodeURIComponent(all.at(-1)[key])}` : "";
    page = await api("GET", `${path}?limit=500${after}`);
    all.push(...page[name]);
    if (page[name].length === 0) break;
  }
  return all;
}

function facts(c) {
  const answer = { accepted: "accepted by you", rejected: "rejected by you" }[c.resolution?.answer];
  const pairs = [["Status", c.status_label || c.status], ["Why", c.status_reason], ["Their reference", c.reference],
    ["Expected", c.expected_resolution_at ? when(c.expected_resolution_at) : ""], ["Severity", c.severity],
    ["Category", c.category], ["Resolution", answer && c.resolution.note ? `${c.resolution.note} (${answer})` : answer]];
  return pairs.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
}

/** What stands in a form is left alone while the same thing is shown. */
function offer(form, shown, key) {
  form.hidden = !shown;
  if (form.dataset.key !== key) form.reset();
  form.dataset.key = key;
}

async function draw(moved) {
  const id = opened();
  const cases = (await pages("", "cases", "id")).reverse();
  show(byId("list"), JSON.stringify([id, me().name, cases.map((c) => [c.id, c.version])]), () => cases.map((c) =>
    el("li", {}, el("a", { href: `#${c.id}`, "aria-current": c.id === id ? "true" : null },
      c.title, el("div", { class: "meta" }, el("span", { class: "status" }, c.status_label || c.status), ` · ${c.id}`)))));
  document.body.classList.toggle("open", id !== "");
  byId("opening").hidden = id !== "new";
  open = cases.find((c) => c.id === id) ?? null;
  byId("case").hidden = open === null;
  byId("choose").hidden = open !== null || id === "new";
  if (moved) {
    say("");
    (id === "new" ? byId("opening-title") : byId("title")).focus();
  }
  if (open === null) return;
  const key = `${open.id}/${open.version}`;
  byId("title").textContent = open.title;
  show(byId("facts"), key, () => facts(open));
  byId("description").textContent = open.description;
  const asked = open.information_request?.question ?? "";
  byId("question-text").textContent = asked;
  offer(byId("question"), asked !== "", `${open.id}/${asked}`);
  const proposed = open.status === "resolved" && open.resolution?.answer === "";
  byId("resolution-note").textContent = open.resolution?.note ?? "";
  offer(byId("resolution"), proposed, `${open.id}/${open.resolution?.resolution_version ?? ""}`);
  offer(byId("comment"), !["closed", "cancelled", "rejected"].includes(open.status), open.id);
  if (byId("comments").dataset.key !== key) {
    const comments = await pages(`/${open.id}/comments`, "comments", "note_id");
    show(byId("comments"), key, () => comments.map((c) => el("li", { class: c.note_key ? "public" : "" },
      el("span", { class: "who" }, c.author), " ", c.note_key ? el("span", { class: "badge" }, "their answer") : "",
      el("div", { class: "text" }, c.text))));
  }
}

const again = keep(draw);
who.addEventListener("change", () => { location.hash = ""; again(true); });

function sends(form, done, path, body) {
  byId(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    const id = open.id;
    if (await act(event.target, done, () => api("POST", `/${id}/${path(event)}`, body()))) event.target.reset();
    again(false);
  });
}
sends("comment", "They will read it.", () => "comments", () => ({ text: byId("comment-text").value }));
sends("question", "They will read your answer.", () => "comments", () => ({ text: byId("question-answer").value }));
sends("resolution", "They will read what you decided.",
  (event) => `resolutions/${encodeURIComponent(open.resolution.resolution_version)}/${event.submitter?.value ?? "acceptance"}`,
  () => ({ comment: byId("resolution-comment").value }));

byId("open").addEventListener("submit", async (event) => {
  event.preventDefault();
  const value = (name) => byId(`new-${name}`).value;
  const body = { title: value("title"), description: value("description"), category: value("category"), severity: value("severity") };
  let made = "";
  if (await act(event.target, "The case is open.", async () => { made = (await api("POST", "", body)).case_id; })) {
    event.target.reset();
    location.hash = made;
  }
});
