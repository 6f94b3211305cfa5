//! One partition of a sink with a target that does as it is told: what the seeds cannot wait for or do not do, as being
//! given up after days, a person's redrive, and the fair use of places.

use super::memory::SinkMemory;
use delivery::sink::{Action, Input, Partition, REDRIVE, Rules};
use domain::issue::{AddInternalNote, InternalCommand as Issue, UpdateFields};
use domain::outcome::Done;
use domain::{
    Cause, Command as _, Envelope, InternalCommand, Marked, MessageId, Meta, NativeId, Outcome, Subject, SubjectKind,
};
use domain::{SystemId, Timestamp};
use ports::{Applied, CallContext, CallError};
use std::collections::{BTreeMap, VecDeque};

const HOUR: i64 = 3_600_000;

/// The subject's own system is the target's, so that nothing waits for a bond.
const SYSTEM: &str = "rt";

pub(super) struct Bench {
    rules: Partition<InternalCommand>,
    memory: SinkMemory,
    pub(super) now: i64,
    /// Of outcomes and of commands.
    next: (i64, i64),
    /// What the target answers, in turn; then it obeys.
    pub(super) answers: VecDeque<CallError>,
    pub(super) calls: Vec<MessageId>,
    pub(super) contexts: Vec<CallContext>,
    pub(super) second_looks: Vec<(i64, MessageId)>,
    pub(super) target_is_away: bool,
    /// Rules that were counted.
    pub(super) counted: Vec<&'static str>,
    places: i64,
    most_places: i64,
    pub(super) log: Vec<Outcome>,
    dead_letters: usize,
    wake_at: Option<i64>,
}

/// A command for the bench. `effect` makes its id; `cause` is the offset of the event behind it.
pub(super) struct Sent<'a> {
    /// Where the subject began.
    pub(super) origin: &'a str,
    pub(super) subject: u32,
    pub(super) effect: &'a str,
    pub(super) ext: BTreeMap<String, String>,
    pub(super) payload: Issue,
    pub(super) mapping_version: i64,
    pub(super) cause: Option<i64>,
}

impl Bench {
    pub(super) fn new() -> Self {
        let rules = Rules {
            side: "internal",
            system: SystemId::new(SYSTEM.to_owned()).unwrap(),
            owner: "one".to_owned(),
            call_timeout: 2_000,
            settle: 1_000,
            backoff_base: 500,
            backoff_cap: 300_000,
            wait_after: 60_000,
            park_after: 72 * HOUR,
            second_looks: &[60_000, 900_000],
            max_in_flight: 4,
            max_held: 100,
        };
        let mut bench = Self {
            rules: Partition::new(rules),
            memory: SinkMemory::default(),
            now: 1_000_000,
            next: (0, 0),
            answers: VecDeque::new(),
            calls: Vec::new(),
            contexts: Vec::new(),
            second_looks: Vec::new(),
            target_is_away: false,
            counted: Vec::new(),
            places: 0,
            most_places: 0,
            log: Vec::new(),
            dead_letters: 0,
            wake_at: None,
        };
        bench.tell(Input::Assigned);
        bench
    }

    /// Obeys at once, until nothing more is asked.
    pub(super) fn tell(&mut self, input: Input<InternalCommand>) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for action in self.rules.step(&mut self.memory, Timestamp(self.now), input) {
                match action {
                    Action::Append(outcome) => {
                        self.log.push(outcome.payload.clone());
                        inputs.push_back(Input::Outcome { offset: self.next.0, outcome });
                        self.next.0 += 1;
                    }
                    Action::Call { command, context } => {
                        self.calls.push(command.meta.id);
                        self.contexts.push(context.clone());
                        let applied = Applied { native_id: "7".to_owned(), ..Applied::default() };
                        let result = self.answers.pop_front().map_or(Ok(applied), Err);
                        inputs.push_back(Input::Called { command: command.meta.id, attempt: context.attempt, result });
                    }
                    Action::AskPlace => {
                        self.places += 1;
                        self.most_places = self.most_places.max(self.places);
                        inputs.push_back(Input::Place);
                    }
                    Action::FreePlace => self.places -= 1,
                    Action::DeadLetter { .. } => self.dead_letters += 1,
                    Action::WakeAt(at) => self.wake_at = Some(self.wake_at.map_or(at.0, |before| before.min(at.0))),
                    Action::Counted { rule } => self.counted.push(rule),
                    Action::Settled { .. } => {}
                    Action::LookTwice { command, .. } => {
                        self.second_looks.push((self.now, command));
                        let certain = !std::mem::take(&mut self.target_is_away);
                        inputs.push_back(Input::LookedTwice { command, certain });
                    }
                    Action::Look { .. } | Action::Fetch { .. } | Action::Deposed => panic!("not here: {action:?}"),
                }
            }
        }
    }

    fn command(&mut self, subject: u32, effect: &str, ext: BTreeMap<String, String>) -> MessageId {
        let note = Issue::AddInternalNote(AddInternalNote { text: effect.to_owned() });
        self.send(Sent { origin: SYSTEM, subject, effect, ext, payload: note, mapping_version: 1, cause: None })
    }

    pub(super) fn send(&mut self, sent: Sent<'_>) -> MessageId {
        let system = SystemId::new(SYSTEM.to_owned()).unwrap();
        let origin = SystemId::new(sent.origin.to_owned()).unwrap();
        let subject = Subject::new(SubjectKind::Case, &origin, &NativeId::new(sent.subject.to_string()).unwrap());
        let none = MessageId::parse("00000000-0000-0000-0000-000000000000").unwrap();
        let payload = InternalCommand::Issue(sent.payload);
        let cause = sent.cause.map(|offset| Cause { topic: "partner.events".to_owned(), partition: 0, offset });
        let meta = Meta {
            id: MessageId::of_command(none, &subject, "test", sent.effect),
            subject,
            system,
            partner_id: None,
            kind: payload.kind().to_owned(),
            occurred_at: Timestamp(0),
            recorded_at: Timestamp(0),
            source_version: String::new(),
            causation_id: None,
            actor: domain::Actor::default(),
            visibility: domain::Visibility::Host,
            environment: domain::Environment::Production,
            ext: sent.ext,
            mapping_version: sent.mapping_version,
            cause,
        };
        let id = meta.id;
        let offset = self.next.1;
        self.next.1 += 1;
        self.tell(Input::Command { offset, command: Box::new(Envelope { meta, payload }) });
        id
    }

    /// Lets time pass to the next moment that the rules asked for.
    pub(super) fn wait(&mut self) {
        let at = self.wake_at.take().expect("something is waited for");
        self.now = self.now.max(at);
        self.tell(Input::Tick);
    }

    pub(super) fn words(&self) -> Vec<&'static str> {
        self.log.iter().map(Outcome::word).collect()
    }
}

fn not_applied() -> CallError {
    CallError::NotApplied { reason: "away".to_owned(), retry_after: None }
}

#[test]
fn what_fails_for_three_days_is_given_up_for_a_person_and_the_next_command_goes_on() {
    let mut bench = Bench::new();
    bench.answers = (0..5_000).map(|_| not_applied()).collect();
    let began = bench.now;
    bench.command(1, "first", BTreeMap::new());
    let second = bench.command(1, "second", BTreeMap::new());
    while !bench.words().contains(&"parked") {
        assert!(!bench.calls.contains(&second), "the second waits behind the first");
        assert!(bench.now - began < 80 * HOUR, "not given up after 80 hours");
        bench.wait();
    }
    assert!(bench.now - began >= 72 * HOUR, "given up after {} ms", bench.now - began);
    let waiting = bench.words().iter().position(|word| *word == "waiting").expect("said to wait");
    assert!(waiting < 40, "after a minute, not after days");
    bench.answers.clear();
    while !bench.words().contains(&"done") {
        bench.wait();
    }
    assert!(bench.calls.contains(&second), "a parked command stops nobody");
}

#[test]
fn a_refused_command_answers_its_repeats_until_a_person_asks_for_another_attempt() {
    let mut bench = Bench::new();
    bench.answers.push_back(CallError::Refused { reason: "no".to_owned(), detail: String::new() });
    bench.command(1, "one", BTreeMap::new());
    bench.command(1, "one", BTreeMap::new());
    assert_eq!((bench.calls.len(), bench.dead_letters), (1, 1));
    let again = |attempt: &str| BTreeMap::from([(REDRIVE.to_owned(), attempt.to_owned())]);
    bench.command(1, "one", again("1"));
    assert_eq!(bench.calls.len(), 1, "that attempt has been made");
    bench.command(1, "one", again("2"));
    assert_eq!(bench.calls.len(), 2);
    assert_eq!(bench.words().last(), Some(&"done"));
}

#[test]
fn a_redrive_that_is_older_than_what_has_set_its_field_since_is_superseded() {
    let mut bench = Bench::new();
    let set = |effect: &'static str, cause: i64, ext: BTreeMap<String, String>| {
        let fields = BTreeMap::from([("A".to_owned(), effect.to_owned())]);
        let payload = Issue::UpdateFields(UpdateFields { fields });
        Sent { origin: SYSTEM, subject: 1, effect, ext, payload, mapping_version: 1, cause: Some(cause) }
    };
    bench.answers.push_back(CallError::Refused { reason: "no".to_owned(), detail: String::new() });
    bench.send(set("first", 5, BTreeMap::new()));
    bench.send(set("second", 9, BTreeMap::new()));
    assert_eq!((bench.calls.len(), bench.words().last()), (2, Some(&"done")));
    bench.send(set("first", 5, BTreeMap::from([(REDRIVE.to_owned(), "2".to_owned())])));
    assert_eq!((bench.calls.len(), bench.words().last()), (2, Some(&"superseded")));
}

#[test]
fn what_a_person_found_done_settles_a_parked_command_for_good() {
    let mut bench = Bench::new();
    bench.answers = (0..5_000).map(|_| not_applied()).collect();
    let id = bench.command(1, "first", BTreeMap::new());
    while !bench.words().contains(&"parked") {
        bench.wait();
    }
    let calls = bench.calls.len();
    let Some(Outcome::Parked(parked)) = bench.log.last().cloned() else { panic!("{:?}", bench.words()) };
    let done = Done {
        command: parked.command,
        native_id: "7".to_owned(),
        reference: Marked::default(),
        effects: Vec::new(),
        fields: Vec::new(),
        version: String::new(),
        created: false,
    };
    let meta = serde_json::json!({
        "id": id, "subject": "case/rt/1", "system": SYSTEM, "type": "internal.outcome.done", "occurred_at": 1,
        "recorded_at": 1, "actor": {"id": "ann", "side": "internal"}, "mapping_version": 1,
    });
    let outcome = Envelope { meta: serde_json::from_value(meta).unwrap(), payload: Outcome::Done(done) };
    let offset = bench.next.0;
    bench.next.0 += 1;
    bench.tell(Input::Outcome { offset, outcome: Box::new(outcome) });
    bench.answers.clear();
    bench.command(1, "first", BTreeMap::new());
    bench.command(1, "first", BTreeMap::from([(REDRIVE.to_owned(), "9999".to_owned())]));
    assert_eq!(bench.calls.len(), calls, "never sent again");
    bench.command(1, "second", BTreeMap::new());
    assert_eq!(bench.words().last(), Some(&"done"), "and the subject goes on");
}

#[test]
fn a_place_is_held_for_a_call_and_never_kept_for_the_next() {
    let mut bench = Bench::new();
    for subject in 0..50 {
        bench.command(subject, "one", BTreeMap::new());
        assert_eq!(bench.places, 0, "after subject {subject}");
    }
    assert_eq!(bench.calls.len(), 50);
    assert!(bench.most_places <= 4);
}

/// Time is looked at with every input, so the moment that the host waits for may have been dealt with when it comes.
#[test]
fn a_wait_is_not_forgotten_when_another_input_comes_at_the_moment_of_an_earlier_one() {
    let mut bench = Bench::new();
    let fails_for = |seconds| CallError::NotApplied {
        reason: "away".to_owned(),
        retry_after: Some(std::time::Duration::from_secs(seconds)),
    };
    bench.answers = VecDeque::from([fails_for(5), fails_for(50)]);
    let (soon, late) = (bench.command(1, "one", BTreeMap::new()), bench.command(2, "one", BTreeMap::new()));
    let alarm = bench.wake_at.expect("a retry is waited for");
    bench.now = alarm + 1_000;
    bench.command(3, "one", BTreeMap::new());
    assert_eq!(bench.calls.iter().filter(|id| **id == soon).count(), 2, "tried again on the way");
    while bench.calls.iter().filter(|id| **id == late).count() < 2 {
        bench.wait();
    }
}
