//! Reads whole topics from their beginning and goes on reading, for who only looks: no group, no offset, no write.

use crate::admin;
use crate::client;
use crate::config::KafkaConfig;
use crate::entry::{Shutdown, StartError};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::Duration;
use telemetry::admin::Pulse;

/// One record as it lies in the log, with nothing of the client that fetched it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    /// Milliseconds since 1970, by the producer's or the broker's clock; `None` where neither said.
    pub written_ms: Option<i64>,
    pub key: Vec<u8>,
    /// In their order; a header without a value is empty here.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Empty for a tombstone.
    pub payload: Vec<u8>,
}

impl Record {
    /// The first header of this name, where it is UTF-8 of a reasonable length.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key == name)?;
        std::str::from_utf8(value).ok().filter(|value| value.len() <= crate::record::MAX_HEADER)
    }
}

/// What the reader is told, in the order of each partition. Partitions are not ordered among each other.
#[derive(Debug)]
pub enum Heard {
    Record(Record),
    /// Every partition has been read to the end it had; said once.
    End,
}

/// Reads all partitions of `topics` for ever, committed records only, and returns when shutdown begins. Blocking.
///
/// A topic that is missing, or that has another partition count than the contract, is an error at the start. Records
/// that retention removed before they were read are passed over.
pub fn run(
    config: &KafkaConfig,
    role: &str,
    topics: &[&str],
    shutdown: &Shutdown,
    pulse: &Pulse,
    mut hear: impl FnMut(Heard) -> Result<(), StartError>,
) -> Result<(), StartError> {
    admin::verify_partitions(config, topics)?;
    let mut settings = client::log_reader(config, role);
    // Who only looks loses nothing by a gap.
    settings.set("auto.offset.reset", "earliest").set("fetch.wait.max.ms", client::LONG_WAIT_MS);
    let consumer: BaseConsumer<client::Reader> = settings.create_with_context(client::Reader)?;
    let mut list = TopicPartitionList::new();
    let mut unread = Unread::default();
    for &topic in topics {
        for partition in 0..admin::contract_of(topic)?.partitions {
            pulse.beat();
            let ask = || consumer.fetch_watermarks(topic, partition, client::QUESTION);
            let (start, end) = client::patiently(PATIENCE, ask)?;
            list.add_partition_offset(topic, partition, Offset::Beginning)?;
            if start < end {
                unread.insert((topic.to_owned(), partition), end);
            }
        }
    }
    consumer.assign(&list)?;
    let mut ended = false;
    while !shutdown.has_begun() {
        pulse.beat();
        if !ended && unread.is_empty() {
            ended = true;
            hear(Heard::End)?;
        }
        match consumer.poll(Duration::from_millis(250)) {
            Some(Ok(message)) => hear(Heard::Record(record(&message)))?,
            // Says a partition but no topic, hence the look at all positions.
            Some(Err(KafkaError::PartitionEOF(_))) if !ended => pass(&mut unread, &consumer.position()?),
            Some(Err(error)) if client::is_passing(&error) => {}
            Some(Err(error)) => return Err(error.into()),
            None => {}
        }
    }
    Ok(())
}

/// How long a cluster may take to find its feet.
const PATIENCE: Duration = Duration::from_secs(30);

/// Partitions that have not been read to the end they had at the start, with that end.
type Unread = BTreeMap<(String, i32), i64>;

/// Positions count the markers of transactions too, which no record shows.
fn pass(unread: &mut Unread, positions: &TopicPartitionList) {
    for element in positions.elements() {
        if let Offset::Offset(at) = element.offset() {
            let place = (element.topic().to_owned(), element.partition());
            if unread.get(&place).is_some_and(|end| at >= *end) {
                unread.remove(&place);
            }
        }
    }
}

pub(crate) fn record(message: &BorrowedMessage<'_>) -> Record {
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers.iter().map(|h| (h.key.to_owned(), h.value.unwrap_or_default().to_vec())).collect()
    });
    Record {
        topic: message.topic().to_owned(),
        partition: message.partition(),
        offset: message.offset(),
        written_ms: message.timestamp().to_millis(),
        key: message.key().unwrap_or_default().to_vec(),
        headers,
        payload: message.payload().unwrap_or_default().to_vec(),
    }
}
