use delivery::sink::{Bond, Memory, Remembered, SecondLook, SetBy, State, fold};
use domain::{Envelope, MessageId, Outcome, Subject, Timestamp};
use std::collections::HashMap;

/// How a command stands undecided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A call was begun and its time is over, and nobody has said how it ended.
    Overdue,
    /// A call ended without a definite answer.
    Doubt,
    /// As `Doubt`, and the looks fail.
    Waiting,
    /// The sink has given it up: a person must act.
    Parked,
}

impl Standing {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Doubt => "doubt",
            Self::Waiting => "waiting",
            Self::Parked => "parked",
        }
    }
}

/// One command that stands undecided.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// Topic and partition of the command; its outcomes bear the same partition number.
    pub commands: &'static str,
    pub partition: i32,
    pub id: MessageId,
    pub standing: Standing,
    pub remembered: Remembered,
    /// A call may have taken effect. Otherwise it certainly has not.
    pub in_doubt: bool,
    pub reason: String,
    /// The latest word on it.
    pub last: Envelope<Outcome>,
}

/// One partition of outcomes as its sink remembers it, without bonds and watermarks.
pub(super) struct Fold {
    commands: &'static str,
    partition: i32,
    memory: Light,
    /// Of open commands alone.
    last: HashMap<MessageId, Envelope<Outcome>>,
}

#[derive(Default)]
struct Light {
    next: i64,
    barrier: Option<String>,
    known: HashMap<MessageId, Remembered>,
}

impl Fold {
    pub(super) fn new(commands: &'static str, partition: i32) -> Self {
        Self { commands, partition, memory: Light::default(), last: HashMap::new() }
    }

    pub(super) fn hear(&mut self, offset: i64, outcome: Envelope<Outcome>) {
        let Some(id) = outcome.payload.command().map(|command| command.id) else {
            fold(&mut self.memory, offset, &outcome);
            return;
        };
        let before = self.memory.known.get(&id).cloned();
        fold(&mut self.memory, offset, &outcome);
        match self.memory.known.get(&id) {
            Some(after) if after.state.is_final() => {
                self.last.remove(&id);
            }
            // What the fold passed over says nothing.
            after if after == before.as_ref() && self.last.contains_key(&id) => {}
            Some(_) => {
                self.last.insert(id, outcome);
            }
            None => {}
        }
    }

    pub(super) fn undecided(mut self, now: Timestamp) -> Vec<Undecided> {
        let mut found = Vec::new();
        for (id, last) in self.last {
            let Some(remembered) = self.memory.known.remove(&id) else { continue };
            let overdue = remembered.in_doubt_until.is_some_and(|until| until <= now);
            let standing = match &remembered.state {
                State::Intent { .. } if overdue => Standing::Overdue,
                State::Doubt => Standing::Doubt,
                State::Waiting { .. } if overdue => Standing::Waiting,
                State::Parked => Standing::Parked,
                State::Intent { .. }
                | State::Waiting { .. }
                | State::NotApplied
                | State::Done
                | State::Refused
                | State::Skipped
                | State::Superseded => continue,
            };
            found.push(Undecided {
                commands: self.commands,
                partition: self.partition,
                id,
                standing,
                in_doubt: remembered.in_doubt_until.is_some(),
                remembered,
                reason: reason(&last.payload).to_owned(),
                last,
            });
        }
        found.sort_by_key(|undecided| undecided.remembered.offset);
        found
    }
}

fn reason(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Intent(_) => "no answer is on the log",
        Outcome::NotApplied(o) => &o.reason,
        Outcome::Doubt(o) => &o.reason,
        Outcome::Waiting(o) => &o.reason,
        Outcome::Parked(o) => &o.reason,
        Outcome::Refused(o) => &o.reason,
        Outcome::Done(_) | Outcome::Skipped(_) | Outcome::Superseded(_) | Outcome::Barrier(_) => "",
    }
}

impl Memory for Light {
    fn next_outcome(&self) -> i64 {
        self.next
    }
    fn set_next_outcome(&mut self, offset: i64) {
        self.next = offset;
    }
    fn barrier(&self) -> Option<String> {
        self.barrier.clone()
    }
    fn set_barrier(&mut self, owner: &str) {
        self.barrier = Some(owner.to_owned());
    }
    fn bond(&self, _: &Subject) -> Option<Bond> {
        None
    }
    fn set_bond(&mut self, _: &Subject, _: &Bond) {}
    fn command(&self, _: &Subject, id: &MessageId) -> Option<Remembered> {
        self.known.get(id).cloned()
    }
    fn set_command(&mut self, id: &MessageId, _: &Subject, remembered: &Remembered) {
        self.known.insert(*id, remembered.clone());
    }
    fn watermark(&self, _: &Subject, _: &str, _: &str) -> Option<SetBy> {
        None
    }
    fn set_watermark(&mut self, _: &Subject, _: &str, _: &SetBy) {}
    fn second_looks(&self) -> Vec<(MessageId, SecondLook)> {
        Vec::new()
    }
    fn set_second_look(&mut self, _: &MessageId, _: Option<&SecondLook>) {}
    fn open(&self) -> Vec<(MessageId, Subject, Remembered)> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::CommandRef;
    use domain::outcome::{Barrier, Done, Doubt, Intent, Parked};

    fn envelope(owner: &str, payload: Outcome) -> Envelope<Outcome> {
        let meta = serde_json::json!({
            "id": MessageId::from_bytes([9; 16]), "subject": "case/tg/1", "system": "rt", "type": "",
            "occurred_at": 5, "recorded_at": 5, "actor": {"id": owner, "side": "system"},
        });
        Envelope { meta: serde_json::from_value(meta).unwrap(), payload }
    }

    fn command(n: u8) -> CommandRef {
        let hash = domain::ContentHash::of_bytes(&[n]);
        CommandRef { id: MessageId::from_bytes([n; 16]), kind: "k".to_owned(), hash, offset: i64::from(n) }
    }

    fn intent(owner: &str, n: u8, not_after: i64) -> Envelope<Outcome> {
        let intent = Intent {
            command: command(n),
            owner: owner.to_owned(),
            attempt: 1,
            not_after: Timestamp(not_after),
            marker: String::new(),
            fields: Vec::new(),
            native_id: String::new(),
        };
        envelope(owner, Outcome::Intent(intent))
    }

    fn doubt(owner: &str, n: u8) -> Envelope<Outcome> {
        let doubt = Doubt { command: command(n), attempt: 1, reason: "no answer in time".to_owned() };
        envelope(owner, Outcome::Doubt(doubt))
    }

    fn done(owner: &str, n: u8) -> Envelope<Outcome> {
        let done = Done {
            command: command(n),
            native_id: "7".to_owned(),
            reference: domain::Marked::default(),
            effects: Vec::new(),
            fields: Vec::new(),
            version: String::new(),
            created: false,
        };
        envelope(owner, Outcome::Done(done))
    }

    fn barrier(owner: &str) -> Envelope<Outcome> {
        envelope(owner, Outcome::Barrier(Barrier { owner: owner.to_owned() }))
    }

    fn undecided(now: i64, history: Vec<Envelope<Outcome>>) -> Vec<(u8, Standing, bool)> {
        let mut fold = Fold::new("internal.commands", 0);
        for (offset, outcome) in history.into_iter().enumerate() {
            fold.hear(offset as i64, outcome);
        }
        let found = fold.undecided(Timestamp(now));
        found.into_iter().map(|u| (u.id.as_bytes()[0], u.standing, u.in_doubt)).collect()
    }

    #[test]
    fn an_intent_is_undecided_once_its_time_is_over_and_until_its_outcome() {
        let history = || vec![barrier("a"), intent("a", 1, 100), intent("a", 2, 100), done("a", 2)];
        assert_eq!(undecided(50, history()), []);
        assert_eq!(undecided(100, history()), [(1, Standing::Overdue, true)]);
    }

    #[test]
    fn what_a_replaced_owner_thought_is_not_listed_and_what_it_did_settles() {
        let history = vec![barrier("a"), intent("a", 1, 9), barrier("b"), doubt("a", 1), done("a", 1), doubt("b", 1)];
        assert_eq!(undecided(100, history), []);
        let history = vec![barrier("a"), intent("a", 1, 9), barrier("b"), doubt("b", 1)];
        assert_eq!(undecided(100, history), [(1, Standing::Doubt, true)]);
    }

    #[test]
    fn a_parked_command_tells_whether_a_call_may_have_taken_effect() {
        let parked = |n| {
            let reason = "two records bear the marker".to_owned();
            let parked = Parked { command: command(n), first_failed_at: Timestamp(1), attempts: 1, reason };
            envelope("a", Outcome::Parked(parked))
        };
        let history = vec![barrier("a"), intent("a", 1, 9), doubt("a", 1), parked(1), parked(2)];
        assert_eq!(undecided(100, history), [(1, Standing::Parked, true), (2, Standing::Parked, false)]);
    }
}
