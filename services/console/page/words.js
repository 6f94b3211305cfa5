// Words for people.
const STATUS = {
  submitted: "Sent, not taken on yet", acknowledged: "Taken on", "in-progress": "Being worked on",
  "pending-partner": "Waiting for your answer", "on-hold": "Resting", resolved: "Answered – do you agree?",
  closed: "Closed", rejected: "Not accepted", cancelled: "Withdrawn",
};
export const status = (word) => STATUS[word] ?? word ?? "";

const TONE = {
  submitted: "wait", acknowledged: "go", "in-progress": "go", "pending-partner": "wait", "on-hold": "wait", resolved: "good",
  closed: "good", new: "wait", open: "go", "waiting-partner": "wait", stalled: "wait",
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
