use super::desk::{Change, Op};
use super::faults::Sabotage;
use super::half::{Env, Event, Half};
use super::log::{PARTITIONS, partition_of};
use super::memory::IngestMemory;
use super::obey::{Obeys, Says};
use delivery::ingest::{self, Classifier, Memory as _, Verdict};
use domain::{Actor, CursorRecord, Envelope, Environment, Side, Subject, SubjectKind, Timestamp, Visibility};
use ports::Cursor;
use std::collections::BTreeMap;

/// The poller of one side.
#[derive(Debug)]
pub(super) struct IngestHost<E> {
    pub(super) generation: u32,
    memory: IngestMemory,
    classifier: Classifier<E>,
    state: State<E>,
    started: bool,
}

#[derive(Debug)]
enum State<E> {
    Idle,
    Polling,
    /// The page up to this index was fetched.
    Fetched(usize),
    /// Events and cursor, to be committed.
    Judged(Vec<Envelope<E>>, CursorRecord),
}

impl<E: Says> IngestHost<E> {
    pub(super) fn new() -> Self {
        Self {
            generation: 0,
            memory: IngestMemory::default(),
            classifier: Classifier::new(),
            state: State::Idle,
            started: false,
        }
    }

    /// The process died; the cache may be gone with it.
    pub(super) fn crash(&mut self, cache_lost: bool) {
        self.generation += 1;
        if cache_lost {
            self.memory = IngestMemory::default();
        }
        self.classifier = Classifier::new();
        self.state = State::Idle;
        self.started = false;
    }
}

impl<E: Says, C: Obeys> Half<E, C> {
    pub(super) fn nudge_ingest(&mut self, env: &mut Env) {
        let State::Idle = self.ingest.state else { return };
        let unread =
            (0..PARTITIONS).any(|p| self.outcomes.read(p, self.ingest.memory.next_outcome(p as i32)).is_some());
        let held = !self.ingest.classifier.held().is_empty();
        // A new process polls at once: it may have held changes to take up.
        if !self.ingest.started || self.position() < self.desk.history.len() || (held && unread) {
            self.ingest.state = State::Polling;
            env.within(1, 40, Event::Ingest(self.side, self.ingest.generation));
        }
    }

    fn position(&self) -> usize {
        self.cursor.cursor.parse().unwrap_or(0)
    }

    pub(super) fn step_ingest(&mut self, env: &mut Env) {
        self.ingest.memory.sabotage = env.sabotage;
        let fetched = matches!(self.ingest.state, State::Fetched(_));
        let point = if fetched { "ingest: fetched" } else { "ingest: judged" };
        match std::mem::replace(&mut self.ingest.state, State::Idle) {
            State::Idle => {}
            State::Polling => {
                let page = env.rng.between(1, 4) as usize;
                if env.dies("ingest: asked") {
                    return self.ingest.crash(env.rng.percent(env.faults.cache_lost));
                }
                self.ingest.state = State::Fetched((self.position() + page).min(self.desk.history.len()));
                env.within(0, 30, Event::Ingest(self.side, self.ingest.generation));
            }
            State::Fetched(_) | State::Judged(..) if { env.dies(point) } => {
                self.ingest.crash(env.rng.percent(env.faults.cache_lost));
            }
            State::Fetched(to) => {
                if !env.sabotaged(Sabotage::ClassifiedTooEarly) {
                    self.fold_outcomes();
                }
                let (events, cursor) = self.judge(env.now, to);
                self.ingest.state = State::Judged(events, cursor);
                env.within(0, 30, Event::Ingest(self.side, self.ingest.generation));
            }
            State::Judged(..) if { env.strikes(env.faults.commit_fails) } => {
                self.events.marker(0);
                // As after a restart: from the cursor record, which lists what is held.
                self.ingest.classifier = Classifier::new();
                self.ingest.started = false;
            }
            State::Judged(events, cursor) => {
                for event in events {
                    let partition = partition_of(event.meta.subject.as_str());
                    if env.faults.everything_twice {
                        self.events.append(partition, event.clone());
                    }
                    self.events.append(partition, event);
                    self.events.marker(partition);
                }
                self.cursor = cursor;
                if env.dies("ingest: committed") {
                    return self.ingest.crash(env.rng.percent(env.faults.cache_lost));
                }
                if env.sabotaged(Sabotage::ClassifiedTooEarly) {
                    self.fold_outcomes();
                }
            }
        }
    }

    fn fold_outcomes(&mut self) {
        for partition in 0..PARTITIONS {
            let number = partition as i32;
            while let Some((offset, outcome)) = self.outcomes.read(partition, self.ingest.memory.next_outcome(number)) {
                ingest::fold(&mut self.ingest.memory, number, offset, &outcome);
            }
        }
    }

    fn judge(&mut self, now: i64, to: usize) -> (Vec<Envelope<E>>, CursorRecord) {
        let mut verdicts = Vec::new();
        if !std::mem::replace(&mut self.ingest.started, true) {
            for key in self.cursor.held.clone() {
                if let Some(change) = self.desk.history.iter().find(|change| change.id == key.change) {
                    let change = self.told(change);
                    verdicts.push(self.ingest.classifier.classify(&self.ingest.memory, change));
                }
            }
        }
        verdicts.extend(self.ingest.classifier.release(&self.ingest.memory));
        for at in self.position()..to {
            let change = self.told(&self.desk.history[at]);
            verdicts.push(self.ingest.classifier.classify(&self.ingest.memory, change));
        }
        let mut events = Vec::new();
        for verdict in verdicts {
            match verdict {
                Verdict::Publish(news) => {
                    events.push(ingest::envelope(&self.system, E::kind, news, Timestamp(now)));
                }
                Verdict::DeadLetter { .. } => self.dead_letters += 1,
                Verdict::Echo | Verdict::Skip { .. } | Verdict::Hold => {}
            }
        }
        let cursor = self.ingest.classifier.cursor_record(&Cursor(to.max(self.position()).to_string()));
        (events, cursor)
    }

    /// The change as the feed tells it: without the truth.
    fn told(&self, change: &Change) -> ports::Change<E> {
        let record = &self.desk.records[change.record];
        let own = || record.own(&self.system);
        let subject = match (&record.subject, self.name) {
            // Made under a subject of the other side, which the record names.
            (Some(subject), "partner") if subject.kind() != SubjectKind::Case => Some(subject.clone()),
            (_, "partner") => Some(own()),
            // What began here needs no bond.
            (subject, _) => {
                let begun = |subject: &Subject| subject.system() == self.system.as_str();
                subject.clone().filter(|subject| self.desk.shows_subject || begun(subject))
            }
        };
        let told = match &change.op {
            Op::Told(told) => Some(told),
            Op::Create { .. } | Op::Comment { .. } | Op::Status { .. } | Op::Written(_) => None,
        };
        let someone = || Actor { id: "someone".to_owned(), side: Side::System };
        ports::Change {
            entity: record.native.clone(),
            id: change.id.clone(),
            marker: change.command.filter(|_| change.marked).map(|id| id.to_string()),
            subject,
            partner_id: record.partner.clone(),
            field: change.field(),
            occurred_at: Timestamp(change.at),
            version: String::new(),
            by_us: self.desk.names_users.then_some(change.command.is_some()),
            actor: told.map_or_else(someone, |told| told.actor.clone()),
            visibility: told.map_or(Visibility::Partner, |told| told.visibility),
            environment: told.map_or(Environment::Production, |told| told.environment),
            ext: told.map_or_else(BTreeMap::new, |told| told.ext.clone()),
            news: match E::says(change) {
                Ok(event) => ports::News::Event(event),
                Err(rule) => ports::News::Skipped { rule },
            },
        }
    }
}
