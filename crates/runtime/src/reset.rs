//! Where a role's group stands, and putting it elsewhere while nobody is in it.

use crate::admin::{GROUPS, contract_of};
use crate::client;
use crate::config::KafkaConfig;
use crate::entry::StartError;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::{Offset, TopicPartitionList};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// What a group has committed: the next offset to read, by topic and partition. A place without an offset is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Positions {
    pub role: String,
    pub group: String,
    pub offsets: BTreeMap<String, BTreeMap<i32, i64>>,
}

#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    #[error(transparent)]
    Log(#[from] StartError),
    #[error(
        "`{0}` is no role with offsets: transform-partner, transform-internal, sink-internal, sink-partner or track-service-levels"
    )]
    NoRole(String),
    #[error("group `{group}` is {state} and not empty: stop every process of the role")]
    NotEmpty { group: String, state: String },
    #[error(
        "group `{group}` stands at {found:?} and not at {wanted} of {topic}/{partition}: nothing else may move it meanwhile"
    )]
    NotTaken { group: String, topic: String, partition: i32, wanted: i64, found: Option<i64> },
}

impl From<rdkafka::error::KafkaError> for ResetError {
    fn from(error: rdkafka::error::KafkaError) -> Self {
        Self::Log(error.into())
    }
}

/// What a role reads.
pub fn topics_of(role: &str) -> Result<&'static [&'static str], ResetError> {
    let known = GROUPS.iter().find(|(name, _)| *name == role).map(|(_, topics)| *topics);
    known.ok_or_else(|| ResetError::NoRole(role.to_owned()))
}

/// As the coordinator says: `Empty`, `Stable`, …; a group that nobody ever was in is empty.
pub fn state(config: &KafkaConfig, role: &str) -> Result<String, ResetError> {
    let group = config.group(role);
    let asker: BaseConsumer = client::admin(config).create()?;
    let list = client::patiently(PATIENCE, || asker.fetch_group_list(Some(&group), client::QUESTION))?;
    let state = list.groups().iter().find(|found| found.name() == group).map(|found| found.state().to_owned());
    Ok(state.filter(|state| state != "Dead").unwrap_or_else(|| "Empty".to_owned()))
}

/// Waits until nobody is in the group; `said` hears each state that is waited out. Blocking.
pub fn wait_until_empty(
    config: &KafkaConfig,
    role: &str,
    patience: Duration,
    mut said: impl FnMut(&str),
) -> Result<(), ResetError> {
    let deadline = Instant::now() + patience;
    let mut last = String::new();
    loop {
        let state = state(config, role)?;
        if state == "Empty" {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(ResetError::NotEmpty { group: config.group(role), state });
        }
        if state != last {
            said(&state);
            last = state;
        }
        std::thread::park_timeout(Duration::from_millis(500));
    }
}

/// What the role's group has committed of everything it reads. Blocking.
pub fn positions(config: &KafkaConfig, role: &str) -> Result<Positions, ResetError> {
    let consumer: BaseConsumer = client::group_consumer(config, role).create()?;
    let mut offsets = BTreeMap::new();
    for &topic in topics_of(role)? {
        let mut list = TopicPartitionList::new();
        list.add_partition_range(topic, 0, contract_of(topic)?.partitions - 1);
        let committed = client::patiently(PATIENCE, || consumer.committed_offsets(list.clone(), client::QUESTION))?;
        let mut of_topic = BTreeMap::new();
        for element in committed.elements() {
            if let Offset::Offset(offset) = element.offset() {
                of_topic.insert(element.partition(), offset);
            }
        }
        offsets.insert(topic.to_owned(), of_topic);
    }
    Ok(Positions { role: role.to_owned(), group: config.group(role), offsets })
}

/// Puts the group there and reads back that every partition has its offset. The broker refuses while the group has a
/// member. Idempotent; blocking.
pub fn put(config: &KafkaConfig, to: &Positions) -> Result<(), ResetError> {
    topics_of(&to.role)?;
    let consumer: BaseConsumer = client::group_consumer(config, &to.role).create()?;
    let mut list = TopicPartitionList::new();
    for (topic, offsets) in &to.offsets {
        for (partition, offset) in offsets {
            list.add_partition_offset(topic, *partition, Offset::Offset(*offset))?;
        }
    }
    if list.count() > 0 {
        client::patiently(PATIENCE, || consumer.commit(&list, CommitMode::Sync))?;
    }
    let found = positions(config, &to.role)?;
    for (topic, offsets) in &to.offsets {
        for (partition, wanted) in offsets {
            let stands = found.offsets.get(topic).and_then(|of_topic| of_topic.get(partition)).copied();
            if stands != Some(*wanted) {
                return Err(ResetError::NotTaken {
                    group: to.group.clone(),
                    topic: topic.clone(),
                    partition: *partition,
                    wanted: *wanted,
                    found: stands,
                });
            }
        }
    }
    Ok(())
}
