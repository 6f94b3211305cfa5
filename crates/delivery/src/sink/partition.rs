use super::lane::{Entry, Lane, Phase};
use super::settle::Offsets;
use super::{Action, Input, Memory, Rules, State, record};
use domain::{Command, Envelope, MessageId, NativeId, Outcome, Subject, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// The sink of one partition, from its assignment until it is revoked or [`Action::Deposed`].
///
/// The host makes a new one for every assignment, with an owner that was never used before, feeds it every input in
/// the order it happens, and carries out the actions in order. It answers every call, look and fetch exactly once.
/// Where an append fails it drops the partition and starts again: nothing here is true before it was read back.
#[derive(Debug)]
pub struct Partition<C> {
    pub(super) rules: Rules,
    pub(super) mode: Mode,
    pub(super) lanes: HashMap<Subject, Lane<C>>,
    /// Subjects by what they wait to hear of.
    pub(super) calls: BTreeMap<MessageId, Subject>,
    pub(super) fetches: BTreeMap<i64, Subject>,
    pub(super) timers: BTreeSet<(Timestamp, Subject)>,
    /// Looks for a second record, by when.
    pub(super) seconds: BTreeSet<(Timestamp, MessageId)>,
    /// Subjects that want a place among those with a call under way, first come first served.
    pub(super) queue: VecDeque<Subject>,
    /// Subjects whose command has to be read again first, and is not yet being read: not more of them are in memory
    /// than can soon be called, however long the target has been away.
    pub(super) unread: VecDeque<Subject>,
    pub(super) in_flight: usize,
    /// Places of the host that are ours, and those asked for and not yet given.
    pub(super) places: usize,
    asked: usize,
    /// While a place that was just given goes to whoever is first.
    pub(super) giving: bool,
    /// Commands whose bytes are in memory.
    pub(super) held: usize,
    pub(super) offsets: Offsets,
    woken_at: Option<Timestamp>,
    /// Arrived before the restore had ended.
    early: Vec<Early<C>>,
}

/// A command that arrived before the restore had ended; without its bytes where there are many.
#[derive(Debug)]
struct Early<C> {
    offset: i64,
    id: MessageId,
    subject: Subject,
    command: Option<Box<Envelope<C>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Idle,
    Restoring,
    Live,
    Deposed,
}

/// Numbers of a partition, as a dashboard shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Subjects that wait for another attempt or for their record.
    pub waiting: usize,
    /// Commands given up, for a person.
    pub parked: usize,
}

/// One step's surroundings.
pub(super) struct Step<'a, C> {
    pub(super) memory: &'a mut dyn Memory,
    pub(super) now: Timestamp,
    pub(super) actions: Vec<Action<C>>,
}

impl<C> Step<'_, C> {
    pub(super) fn count(&mut self, rule: &'static str) {
        self.actions.push(Action::Counted { rule });
    }
}

impl<C: Command + Clone> Partition<C> {
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            mode: Mode::Idle,
            lanes: HashMap::new(),
            calls: BTreeMap::new(),
            fetches: BTreeMap::new(),
            timers: BTreeSet::new(),
            seconds: BTreeSet::new(),
            queue: VecDeque::new(),
            unread: VecDeque::new(),
            in_flight: 0,
            places: 0,
            asked: 0,
            giving: false,
            held: 0,
            offsets: Offsets::default(),
            woken_at: None,
            early: Vec::new(),
        }
    }

    /// Takes one input and says what to do. Total: an input that fits nothing is counted.
    pub fn step(&mut self, memory: &mut dyn Memory, now: Timestamp, input: Input<C>) -> Vec<Action<C>> {
        let mut step = Step { memory, now, actions: Vec::new() };
        let given = matches!(input, Input::Place);
        match (self.mode, input) {
            (Mode::Deposed, _) => return step.actions,
            (Mode::Idle, Input::Assigned) => {
                self.mode = Mode::Restoring;
                step.actions.push(Action::Append(Box::new(record::barrier(&self.rules, now))));
            }
            (_, Input::Assigned) => step.count("assigned-again"),
            (_, Input::Outcome { offset, outcome }) => self.read_back(&mut step, offset, &outcome),
            (Mode::Live, Input::Command { offset, command }) => self.arrive(&mut step, offset, command),
            (_, Input::Command { offset, command }) => {
                self.offsets.see(offset);
                let (id, subject) = (command.meta.id, command.meta.subject.clone());
                let command = (self.early.len() < self.rules.max_held).then_some(command);
                self.early.push(Early { offset, id, subject, command });
            }
            (_, Input::Unreadable { offset }) => {
                self.offsets.see(offset);
                self.offsets.settle(offset);
            }
            (_, Input::Called { command, attempt, result }) => self.called(&mut step, command, attempt, result),
            (_, Input::Looked { command, attempt, result }) => self.looked(&mut step, command, attempt, result),
            (_, Input::Place) => {
                self.asked = self.asked.saturating_sub(1);
                self.places += 1;
            }
            (_, Input::Fetched { offset, command }) => self.fetched(&mut step, offset, command),
            (_, Input::LookedTwice { command, certain }) => self.looked_twice(&mut step, command, certain),
            // The host waits for nothing any more, though what it was woken for may have been dealt with already.
            (_, Input::Tick) => self.woken_at = None,
        }
        if self.mode == Mode::Live {
            self.wake(&mut step);
            self.look_twice(&mut step);
            self.read_on(&mut step);
            self.give_places(&mut step, given);
            self.tell(&mut step);
        }
        step.actions
    }

    /// What the partition leaves undone, for people. Costs a walk over what is open.
    pub fn standing(&self, memory: &dyn Memory) -> Standing {
        let waiting = self.lanes.values().filter(|lane| lane.entries.iter().any(|entry| entry.waiting)).count();
        let parked = memory.open().into_iter().filter(|(_, _, known)| known.state == State::Parked).count();
        Standing { waiting, parked }
    }

    /// The restore has ended: what is open on the log is taken up, then what arrived meanwhile, both by offset.
    pub(super) fn go_live(&mut self, step: &mut Step<'_, C>) {
        self.mode = Mode::Live;
        let mut subjects = Vec::new();
        for (id, subject, remembered) in step.memory.open() {
            if remembered.state == State::Parked {
                continue;
            }
            let mut entry = Entry::pointer(remembered.offset, id);
            entry.waiting = matches!(remembered.state, State::Waiting { .. });
            let lane = self.lanes.entry(subject.clone()).or_insert_with(Lane::new);
            lane.insert(entry);
            subjects.push(subject);
        }
        // Before anything is fetched: most of the bytes may have arrived already.
        for Early { offset, id, subject, command } in std::mem::take(&mut self.early) {
            match command {
                Some(command) => self.arrive_quietly(step, offset, command),
                None => {
                    let lane = self.lanes.entry(subject).or_insert_with(Lane::new);
                    lane.insert(Entry::pointer(offset, id));
                }
            }
        }
        self.plan_second_looks(step);
        subjects.extend(self.lanes.keys().cloned());
        subjects.sort();
        subjects.dedup();
        for subject in subjects {
            self.pump(step, &subject);
        }
    }

    fn arrive(&mut self, step: &mut Step<'_, C>, offset: i64, command: Box<Envelope<C>>) {
        let subject = command.meta.subject.clone();
        self.arrive_quietly(step, offset, command);
        self.pump(step, &subject);
        self.mark_behind(step, &subject);
    }

    /// Into its subject's queue, unless it is known to be settled.
    fn arrive_quietly(&mut self, step: &mut Step<'_, C>, offset: i64, command: Box<Envelope<C>>) {
        self.offsets.see(offset);
        let mut entry = Entry::pointer(offset, command.meta.id);
        let subject = command.meta.subject.clone();
        let remembered = step.memory.command(&subject, &entry.id);
        let lane = self.lanes.entry(subject.clone()).or_insert_with(Lane::new);
        let full = self.held >= self.rules.max_held;
        if let Some(known) = lane.at(offset) {
            // Open on the log, or the same record read again.
            if known.id == entry.id {
                if !full {
                    self.held += usize::from(known.load(command));
                }
                if known.waiting {
                    self.offsets.settle(offset);
                }
            } else {
                step.count("other-command-at-offset");
            }
            return;
        }
        entry.load(command);
        let repeat = |known: &super::lane::Known| {
            let queued = |e: &&Entry<C>| e.id == entry.id && e.known.as_ref().is_some_and(|k| k.hash == known.hash);
            let open_elsewhere = lane.entries.iter().any(|e| {
                queued(&e)
                    || (e.id == entry.id
                        && e.known.is_none()
                        && remembered.as_ref().is_some_and(|r| r.hash == known.hash))
            });
            let asked = known.redrive.is_some() || known.revise;
            let answered = !asked && remembered.as_ref().is_some_and(|r| r.state.is_final() && r.hash == known.hash);
            open_elsewhere || answered
        };
        if entry.known.as_deref().is_some_and(repeat) {
            step.count("duplicate");
            self.offsets.settle(offset);
        } else {
            // Behind one that waits it is kept until it is on the log as waiting too, where it can be.
            let waits = lane.entries.iter().any(|e| e.waiting)
                && lane.entries.iter().all(|e| e.waiting || e.marking || e.known.is_some());
            let dropped = full && !waits && entry.unload();
            self.held += usize::from(!dropped);
            lane.insert(entry);
        }
        if lane.entries.is_empty() {
            self.lanes.remove(&subject);
        }
    }

    fn wake(&mut self, step: &mut Step<'_, C>) {
        while let Some((at, _)) = self.timers.first()
            && *at <= step.now
            && let Some((_, subject)) = self.timers.pop_first()
        {
            if let Some(lane) = self.lanes.get_mut(&subject)
                && matches!(lane.phase, Phase::Delayed(_))
            {
                lane.phase = Phase::Idle;
            }
            self.pump(step, &subject);
        }
    }

    /// Reads commands again that are only pointers, a few at a time.
    fn read_on(&mut self, step: &mut Step<'_, C>) {
        while self.may_fetch()
            && let Some(subject) = self.unread.pop_front()
        {
            if let Some(lane) = self.lanes.get_mut(&subject)
                && lane.phase == Phase::Unread
            {
                lane.phase = Phase::Idle;
                self.pump(step, &subject);
            }
        }
    }

    /// Few enough are being read, or wait with their bytes for a place.
    pub(super) fn may_fetch(&self) -> bool {
        self.fetches.len() + self.queue.len() < 4 * self.rules.max_in_flight.max(1)
    }

    /// A place serves one call and goes back: kept while others of ours queue, it would never reach another partition.
    fn give_places(&mut self, step: &mut Step<'_, C>, given: bool) {
        self.giving = given;
        while given
            && self.in_flight < self.places
            && let Some(subject) = self.queue.pop_front()
        {
            if let Some(lane) = self.lanes.get_mut(&subject)
                && lane.phase == Phase::Queued
            {
                lane.phase = Phase::Idle;
                self.pump(step, &subject);
            }
        }
        self.giving = false;
        let spare = self.places.saturating_sub(self.in_flight);
        self.places -= spare;
        step.actions.extend((0..spare).map(|_| Action::FreePlace));
        let free = self.rules.max_in_flight.max(1).saturating_sub(self.places + self.asked);
        let missing = self.queue.len().saturating_sub(self.asked).min(free);
        self.asked += missing;
        step.actions.extend((0..missing).map(|_| Action::AskPlace));
    }

    fn tell(&mut self, step: &mut Step<'_, C>) {
        if let Some(next_offset) = self.offsets.grown() {
            step.actions.push(Action::Settled { next_offset });
        }
        let second = self.seconds.first().map(|(at, _)| *at);
        let first = self.timers.first().map(|(at, _)| *at);
        let first = first.into_iter().chain(second).min();
        if first != self.woken_at {
            self.woken_at = first;
            step.actions.extend(first.map(Action::WakeAt));
        }
    }

    /// The phase of a subject, with the counts that hang on it.
    pub(super) fn set_phase(&mut self, subject: &Subject, phase: Phase) {
        let Some(lane) = self.lanes.get_mut(subject) else { return };
        if let Phase::Delayed(at) = lane.phase {
            self.timers.remove(&(at, subject.clone()));
        }
        match (lane.phase.has_place(), phase.has_place()) {
            (false, true) => self.in_flight += 1,
            (true, false) => self.in_flight = self.in_flight.saturating_sub(1),
            (true, true) | (false, false) => {}
        }
        lane.phase = phase;
        match phase {
            Phase::Delayed(at) => {
                self.timers.insert((at, subject.clone()));
            }
            Phase::Queued => self.queue.push_back(subject.clone()),
            Phase::Unread => self.unread.push_back(subject.clone()),
            Phase::Idle
            | Phase::Fetching
            | Phase::Intended(_)
            | Phase::Calling(_)
            | Phase::Looking(_)
            | Phase::Recording(_) => {}
        }
    }

    /// The record at the target: the subject itself where it began there, else by bond.
    pub(super) fn native_id(&self, memory: &dyn Memory, subject: &Subject) -> Option<NativeId> {
        if subject.system() == self.rules.system.as_str() {
            return NativeId::new(subject.native()).ok();
        }
        memory.bond(subject).map(|bond| bond.native_id)
    }

    /// Appends an outcome of a queued command and waits for it to be read back.
    pub(super) fn append(
        &mut self,
        step: &mut Step<'_, C>,
        subject: &Subject,
        offset: i64,
        attempt: i32,
        make: impl FnOnce(domain::CommandRef) -> Outcome,
    ) {
        let Some(entry) = self.lanes.get_mut(subject).and_then(|lane| lane.at(offset)) else { return };
        let known = entry.known.clone().unwrap_or_else(|| {
            let remembered = step.memory.command(subject, &entry.id);
            Box::new(record::lost(&self.rules, entry.id, subject, remembered.as_ref()))
        });
        let outcome = make(record::reference(entry, &known));
        let envelope = record::envelope(&self.rules, &known.meta, step.now, attempt, outcome);
        self.set_phase(subject, Phase::Recording(envelope.meta.id));
        step.actions.push(Action::Append(Box::new(envelope)));
    }
}
