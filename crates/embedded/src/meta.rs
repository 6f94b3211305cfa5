//! Everything that is kept beside the records: topics, producer ids, transactions, offsets of groups. It is the fold of
//! the journal's events; nothing else changes it.

use crate::topics::Topic;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A partition by the name of its topic.
pub type Place = (String, i32);

/// A group's next offset in one partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub metadata: Option<String>,
}

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    Cluster {
        id: String,
    },
    /// Made, or changed.
    Topic {
        name: String,
        topic: Topic,
    },
    TopicDeleted {
        name: String,
        id: Uuid,
    },
    /// Producer ids below this one have been given away.
    ProducerIds {
        next: i64,
    },
    /// A transactional id's producer: new, or with a new epoch. No transaction is open.
    Transactional {
        id: String,
        producer: i64,
        epoch: i16,
        timeout_ms: i64,
    },
    /// A transaction begins or grows: partitions that will hold its records.
    Enlisted {
        id: String,
        partitions: Vec<Place>,
        at_ms: i64,
    },
    /// Offsets that the transaction will commit; none where a group is only announced.
    Pending {
        id: String,
        group: String,
        offsets: Vec<Position>,
        at_ms: i64,
    },
    /// The transaction is decided. Markers follow; a restart writes those that are missing.
    Outcome {
        id: String,
        epoch: i16,
        commit: bool,
    },
    /// Every marker of the decided transaction is written.
    Marked {
        id: String,
    },
    Offsets {
        group: String,
        offsets: Vec<Position>,
    },
    OffsetsDeleted {
        group: String,
        partitions: Vec<Place>,
    },
    GroupDeleted {
        group: String,
    },
}

/// Where a transactional id stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Idle,
    Open {
        since_ms: i64,
        partitions: BTreeSet<Place>,
        offsets: BTreeMap<String, BTreeMap<Place, Position>>,
    },
    Decided {
        commit: bool,
        partitions: BTreeSet<Place>,
    },
    Ended {
        commit: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    pub producer: i64,
    pub epoch: i16,
    pub timeout_ms: i64,
    pub phase: Phase,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Meta {
    pub cluster: String,
    pub topics: BTreeMap<String, Topic>,
    pub next_producer: i64,
    pub transactions: BTreeMap<String, Transaction>,
    pub offsets: BTreeMap<String, BTreeMap<Place, Position>>,
}

impl Meta {
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Cluster { id } => self.cluster = id,
            Event::Topic { name, topic } => {
                self.topics.insert(name, topic);
            }
            Event::TopicDeleted { name, .. } => {
                self.topics.remove(&name);
                for offsets in self.offsets.values_mut() {
                    offsets.retain(|place, _| place.0 != name);
                }
                self.offsets.retain(|_, offsets| !offsets.is_empty());
            }
            Event::ProducerIds { next } => self.next_producer = next,
            Event::Transactional { id, producer, epoch, timeout_ms } => {
                self.transactions.insert(id, Transaction { producer, epoch, timeout_ms, phase: Phase::Idle });
            }
            Event::Enlisted { id, partitions: more, at_ms } => {
                if let Some(Phase::Open { partitions, .. }) = self.open(&id, at_ms) {
                    partitions.extend(more);
                }
            }
            Event::Pending { id, group, offsets: more, at_ms } => {
                if let Some(Phase::Open { offsets, .. }) = self.open(&id, at_ms) {
                    offsets.entry(group).or_default().extend(more.into_iter().map(placed));
                }
            }
            Event::Outcome { id, epoch, commit } => self.decide(&id, epoch, commit),
            Event::Marked { id } => {
                if let Some(transaction) = self.transactions.get_mut(&id)
                    && let Phase::Decided { commit, .. } = transaction.phase
                {
                    transaction.phase = Phase::Ended { commit };
                }
            }
            Event::Offsets { group, offsets } => {
                self.offsets.entry(group).or_default().extend(offsets.into_iter().map(placed));
            }
            Event::OffsetsDeleted { group, partitions } => {
                if let Some(offsets) = self.offsets.get_mut(&group) {
                    offsets.retain(|place, _| !partitions.contains(place));
                }
            }
            Event::GroupDeleted { group } => {
                self.offsets.remove(&group);
            }
        }
    }

    /// The open transaction of the id, begun where there is none.
    fn open(&mut self, id: &str, at_ms: i64) -> Option<&mut Phase> {
        let phase = &mut self.transactions.get_mut(id)?.phase;
        if !matches!(phase, Phase::Open { .. }) {
            *phase = Phase::Open { since_ms: at_ms, partitions: BTreeSet::new(), offsets: BTreeMap::new() };
        }
        Some(phase)
    }

    fn decide(&mut self, id: &str, epoch: i16, commit: bool) {
        let Some(transaction) = self.transactions.get_mut(id) else { return };
        transaction.epoch = epoch;
        if let Phase::Open { partitions, offsets, .. } = std::mem::take(&mut transaction.phase) {
            transaction.phase = Phase::Decided { commit, partitions };
            for (group, positions) in offsets.into_iter().filter(|_| commit) {
                self.offsets.entry(group).or_default().extend(positions);
            }
        }
    }

    /// The fewest events that make this state again.
    pub fn events(&self) -> Vec<Event> {
        let mut events =
            vec![Event::Cluster { id: self.cluster.clone() }, Event::ProducerIds { next: self.next_producer }];
        let topics = self.topics.iter();
        events.extend(topics.map(|(name, topic)| Event::Topic { name: name.clone(), topic: topic.clone() }));
        for (group, offsets) in &self.offsets {
            events.push(Event::Offsets { group: group.clone(), offsets: offsets.values().cloned().collect() });
        }
        for (id, transaction) in &self.transactions {
            let Transaction { producer, epoch, timeout_ms, phase } = transaction;
            let (id, epoch) = (id.clone(), *epoch);
            let known = Event::Transactional { id: id.clone(), producer: *producer, epoch, timeout_ms: *timeout_ms };
            events.push(known);
            let enlisted = |partitions: &BTreeSet<Place>, at_ms| Event::Enlisted {
                id: id.clone(),
                partitions: partitions.iter().cloned().collect(),
                at_ms,
            };
            match phase {
                Phase::Idle => {}
                Phase::Open { since_ms, partitions, offsets } => {
                    events.push(enlisted(partitions, *since_ms));
                    events.extend(offsets.iter().map(|(group, positions)| Event::Pending {
                        id: id.clone(),
                        group: group.clone(),
                        offsets: positions.values().cloned().collect(),
                        at_ms: *since_ms,
                    }));
                }
                Phase::Decided { commit, partitions } => {
                    events.push(enlisted(partitions, 0));
                    events.push(Event::Outcome { id: id.clone(), epoch, commit: *commit });
                }
                Phase::Ended { commit } => {
                    events.push(enlisted(&BTreeSet::new(), 0));
                    events.push(Event::Outcome { id: id.clone(), epoch, commit: *commit });
                    events.push(Event::Marked { id: id.clone() });
                }
            }
        }
        events
    }
}

fn placed(position: Position) -> (Place, Position) {
    ((position.topic.clone(), position.partition), position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topics::Settings;

    fn at(offset: i64) -> Vec<Position> {
        vec![Position { topic: "t".to_owned(), partition: 0, offset, metadata: None }]
    }

    fn history() -> Vec<Event> {
        let (id, group) = (|| "x".to_owned(), || "g".to_owned());
        let topic = Topic { id: Uuid::nil(), partitions: 2, settings: Settings::new() };
        let place = || vec![("t".to_owned(), 0)];
        vec![
            Event::Cluster { id: "c".to_owned() },
            Event::Topic { name: "t".to_owned(), topic: topic.clone() },
            Event::Topic { name: "u".to_owned(), topic },
            Event::ProducerIds { next: 4 },
            Event::Transactional { id: id(), producer: 3, epoch: 0, timeout_ms: 9 },
            Event::Enlisted { id: id(), partitions: place(), at_ms: 5 },
            Event::Pending { id: id(), group: group(), offsets: at(7), at_ms: 6 },
            Event::Outcome { id: id(), epoch: 0, commit: true },
            Event::Marked { id: id() },
            Event::Enlisted { id: id(), partitions: place(), at_ms: 8 },
            Event::Pending { id: id(), group: group(), offsets: at(9), at_ms: 8 },
            Event::Outcome { id: id(), epoch: 1, commit: false },
            Event::TopicDeleted { name: "u".to_owned(), id: Uuid::nil() },
        ]
    }

    #[test]
    fn rewriting_at_any_moment_changes_nothing() {
        let mut meta = Meta::default();
        for event in history() {
            meta.apply(event);
            let mut again = Meta::default();
            meta.events().into_iter().for_each(|event| again.apply(event));
            assert_eq!(again, meta);
        }
    }

    #[test]
    fn offsets_of_a_transaction_count_when_it_commits_and_not_when_it_aborts() {
        let mut meta = Meta::default();
        let offset = |meta: &Meta| meta.offsets.get("g").map(|o| o[&("t".to_owned(), 0)].offset);
        let seen = history().into_iter().map(|event| {
            meta.apply(event);
            offset(&meta)
        });
        let seen: Vec<_> = seen.collect();
        assert_eq!((seen[6], seen[7], seen[12]), (None, Some(7), Some(7)));
    }
}
