// What is shown, and when it is looked at again: at an action, or when the stream says that something changed.
import { $, fill, h, notice } from "./dom.js";
import { get, history, listen } from "./ask.js";
import { board, totals } from "./board.js";
import * as timeline from "./timeline.js";
import * as partner from "./partner.js";
import * as agent from "./agent.js";
import * as drawer from "./drawer.js";

const state = { about: {}, cases: [], selected: null, raising: false, fresh: null };
const left = document.querySelector("#partner .body");
const right = document.querySelector("#agent .body");

const known = () => state.cases.find((c) => c.subject === state.selected) ?? (state.fresh?.subject === state.selected ? state.fresh : null);

// One look at a time; whatever is asked meanwhile leads to one more.
function once(work) {
  let running = null;
  let more = false;
  return () => {
    if (running) { more = true; return running; }
    running = (async () => {
      do { more = false; await work().catch((error) => notice(error.message, true)); } while (more);
      running = null;
    })();
    return running;
  };
}

const missing = (error) => { if (error.status === 404) return null; throw error; };

const look = once(async () => {
  const one = known();
  const subject = state.selected;
  const found = subject ? await history(subject).catch(missing) : null;
  if (subject !== state.selected) return;
  timeline.show(found, Boolean(one && !found));
  if (!state.about.sides) return readOnly(found);
  const theCase = one?.partner && one.case_id ? partner.read(one.partner, one.use_case, one.case_id) : Promise.resolve(null);
  const ticket = found?.ticket_id ? agent.read(found.ticket_id) : Promise.resolve(null);
  const [c, t] = await Promise.allSettled([theCase, ticket]);
  if (subject !== state.selected) return;
  if (!state.raising) sides(left, c, (value) => partner.show(left, value, one?.partner, one?.use_case, look));
  sides(right, t, (value) => agent.show(right, value, look));
});

function sides(target, settled, show) {
  if (settled.status === "fulfilled") return show(settled.value);
  fill(target, settled.reason.message, () => h("p", { class: "box ask" }, settled.reason.message));
}

// Without simulators: what the log knows of both sides.
function readOnly(found) {
  const pairs = (title, word, id) => [h("h3", {}, title || "–"), h("p", { class: "status still" }, word || "nothing yet"),
    h("p", { class: "muted" }, id ? `Record ${id}` : ""), h("p", { class: "muted" }, "As the log knows it.")];
  if (!found) return;
  fill(left, JSON.stringify(found), () => pairs(found.title, found.partner_status, found.case_id));
  fill(right, JSON.stringify(found), () => pairs(found.title, found.internal_status, found.ticket_id));
}

const list = once(async () => {
  const found = await get("/api/cases");
  state.cases = found.cases;
  if (!state.selected && !state.raising && found.cases.length) state.selected = found.cases[0].subject;
  const wanted = $("reference").value.trim();
  if (wanted) state.cases = (await get(`/api/search?reference=${encodeURIComponent(wanted)}`)).found;
  shown();
  totals(found.totals);
  // Who comes first has nothing to look at yet: begin with what a partner would do.
  if (found.caught_up && !found.cases.length && !state.fresh && !state.raising && state.about.sides) raise(false);
});

// The board holds what the kind that is chosen there lets through.
const shown = () => board(state.cases.filter((c) => !$("kind").value || c.use_case === $("kind").value), state.selected, choose);

$("kind").addEventListener("change", shown);
$("find").addEventListener("submit", (event) => event.preventDefault());
$("reference").addEventListener("input", () => list());

function choose(subject) {
  state.selected = subject;
  state.raising = false;
  shown();
  look();
}

function raise(focus = true) {
  state.raising = true;
  state.selected = null;
  tab("partner");
  shown();
  timeline.show(null, false);
  agent.show(right, null, look);
  partner.raise(left, state.about.sides.partners, (who, id) => {
    state.fresh = { subject: `case/${state.about.sides.system}/${id}`, partner: who, case_id: id, use_case: "issue" };
    choose(state.fresh.subject);
  }, focus);
}

function tab(name, focus = false) {
  $("main").dataset.tab = name;
  for (const one of document.querySelectorAll("[role=tab]")) {
    const on = one.id === `tab-${name}`;
    one.setAttribute("aria-selected", String(on));
    one.tabIndex = on ? 0 : -1;
    if (on && focus) one.focus();
  }
}

function tabs() {
  const names = ["partner", "middle", "agent"];
  for (const name of names) {
    $(`tab-${name}`).addEventListener("click", () => tab(name));
    $(`tab-${name}`).addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: 2 }[event.key];
      if (step) tab(names[(names.indexOf(name) + step) % 3], true);
    });
  }
}

function line(up) {
  $("live").textContent = up ? "● live" : "○ connecting…";
  $("live").classList.toggle("down", !up);
}

async function begin() {
  tabs();
  line(false);
  state.about = await get("/api/about");
  for (const note of document.querySelectorAll("[data-sim]")) note.hidden = !state.about.sides;
  $("raise").hidden = !state.about.sides;
  $("raise").addEventListener("click", () => raise());
  $("break").hidden = !state.about.control;
  $("break").addEventListener("click", () => drawer.toggle().catch((error) => notice(error.message, true)));
  if (!localStorage.getItem("understood")) $("welcome").hidden = false;
  $("understood").addEventListener("click", () => { localStorage.setItem("understood", "1"); $("welcome").hidden = true; $("main").focus(); });
  listen((change) => {
    line(true);
    if (!change.caught_up) notice("Reading the log from its beginning…");
    else if ($("notice").textContent.startsWith("Reading the log")) notice("");
    totals(change.totals);
    if (change.all || change.subjects.length) list().then(() => { if (change.all || change.subjects.includes(state.selected)) return look(); });
    if (state.about.control) drawer.refresh().catch((error) => notice(error.message, true));
  }, line);
}

begin().catch((error) => notice(error.message, true));
