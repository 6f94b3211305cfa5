//! One partition of every topic: its cache of the log, its agenda, and how far it has read.

use super::agenda::Agenda;
use super::places::Places;
use super::{INPUTS, TOPICS, TrackerSpec};
use crate::config::{KafkaConfig, StateConfig};
use crate::entry::{StartError, now};
use crate::observe;
use crate::store::TrackerStore;
use domain::timer::Rule;
use domain::{Envelope, ServiceLevelEvent, Subject, Timestamp};
use std::collections::BTreeMap;
use std::time::Instant;
use tracking::Heard;

pub struct Owned {
    partition: i32,
    store: TrackerStore,
    agenda: Agenda,
    /// Topics that are not read to the end they had, with that end. Nothing is said before this is empty.
    behind: BTreeMap<usize, i64>,
    since: Instant,
    folded: u64,
    moved: bool,
}

impl Owned {
    /// A group that stands before what it had committed was put back by a person: the fold begins anew.
    pub fn open(
        state: &StateConfig,
        config: &KafkaConfig,
        spec: &TrackerSpec,
        cluster: &str,
        partition: i32,
        committed: &Places,
    ) -> Result<Self, StartError> {
        let path = state.dir.join(spec.role).join(format!("timers-{partition}.redb"));
        let identity = format!("{cluster}/timers/{partition}");
        let cache = (config.memory_limit_mib as usize) << 20 >> 6;
        let mut store = TrackerStore::open(&path, &identity, cache)?;
        let put_back = TOPICS[..INPUTS].iter().any(|topic| {
            let stands = committed.get(&((*topic).to_owned(), partition)).copied().unwrap_or(0);
            stands < store.committed(topic)
        });
        if put_back {
            tracing::info!(partition, "the group was put back: timers are folded anew");
            drop(store);
            let _ = std::fs::remove_file(&path);
            store = TrackerStore::open(&path, &identity, cache)?;
        }
        let mut agenda = Agenda::default();
        for subject in store.running() {
            let tracked = store.tracked(&subject);
            agenda.put(&subject, tracking::next(&subject, &tracked, &spec.rules, now()));
        }
        let (behind, since) = (BTreeMap::new(), Instant::now());
        Ok(Self { partition, store, agenda, behind, since, folded: 0, moved: false })
    }

    /// Where reading begins, given where the log begins and ends now.
    pub fn begin(&mut self, topic: usize, start: i64, end: i64) -> Result<i64, StartError> {
        let (name, partition) = (TOPICS[topic], self.partition);
        let next = self.store.next_offset(name);
        if next > end {
            let reason = "the cache is ahead of the log; delete it".to_owned();
            return Err(StartError::Unreadable { topic: name.to_owned(), partition, offset: next, reason });
        }
        // Without the beginning of its own word it would say it again.
        if topic >= INPUTS && start > next {
            return Err(StartError::OutcomesTruncated { topic: name.to_owned(), partition, start });
        }
        let from = next.max(start);
        if from < end {
            self.behind.insert(topic, end);
        }
        Ok(from)
    }

    pub fn next_offset(&self, topic: &str) -> i64 {
        self.store.next_offset(topic)
    }

    pub fn fold(&mut self, topic: usize, offset: i64, heard: Option<Heard<'_>>, rules: &[Rule]) {
        if let Some(heard) = heard {
            let subject = heard.meta().subject.clone();
            let mut tracked = self.store.tracked(&subject);
            if tracked.fold(heard) {
                self.store.set_tracked(&subject, &tracked);
                self.agenda.put(&subject, tracking::next(&subject, &tracked, rules, now()));
            }
        }
        self.store.set_next_offset(TOPICS[topic], offset + 1);
        self.folded += 1;
        self.moved = true;
        self.is_at(topic, offset + 1);
    }

    /// Positions count the markers of transactions too, which no record shows.
    pub fn is_at(&mut self, topic: usize, position: i64) {
        if self.behind.get(&topic).is_some_and(|end| position >= *end) {
            self.behind.remove(&topic);
            if self.behind.is_empty() {
                observe::restored("timers", self.partition, self.folded, self.since.elapsed());
            }
        }
    }

    pub fn is_behind(&self) -> bool {
        !self.behind.is_empty()
    }

    /// What is due, at most so much of it; nothing before the log is known to its end.
    pub fn due(&mut self, rules: &[Rule], now: Timestamp, most: usize) -> Vec<Envelope<ServiceLevelEvent>> {
        if self.is_behind() {
            return Vec::new();
        }
        let mut facts = Vec::new();
        for subject in self.agenda.due(now, most) {
            let tracked = self.store.tracked(&subject);
            let due = tracking::due(&subject, &tracked, rules, now);
            if due.is_empty() {
                self.agenda.put(&subject, tracking::next(&subject, &tracked, rules, now));
            }
            facts.extend(due);
        }
        facts
    }

    /// It is on the log.
    pub fn said(&mut self, fact: &Envelope<ServiceLevelEvent>, rules: &[Rule], now: Timestamp) {
        let subject: &Subject = &fact.meta.subject;
        let mut tracked = self.store.tracked(subject);
        tracked.fold(Heard::Said(fact));
        self.store.set_tracked(subject, &tracked);
        self.agenda.put(subject, tracking::next(subject, &tracked, rules, now));
        self.moved = true;
    }

    pub fn next(&self) -> Option<i64> {
        if self.is_behind() { None } else { self.agenda.next() }
    }

    pub fn running(&self) -> usize {
        self.agenda.len()
    }

    /// Since when the oldest of what is due is due.
    pub fn overdue(&self, now: Timestamp) -> Option<i64> {
        self.agenda.next().map(|at| now.0 - at).filter(|late| *late > 0)
    }

    pub const fn has_moved(&self) -> bool {
        self.moved
    }

    pub fn committed(&mut self) {
        for topic in &TOPICS[..INPUTS] {
            let next = self.store.next_offset(topic);
            self.store.set_committed(topic, next);
        }
    }

    pub fn wants_flush(&self) -> bool {
        self.store.wants_flush()
    }

    pub fn flush(&mut self) -> Result<(), StartError> {
        self.moved = false;
        self.store.flush().map_err(|error| {
            tracing::error!(%error, "state file cannot be written");
            StartError::Worker("state store")
        })
    }

    /// What is not written is folded again by whoever comes next.
    pub fn close(self) {
        if let Err(error) = self.store.close() {
            tracing::warn!(%error, "state file was not closed");
        }
    }
}
