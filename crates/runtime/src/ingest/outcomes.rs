//! What became of our own commands at the system that is polled: all partitions of its outcomes, up to their end.

use crate::config::KafkaConfig;
use crate::entry::{Shutdown, StartError, fetch_schema};
use crate::store::IngestStore;
use crate::{admin, client};
use codec::Codec;
use delivery::ingest::{Memory, fold};
use domain::{Envelope, Outcome};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use std::path::Path;
use std::time::{Duration, Instant};

pub struct Outcomes {
    consumer: BaseConsumer<client::Reader>,
    asker: BaseConsumer,
    topic: &'static str,
    partitions: i32,
}

const PATIENCE: Duration = Duration::from_secs(30);

impl Outcomes {
    /// `path` is the memory's file, named in the error when it is ahead of the log.
    pub fn open(
        config: &KafkaConfig,
        role: &str,
        topic: &'static str,
        memory: &IngestStore,
        path: &Path,
    ) -> Result<Self, StartError> {
        let partitions = admin::contract_of(topic)?.partitions;
        let mut settings = client::log_reader(config, role);
        settings.set("enable.partition.eof", "false").set("fetch.wait.max.ms", client::LONG_WAIT_MS);
        let consumer: BaseConsumer<client::Reader> = settings.create_with_context(client::Reader)?;
        let asker: BaseConsumer = client::admin(config).create()?;
        let mut list = TopicPartitionList::new();
        for partition in 0..partitions {
            let (start, end) =
                client::patiently(PATIENCE, || asker.fetch_watermarks(topic, partition, client::QUESTION))?;
            let next = memory.next_outcome(partition);
            if start != 0 {
                return Err(StartError::OutcomesTruncated { topic: topic.to_owned(), partition, start });
            }
            if next > end {
                let reason = format!("{} is ahead of the log; delete it", path.display());
                return Err(StartError::Unreadable { topic: topic.to_owned(), partition, offset: next, reason });
            }
            list.add_partition_offset(topic, partition, Offset::Offset(next))?;
        }
        consumer.assign(&list)?;
        Ok(Self { consumer, asker, topic, partitions })
    }

    /// How many offsets of the log the memory has behind it.
    pub fn folded(&self, memory: &IngestStore) -> u64 {
        (0..self.partitions).map(|partition| memory.next_outcome(partition).unsigned_abs()).sum()
    }

    /// Folds every outcome that is on the log at this moment. True where there was a new one. What is folded is kept as it
    /// grows: a restore that is cut off goes on from there. Patience is for silence, not for the length of the log.
    pub fn catch_up(
        &self,
        codec: &Codec,
        runtime: &tokio::runtime::Handle,
        shutdown: &Shutdown,
        memory: &mut IngestStore,
    ) -> Result<bool, StartError> {
        let mut ends = Vec::new();
        for partition in 0..self.partitions {
            let ask = || self.asker.fetch_watermarks(self.topic, partition, client::QUESTION);
            let (_, end) = client::patiently(PATIENCE, ask)?;
            ends.push((partition, end));
        }
        let mut learned = false;
        let mut deadline = Instant::now() + PATIENCE;
        while ends.iter().any(|(partition, end)| memory.next_outcome(*partition) < *end) {
            match self.consumer.poll(Duration::from_millis(50)) {
                Some(Ok(message)) => {
                    let bytes = message.payload().unwrap_or_default();
                    let outcome =
                        self.decode(codec, runtime, shutdown, bytes, message.partition(), message.offset())?;
                    fold(memory, message.partition(), message.offset(), &outcome);
                    (learned, deadline) = (true, Instant::now() + PATIENCE);
                    if memory.store().wants_flush()
                        && let Err(error) = memory.store().flush()
                    {
                        tracing::warn!(%error, "state not kept; the next start folds more of the log again");
                    }
                }
                Some(Err(error)) if client::is_passing(&error) => {}
                Some(Err(error)) => return Err(error.into()),
                None if Instant::now() > deadline => return Err(StartError::Worker("outcome reader")),
                None => {}
            }
        }
        Ok(learned)
    }

    fn decode(
        &self,
        codec: &Codec,
        runtime: &tokio::runtime::Handle,
        shutdown: &Shutdown,
        bytes: &[u8],
        partition: i32,
        offset: i64,
    ) -> Result<Envelope<Outcome>, StartError> {
        loop {
            match codec.decode::<Envelope<Outcome>>(self.topic, bytes) {
                Ok(outcome) => return Ok(outcome),
                Err(error) => match error.missing_schema() {
                    Some(id) => runtime.block_on(fetch_schema(codec, id, shutdown))?,
                    None => {
                        let (topic, reason) = (self.topic.to_owned(), error.to_string());
                        return Err(StartError::Unreadable { topic, partition, offset, reason });
                    }
                },
            }
        }
    }
}
