// "Try to break it": faults, roles, held cases, the bundle.
import { h, fill, busy, field, notice, $ } from "./dom.js";
import { get, post } from "./ask.js";
import { time } from "./words.js";

const FAULT = {
  latency: "answers slowly", "timeout-after-apply": "does it, but never answers", "too-many-requests": "refuses: too many requests (429)", outage: "is not there",
};
const SIDE = { community: "The community", desk: "The case system" };

async function act(path, body) {
  const found = await post(path, body);
  notice(found.done);
  refresh().catch((error) => notice(error.message, true));
}

const button = (label, path, body, key, style = "quiet") => h("button", { type: "button", class: style, "data-focus": key,
  onclick: (event) => busy(event.currentTarget, () => { notice(`${label}…`); return act(path, body); }) }, label);

function role(r) {
  const word = { running: "● running", stopped: "■ stopped", restarting: "↻ starting" }[r.state] ?? r.state;
  return h("li", { class: "rolerow" }, h("span", { class: "name" }, r.name), h("span", { class: `state ${r.state}` }, `${word} since ${time(r.since)}`),
    h("span", { class: "row" },
      r.state === "stopped" ? button(`Start ${r.name}`, `/control/roles/${r.name}/start`, {}, `start-${r.name}`)
        : button(`Kill ${r.name}`, `/control/roles/${r.name}/kill`, {}, `kill-${r.name}`, "danger"),
      r.resettable ? button("Read all again", `/control/roles/${r.name}/reset`, {}, `reset-${r.name}`) : null));
}

function faults(list) {
  return ["community", "desk"].map((side) => h("fieldset", {}, h("legend", {}, SIDE[side]), list.filter((s) => s.side === side).map((s) =>
    h("label", { class: "check" }, h("input", { type: "checkbox", checked: s.on, "data-focus": `${side}-${s.fault}`, onchange: (event) => {
      const box = event.currentTarget;
      busy(box, () => act("/control/faults", { side, fault: s.fault, on: box.checked })).then((done) => { if (done === false) box.checked = !box.checked; });
    } }), FAULT[s.fault] ?? s.fault))));
}

let open = null;

function bundle(files) {
  const text = h("textarea", { rows: "12", spellcheck: false, class: "code", "aria-label": "Text of the file", "data-focus": "bundle-text" });
  const list = h("select", { "data-focus": "bundle-file", onchange: () => load() }, h("option", { value: "" }, "choose a file…"),
    files.map((name) => h("option", { value: name }, name)));
  const load = async () => {
    open = list.value || null;
    text.value = open ? (await get(`/control/bundle/file?name=${encodeURIComponent(open)}`)).text : "";
  };
  const save = h("button", { type: "button", class: "main", onclick: (event) => busy(event.currentTarget, async () => {
    if (!list.value) return notice("Choose a file first.", true);
    notice("Checking the rules…");
    await act(`/control/bundle/file?name=${encodeURIComponent(list.value)}`, { text: text.value });
  }) }, "Check and use");
  return [field("File of the rules", list), text, h("div", { class: "row" }, save)];
}

export async function refresh() {
  if ($("drawer").hidden) return;
  const [roles, switches] = await Promise.all([get("/api/roles"), get("/control/faults")]);
  fill($("d-roles"), JSON.stringify(roles), () => roles.roles.map(role));
  fill($("d-faults"), JSON.stringify(switches), () => faults(switches.faults));
  // Read from the log each time, which may take a moment.
  const held = await get("/control/held");
  fill($("d-held"), JSON.stringify(held), () => held.held.length ? held.held.map((one) => h("li", {}, h("p", {}, h("strong", {}, one.subject), ` ${one.reason}`),
    h("div", { class: "row" }, button("Redrive", "/control/redrive", { subject: one.subject }, `redrive-${one.subject}`)))) : [h("li", { class: "empty" }, "Nothing is held.")]);
}

export async function toggle() {
  const drawer = $("drawer");
  const opener = $("break");
  drawer.hidden = !drawer.hidden;
  opener.setAttribute("aria-expanded", String(!drawer.hidden));
  if (drawer.hidden) return opener.focus();
  if (!drawer.childElementCount) {
    const { files } = await get("/control/bundle");
    drawer.append(
      h("div", { class: "row between" }, h("h2", {}, "Try to break it"), h("button", { type: "button", class: "quiet", id: "d-close", onclick: toggle }, "Close")),
      h("p", { class: "muted" }, "Nothing may be lost, doubled or leaked, whatever you do here."),
      h("p", { id: "d-notice", class: "notice", role: "status" }),
      h("h3", {}, "Make a system misbehave"), h("div", { id: "d-faults", class: "two" }),
      h("h3", {}, "Kill a role as if the power failed"), h("ul", { id: "d-roles", class: "plain" }),
      h("h3", {}, "Held: the rules have no answer"), h("ul", { id: "d-held", class: "plain" }),
      h("h3", {}, "Change the rules"), h("div", { id: "d-bundle" }, ...bundle(files)));
    drawer.addEventListener("keydown", (event) => { if (event.key === "Escape") toggle(); });
  }
  await refresh();
  $("d-close").focus();
}
