use super::desk::Desk;
use super::faults::{Faults, Sabotage};
use super::ingest::IngestHost;
use super::log::{PARTITIONS, Topic};
use super::memory::SinkMemory;
use super::obey::{Obeys, Says};
use super::rng::Rng;
use super::script::Office;
use super::sink::{Effect, Owner};
use domain::{CursorRecord, Envelope, MessageId, Outcome, ServiceLevelEvent, SystemId};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SideId {
    Partner,
    Internal,
}

/// What happens at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    Act(usize),
    Incident,
    Ingest(SideId, u32),
    Transform(SideId, u32),
    TransformCommit(SideId, u32),
    TransformTick(SideId, u32),
    /// Partition, owner.
    SinkPoll(SideId, usize, u32),
    SinkTick(SideId, usize, u32),
    SinkDo(SideId, u64),
    SinkStart(SideId, usize),
    /// Something is due.
    Track,
}

/// Clock, dice and agenda.
#[derive(Debug)]
pub(super) struct Env {
    pub(super) now: i64,
    pub(super) rng: Rng,
    pub(super) faults: Faults,
    pub(super) sabotage: Option<Sabotage>,
    /// Deaths by the point where the process was.
    pub(super) crashes: BTreeMap<&'static str, usize>,
    agenda: BinaryHeap<Reverse<(i64, u64, Event)>>,
    next: u64,
}

impl Env {
    pub(super) const fn new(rng: Rng, faults: Faults, sabotage: Option<Sabotage>) -> Self {
        Self { now: 0, rng, faults, sabotage, crashes: BTreeMap::new(), agenda: BinaryHeap::new(), next: 0 }
    }

    pub(super) fn at(&mut self, at: i64, event: Event) {
        let number = self.number();
        self.agenda.push(Reverse((at.max(self.now), number, event)));
    }

    pub(super) fn within(&mut self, low: i64, high: i64, event: Event) {
        let delay = self.rng.between(low, high);
        self.at(self.now + delay, event);
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let Reverse((at, _, event)) = self.agenda.pop()?;
        self.now = at;
        Some(event)
    }

    pub(super) const fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Rolls for a fault, as long as there are any.
    pub(super) const fn strikes(&mut self, chance: u32) -> bool {
        self.now < self.faults.until && self.rng.percent(chance)
    }

    /// Rolls for the death of the process that is at this point, and counts it.
    pub(super) fn dies(&mut self, point: &'static str) -> bool {
        let dies = self.faults.crash_between > 0 && self.strikes(self.faults.crash_between);
        if dies {
            *self.crashes.entry(point).or_default() += 1;
        }
        dies
    }

    pub(super) fn sabotaged(&self, by: Sabotage) -> bool {
        self.sabotage == Some(by)
    }
}

/// One side: its system, its topics, its ingest and its sinks.
#[derive(Debug)]
pub(super) struct Half<E, C> {
    pub(super) side: SideId,
    pub(super) name: &'static str,
    pub(super) system: SystemId,
    pub(super) desk: Desk,
    pub(super) events: Topic<Envelope<E>>,
    pub(super) commands: Topic<Envelope<C>>,
    pub(super) outcomes: Topic<Envelope<Outcome>>,
    /// A copy of the one topic.
    pub(super) service_levels: Topic<Envelope<ServiceLevelEvent>>,
    pub(super) cursor: CursorRecord,
    pub(super) ingest: IngestHost<E>,
    pub(super) owners: [Vec<Owner<C>>; PARTITIONS],
    pub(super) saved: [Option<SinkMemory>; PARTITIONS],
    pub(super) effects: BTreeMap<u64, Effect<C>>,
    pub(super) owner_count: u32,
    /// Commands that the system refused for good, by the dice.
    pub(super) refused: BTreeSet<MessageId>,
    /// Commands called after their deadline by an owner that had been paused: the one window.
    pub(super) tainted: BTreeSet<MessageId>,
    pub(super) failed_once: BTreeSet<MessageId>,
    pub(super) dead_letters: usize,
    /// Of a scenario: what its system makes of a command.
    pub(super) office: Option<Office<C>>,
}

impl<E: Says, C: Obeys> Half<E, C> {
    pub(super) fn new(side: SideId, name: &'static str, system: &str, prefix: &'static str) -> Self {
        Self {
            side,
            name,
            system: SystemId::new(system).expect("a fixed system id"),
            desk: Desk::new(prefix),
            events: Topic::new(format!("{name}.events")),
            commands: Topic::new(format!("{name}.commands")),
            outcomes: Topic::new(format!("{name}.outcomes")),
            service_levels: Topic::new("service-level.events".to_owned()),
            cursor: CursorRecord { cursor: "0".to_owned(), held: Vec::new() },
            ingest: IngestHost::new(),
            owners: [Vec::new(), Vec::new()],
            saved: [None, None],
            effects: BTreeMap::new(),
            owner_count: 0,
            refused: BTreeSet::new(),
            tainted: BTreeSet::new(),
            failed_once: BTreeSet::new(),
            dead_letters: 0,
            office: None,
        }
    }
}
