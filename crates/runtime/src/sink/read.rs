//! Reading the log for a sink: the group member that gets commands, and the tail of outcomes.

use super::Event;
use crate::config::KafkaConfig;
use crate::entry::{Shutdown, StartError};
use crate::{client, record};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::message::{Message, OwnedHeaders};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use telemetry::admin::Pulse;
use tokio::sync::mpsc::Sender;

/// A record ends the wait at once; a shutdown or a change of the assignment waits for its end.
const ROUND: Duration = Duration::from_millis(250);

/// A record's bytes, detached from the client that fetched it.
#[derive(Clone, Debug)]
pub struct Raw {
    pub partition: i32,
    pub offset: i64,
    pub key: Vec<u8>,
    pub payload: Vec<u8>,
    pub headers: OwnedHeaders,
    /// When it was written, in milliseconds since 1970, by the producer's or the broker's clock.
    pub written_ms: Option<i64>,
    pub traceparent: Option<String>,
}

pub(super) fn raw(message: &rdkafka::message::BorrowedMessage<'_>) -> Raw {
    Raw {
        partition: message.partition(),
        offset: message.offset(),
        key: message.key().unwrap_or_default().to_vec(),
        payload: message.payload().unwrap_or_default().to_vec(),
        headers: record::copied_headers(message),
        written_ms: message.timestamp().to_millis(),
        traceparent: record::header(message, record::TRACEPARENT).map(str::to_owned),
    }
}

/// Settled next offsets by partition, written by the partitions' workers and committed by the group's member.
#[derive(Clone, Default)]
pub struct Settled(Arc<Mutex<BTreeMap<i32, i64>>>);

impl Settled {
    pub fn set(&self, partition: i32, next_offset: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(partition, next_offset);
    }
    fn take(&self, only: Option<&[i32]>) -> BTreeMap<i32, i64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |partition: &i32| only.is_none_or(|only| only.contains(partition));
        let taken = all.iter().filter(|(p, _)| wanted(p)).map(|(p, o)| (*p, *o)).collect();
        all.retain(|partition, _| !wanted(partition));
        taken
    }
}

struct Member {
    topic: String,
    events: Sender<Event>,
    settled: Settled,
}

fn partitions(list: &TopicPartitionList) -> Vec<i32> {
    list.elements().iter().map(rdkafka::topic_partition_list::TopicPartitionListElem::partition).collect()
}

fn commit(consumer: &BaseConsumer<Member>, topic: &str, settled: &BTreeMap<i32, i64>, mode: CommitMode) {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in settled {
        let _ = list.add_partition_offset(topic, *partition, Offset::Offset(*offset));
    }
    if list.count() > 0
        && let Err(error) = consumer.commit(&list, mode)
    {
        // The next owner sees some commands again and answers them from its memory.
        tracing::info!(%error, "offsets not committed");
    }
}

impl ClientContext for Member {}
impl ConsumerContext for Member {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            let revoked = partitions(list);
            if !consumer.assignment_lost() {
                commit(consumer, &self.topic, &self.settled.take(Some(&revoked)), CommitMode::Sync);
            }
            let _ = self.events.blocking_send(Event::Revoked(revoked));
        }
    }
    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            let _ = self.events.blocking_send(Event::Assigned(partitions(list)));
        }
    }
}

/// The member of the sink's group. Runs until shutdown; ends with the group left and the settled offsets committed.
pub fn commands(
    config: &KafkaConfig,
    role: &str,
    topic: &str,
    events: &Sender<Event>,
    settled: &Settled,
    shutdown: &Shutdown,
    pulse: &Pulse,
) -> Result<(), KafkaError> {
    let member = Member { topic: topic.to_owned(), events: events.clone(), settled: settled.clone() };
    let consumer: BaseConsumer<Member> = client::group_consumer(config, role).create_with_context(member)?;
    consumer.subscribe(&[topic])?;
    let mut committed_at = std::time::Instant::now();
    while !shutdown.has_begun() {
        pulse.beat();
        match consumer.poll(ROUND) {
            Some(Ok(message)) if events.blocking_send(Event::Command(raw(&message))).is_err() => break,
            Some(Ok(_)) => {}
            Some(Err(error)) if client::is_passing(&error) => tracing::info!(%error, "consuming goes on"),
            Some(Err(error)) => return Err(error),
            None => {}
        }
        if committed_at.elapsed() >= Duration::from_millis(500) {
            commit(&consumer, topic, &settled.take(None), CommitMode::Async);
            committed_at = std::time::Instant::now();
        }
    }
    consumer.unsubscribe();
    // Serves the revocation, which commits what is settled.
    let deadline = std::time::Instant::now() + Duration::from_secs(5);
    while consumer.assignment().is_ok_and(|a| a.count() > 0) && std::time::Instant::now() < deadline {
        let _ = consumer.poll(Duration::from_millis(50));
    }
    Ok(())
}

/// What the tail of outcomes is told.
pub enum Tail {
    Add { partition: i32, offset: i64 },
    Remove { partition: i32 },
}

/// Reads the outcomes of the partitions it was told of, from the offsets it was told.
pub fn outcomes(
    config: &KafkaConfig,
    role: &str,
    topic: &str,
    control: &mpsc::Receiver<Tail>,
    events: &Sender<Event>,
    shutdown: &Shutdown,
    pulse: &Pulse,
) -> Result<(), StartError> {
    let mut settings = client::log_reader(config, role);
    settings.set("enable.partition.eof", "false");
    let consumer: BaseConsumer<client::Reader> = settings.create_with_context(client::Reader)?;
    let asker: BaseConsumer = client::admin(config).create()?;
    let (mut assigned, mut told_at) = (0, std::time::Instant::now());
    loop {
        pulse.beat();
        while let Ok(change) = control.try_recv() {
            told_at = std::time::Instant::now();
            let mut list = TopicPartitionList::new();
            match change {
                Tail::Add { partition, offset } => {
                    let patience = Duration::from_secs(30);
                    let ask = || asker.fetch_watermarks(topic, partition, client::QUESTION);
                    let (start, _) = client::patiently(patience, ask)?;
                    if start != 0 {
                        return Err(StartError::OutcomesTruncated { topic: topic.to_owned(), partition, start });
                    }
                    list.add_partition_offset(topic, partition, Offset::Offset(offset))?;
                    consumer.incremental_assign(&list)?;
                    assigned += 1;
                }
                Tail::Remove { partition } => {
                    list.add_partition(topic, partition);
                    let _ = consumer.incremental_unassign(&list);
                    assigned -= 1;
                }
            }
        }
        // Partitions are told of through `control`, which ends no wait: short while they come.
        let round = if told_at.elapsed() > Duration::from_secs(3) { ROUND } else { Duration::from_millis(20) };
        match consumer.poll(round) {
            Some(Ok(message)) if events.blocking_send(Event::Outcome(raw(&message))).is_err() => return Ok(()),
            Some(Ok(_)) => {}
            Some(Err(error)) if client::is_passing(&error) => {}
            Some(Err(error)) => return Err(error.into()),
            None if shutdown.has_begun() && assigned <= 0 => return Ok(()),
            None => {}
        }
    }
}
