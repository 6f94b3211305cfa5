//! Topics: made by `causeway topics apply`, checked by every service, never made by one.

use crate::client;
use crate::config::KafkaConfig;
use crate::entry::StartError;
use codec::contract::{self, Topic};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// The contract's word on a topic.
pub fn contract_of(topic: &str) -> Result<Topic, StartError> {
    contract::topics().get(topic).cloned().ok_or_else(|| StartError::MissingTopic { topic: topic.to_owned() })
}

/// Refuses topics that are missing or have another partition count than the contract. Answers the cluster's id.
/// Blocking.
pub fn verify_partitions(config: &KafkaConfig, topics: &[&str]) -> Result<String, StartError> {
    let consumer: BaseConsumer = client::admin(config).create()?;
    for &topic in topics {
        let expected = contract_of(topic)?.partitions as usize;
        let metadata = client::patiently(PATIENCE, || consumer.fetch_metadata(Some(topic), client::QUESTION))?;
        let found = metadata.topics().first().map_or(0, |t| t.partitions().len());
        match found {
            0 => return Err(StartError::MissingTopic { topic: topic.to_owned() }),
            found if found != expected => {
                return Err(StartError::Partitions { topic: topic.to_owned(), found, expected });
            }
            _ => {}
        }
    }
    Ok(consumer.client().fetch_cluster_id(PATIENCE).unwrap_or_default())
}

/// What [`apply`] did about one topic or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    Created {
        topic: String,
        partitions: i32,
    },
    Present {
        topic: String,
    },
    /// New groups begin at the beginning; `auto.offset.reset=error` would stop them otherwise.
    GroupBegins {
        group: String,
        topic: String,
    },
}

impl std::fmt::Display for Applied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Created { topic, partitions } => write!(f, "created {topic} with {partitions} partitions"),
            Self::Present { topic } => write!(f, "present {topic}"),
            Self::GroupBegins { group, topic } => write!(f, "group {group} begins at 0 of {topic}"),
        }
    }
}

/// Who reads what, for the offsets a new group begins with.
pub const GROUPS: [(&str, &[&str]); 5] = [
    ("transform-partner", &["partner.events", "partner.outcomes", "service-level.events"]),
    ("transform-internal", &["internal.events", "internal.outcomes", "service-level.events"]),
    ("sink-internal", &["internal.commands"]),
    ("sink-partner", &["partner.commands"]),
    ("track-service-levels", &["partner.events", "internal.events", "partner.outcomes", "internal.outcomes"]),
];

/// Creates what is missing, refuses what differs in its partition count, and gives groups that have no offset yet the
/// beginning. Idempotent.
pub async fn apply(config: &KafkaConfig, replication: i32) -> Result<Vec<Applied>, StartError> {
    let admin: AdminClient<DefaultClientContext> = client::admin(config).create()?;
    let mut done = Vec::new();
    for topic in contract::topics().topics.iter() {
        let settings = settings(topic);
        let mut new = NewTopic::new(&topic.name, topic.partitions, TopicReplication::Fixed(replication));
        for (key, value) in &settings {
            new = new.set(key, value);
        }
        let results = admin.create_topics([&new], &AdminOptions::new().operation_timeout(Some(PATIENCE))).await?;
        for result in results {
            done.push(match result {
                Ok(name) => Applied::Created { topic: name, partitions: topic.partitions },
                Err((name, RDKafkaErrorCode::TopicAlreadyExists)) => Applied::Present { topic: name },
                Err((_, code)) => return Err(KafkaError::AdminOp(code).into()),
            });
        }
    }
    let config = config.clone();
    let begun = tokio::task::spawn_blocking(move || {
        let names: Vec<String> = contract::topics().topics.iter().map(|t| t.name.clone()).collect();
        wait_for_topics(&config, &names)?;
        begin_groups(&config)
    });
    done.extend(begun.await.map_err(|_| StartError::Worker("admin"))??);
    Ok(done)
}

/// Durable settings of the contract; whatever the broker's defaults are.
fn settings(topic: &Topic) -> Vec<(&'static str, String)> {
    let cleanup = match topic.cleanup {
        contract::Cleanup::Delete => "delete",
        contract::Cleanup::Compact => "compact",
    };
    vec![
        ("cleanup.policy", cleanup.to_owned()),
        ("retention.ms", topic.retention_ms.to_string()),
        ("max.message.bytes", "1100000".to_owned()),
        ("unclean.leader.election.enable", "false".to_owned()),
    ]
}

/// A topic that was just created may take a moment to be known by every broker.
fn wait_for_topics(config: &KafkaConfig, topics: &[String]) -> Result<(), StartError> {
    let names: Vec<&str> = topics.iter().map(String::as_str).collect();
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        match verify_partitions(config, &names) {
            Err(StartError::MissingTopic { .. }) if std::time::Instant::now() < deadline => {}
            done => return done.map(|_| ()),
        }
    }
}

fn begin_groups(config: &KafkaConfig) -> Result<Vec<Applied>, StartError> {
    let mut done = Vec::new();
    for (role, topics) in GROUPS {
        let consumer: BaseConsumer = client::group_consumer(config, role).create()?;
        for &topic in topics {
            let partitions = contract_of(topic)?.partitions;
            let mut list = TopicPartitionList::new();
            list.add_partition_range(topic, 0, partitions - 1);
            let committed = client::patiently(PATIENCE, || consumer.committed_offsets(list.clone(), client::QUESTION))?;
            let mut begin = TopicPartitionList::new();
            for element in committed.elements().iter().filter(|e| e.offset() == Offset::Invalid) {
                begin.add_partition_offset(topic, element.partition(), Offset::Offset(0))?;
            }
            if begin.count() > 0 {
                client::patiently(PATIENCE, || consumer.commit(&begin, CommitMode::Sync))?;
                done.push(Applied::GroupBegins { group: config.group(role), topic: topic.to_owned() });
            }
        }
    }
    Ok(done)
}

/// Puts a role's group back to the beginning of what it reads. Refused by the broker while the group has a member, which
/// may be the ghost of one that was killed: asked again until its session is over. Blocking.
pub fn rewind(config: &KafkaConfig, role: &str) -> Result<(), StartError> {
    let topics = GROUPS.iter().find(|(name, _)| *name == role).map(|(_, topics)| *topics).unwrap_or_default();
    let consumer: BaseConsumer = client::group_consumer(config, role).create()?;
    let mut beginning = TopicPartitionList::new();
    for &topic in topics {
        for partition in 0..contract_of(topic)?.partitions {
            beginning.add_partition_offset(topic, partition, Offset::Offset(0))?;
        }
    }
    if beginning.count() > 0 {
        client::patiently(PATIENCE, || consumer.commit(&beginning, CommitMode::Sync))?;
    }
    Ok(())
}
