// Words for people.
const STATUS = {
  submitted: "Sent, not taken on yet", acknowledged: "Taken on", "in-progress": "Being worked on",
  "pending-partner": "Waiting for your answer", "on-hold": "Resting", resolved: "Answered – do you agree?",
  closed: "Closed", rejected: "Not accepted", cancelled: "Withdrawn",
  reported: "Sent, not taken on yet", triaged: "Taken on", "under-investigation": "Being looked into", "evidence-requested": "Waiting for your evidence",
  "outcome-proposed": "Answered – do you agree?", confirmed: "You agreed", contested: "You disagreed", escalated: "Passed upwards", settled: "Settled", withdrawn: "Withdrawn",
  uploaded: "Sent, not taken on yet", available: "Taken on", "under-review": "Being looked at", approved: "Accepted", "correction-requested": "Please correct it",
  superseded: "Replaced", expired: "Ran out", quarantined: "Could not be accepted", identified: "Being prepared", invited: "You are invited",
  registered: "You have joined", configuring: "Being set up", certified: "Certified", live: "Live", paused: "Resting", declined: "You declined",
};
// What these steps say themselves; a label was given for a step before.
export const STEPS = new Set(["evidence-requested", "outcome-proposed", "confirmed", "contested", "escalated", "settled", "withdrawn", "closed", "cancelled", "pending-partner", "resolved"]);
export const status = (word) => STATUS[word] ?? word ?? "";

const TONE = {
  submitted: "wait", acknowledged: "go", "in-progress": "go", "pending-partner": "wait", "on-hold": "wait", resolved: "good",
  closed: "good", triaged: "go", "under-investigation": "go", "evidence-requested": "wait", "outcome-proposed": "good", confirmed: "good", contested: "wait",
  escalated: "wait", settled: "good", available: "go", "under-review": "go", approved: "good", "correction-requested": "wait", invited: "wait", registered: "go",
  configuring: "go", certified: "good", live: "good", paused: "wait", new: "wait", open: "go", "waiting-partner": "wait", stalled: "wait",
};
export const tone = (word) => TONE[word] ?? "still";

// A mark is a sign and a word; colour only adds to it.
export const MARK = {
  intended: ["→", "calling"], applied: ["✓", "applied"], "not-applied": ["↻", "will retry"], "in-doubt": ["?", "in doubt"],
  waiting: ["…", "waiting"], parked: ["■", "parked"], refused: ["✕", "refused"], skipped: ["–", "not needed"],
  superseded: ["–", "overtaken"], held: ["!", "held"], "dead-lettered": ["!", "dead letter"],
};

export const time = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
export const when = (ms) => new Date(ms).toLocaleString();
export const short = (id) => (id ?? "").slice(0, 8);
export const took = (ms) => (ms === null || ms === undefined ? "–" : ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
