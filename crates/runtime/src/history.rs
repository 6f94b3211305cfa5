//! Reads parts of a topic once, in the order of each partition, and ends: for tools. No group, no offset, no write.

use crate::config::KafkaConfig;
use crate::entry::StartError;
use crate::{admin, client};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A cluster that says nothing for this long is not there.
const SILENCE: Duration = Duration::from_secs(30);

/// A place in every partition of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    Earliest,
    Latest,
    /// The first record written at this moment or later; milliseconds since 1970 in the clock that stamped the records.
    Time(i64),
    Offset(i64),
}

/// What to read of one partition: from `from` to before `until`, or to the end it has by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub partition: i32,
    pub from: i64,
    pub until: Option<i64>,
}

/// One client for many reads. Blocking.
pub struct History {
    consumer: BaseConsumer<client::Reader>,
}

impl History {
    pub fn open(config: &KafkaConfig, role: &str) -> Result<Self, StartError> {
        let mut settings = client::finite_reader(config, role);
        // Offsets are looked up first, so this is met only where retention was faster than the reader.
        settings.set("auto.offset.reset", "earliest");
        Ok(Self { consumer: settings.create_with_context(client::Reader)? })
    }

    /// Every partition, whole.
    pub fn whole(topic: &str) -> Result<Vec<Part>, StartError> {
        let count = admin::contract_of(topic)?.partitions;
        Ok((0..count).map(|partition| Part { partition, from: 0, until: None }).collect())
    }

    /// The offset of `point` in each of the partitions, never outside of what the partition has.
    pub fn offsets(&self, topic: &str, partitions: &[i32], point: Point) -> Result<BTreeMap<i32, i64>, StartError> {
        let mut by_time = BTreeMap::new();
        if let Point::Time(at) = point {
            let mut list = TopicPartitionList::new();
            for partition in partitions {
                list.add_partition_offset(topic, *partition, Offset::Offset(at))?;
            }
            let found = client::patiently(SILENCE, || self.consumer.offsets_for_times(list.clone(), SILENCE))?;
            for element in found.elements() {
                element.error()?;
                by_time.insert(element.partition(), element.offset().to_raw().filter(|offset| *offset >= 0));
            }
        }
        let mut offsets = BTreeMap::new();
        for partition in partitions {
            let ask = || self.consumer.fetch_watermarks(topic, *partition, SILENCE);
            let (start, end) = client::patiently(SILENCE, ask)?;
            let offset = match point {
                Point::Earliest => start,
                Point::Latest => end,
                // Nothing was written since.
                Point::Time(_) => by_time.get(partition).copied().flatten().unwrap_or(end),
                Point::Offset(offset) => offset,
            };
            offsets.insert(*partition, offset.clamp(start, end));
        }
        Ok(offsets)
    }

    /// Reads the parts of one topic, committed records only. Partitions are not ordered among each other.
    pub(crate) fn read(
        &self,
        topic: &str,
        parts: &[Part],
        mut hear: impl FnMut(&BorrowedMessage<'_>) -> Result<(), StartError>,
    ) -> Result<(), StartError> {
        let mut unread: BTreeMap<i32, Option<i64>> = BTreeMap::new();
        let mut list = TopicPartitionList::new();
        for part in parts.iter().filter(|part| part.until.is_none_or(|until| part.from < until)) {
            let from = if part.from <= 0 { Offset::Beginning } else { Offset::Offset(part.from) };
            list.add_partition_offset(topic, part.partition, from)?;
            unread.insert(part.partition, part.until);
        }
        self.consumer.assign(&list)?;
        let mut heard = Instant::now();
        while !unread.is_empty() {
            match self.consumer.poll(Duration::from_millis(500)) {
                Some(Ok(message)) => {
                    heard = Instant::now();
                    let Some(until) = unread.get(&message.partition()).copied() else { continue };
                    if until.is_none_or(|until| message.offset() < until) {
                        hear(&message)?;
                    }
                    if until.is_some_and(|until| message.offset() + 1 >= until) {
                        self.leave(topic, message.partition(), &mut unread)?;
                    }
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => self.leave(topic, partition, &mut unread)?,
                Some(Err(error)) if heard.elapsed() > SILENCE || !client::is_passing(&error) => {
                    return Err(error.into());
                }
                None if heard.elapsed() > SILENCE => return Err(StartError::Worker("reader of the log")),
                Some(Err(_)) | None => {}
            }
        }
        Ok(())
    }

    /// As [`History::read`], with records that outlive the client.
    pub fn records(
        &self,
        topic: &str,
        parts: &[Part],
        mut hear: impl FnMut(&crate::tail::Record) -> Result<(), StartError>,
    ) -> Result<(), StartError> {
        self.read(topic, parts, |message| hear(&crate::tail::record(message)))
    }

    fn leave(&self, topic: &str, partition: i32, unread: &mut BTreeMap<i32, Option<i64>>) -> Result<(), StartError> {
        if unread.remove(&partition).is_some() && !unread.is_empty() {
            let mut list = TopicPartitionList::new();
            list.add_partition(topic, partition);
            self.consumer.incremental_unassign(&list)?;
        }
        Ok(())
    }
}
