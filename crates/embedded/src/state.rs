//! The broker's state behind one lock: the journal and its fold, the partitions' logs, and the groups' members.

#[cfg(test)]
mod killed;
mod recover;

use crate::groups::Group;
use crate::journal::Journal;
use crate::log::{PartitionLog, storage};
use crate::meta::{Event, Meta};
use crate::options::{Durability, Limits, StartError};
use crate::topics::Topic;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

pub type Answer<T> = Result<T, ResponseError>;

/// The journal is rewritten when it is larger than this and has doubled since it was last written anew.
const REWRITE: u64 = 8 << 20;

pub struct State {
    folder: PathBuf,
    durability: Durability,
    pub limits: Limits,
    journal: Journal,
    rewritten: u64,
    pub meta: Meta,
    logs: BTreeMap<String, Vec<PartitionLog>>,
    pub groups: BTreeMap<String, Group>,
    closed: bool,
    /// Held for as long as the broker uses the folder.
    lock: File,
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl State {
    /// Takes the folder, reads everything back and completes what was decided. Blocking.
    pub fn open(folder: &Path, durability: Durability, limits: Limits) -> Result<Self, StartError> {
        recover::open(folder, durability, limits)
    }

    /// Journals the events and then follows them: all, or none where the journal cannot be written.
    pub fn record(&mut self, events: Vec<Event>) -> Answer<()> {
        self.writable()?;
        self.journal.append(&events).map_err(storage)?;
        events.into_iter().for_each(|event| self.meta.apply(event));
        Ok(())
    }

    pub const fn writable(&self) -> Answer<()> {
        if self.closed { Err(ResponseError::KafkaStorageError) } else { Ok(()) }
    }

    pub fn topic(&self, name: &str) -> Answer<&Topic> {
        self.meta.topics.get(name).ok_or(ResponseError::UnknownTopicOrPartition)
    }

    pub fn log(&self, topic: &str, partition: i32) -> Answer<&PartitionLog> {
        let of_topic = self.logs.get(topic).zip(usize::try_from(partition).ok());
        of_topic.and_then(|(logs, at)| logs.get(at)).ok_or(ResponseError::UnknownTopicOrPartition)
    }

    pub fn log_mut(&mut self, topic: &str, partition: i32) -> Answer<&mut PartitionLog> {
        self.writable()?;
        let of_topic = self.logs.get_mut(topic).zip(usize::try_from(partition).ok());
        of_topic.and_then(|(logs, at)| logs.get_mut(at)).ok_or(ResponseError::UnknownTopicOrPartition)
    }

    /// Makes a topic, or gives one more partitions or other settings.
    pub fn put_topic(&mut self, name: &str, topic: Topic) -> Answer<()> {
        self.writable()?;
        let folder = self.folder.join(Topic::folder(name, topic.id));
        let mut more = Vec::new();
        let have = self.logs.get(name).map_or(0, Vec::len);
        for partition in have..usize::try_from(topic.partitions).unwrap_or_default() {
            let opened = PartitionLog::open(&folder.join(partition.to_string()), self.durability);
            more.push(opened.map_err(|error| {
                tracing::error!(%error, topic = name, "a partition cannot be made");
                ResponseError::KafkaStorageError
            })?);
        }
        self.durability.entries(&folder).and_then(|()| self.durability.entries(&self.folder)).map_err(storage)?;
        self.record(vec![Event::Topic { name: name.to_owned(), topic }])?;
        self.logs.entry(name.to_owned()).or_default().extend(more);
        Ok(())
    }

    pub fn delete_topic(&mut self, name: &str) -> Answer<()> {
        let id = self.topic(name)?.id;
        self.record(vec![Event::TopicDeleted { name: name.to_owned(), id }])?;
        self.logs.remove(name);
        if let Err(error) = std::fs::remove_dir_all(self.folder.join(Topic::folder(name, id))) {
            tracing::warn!(%error, topic = name, "the folder of a deleted topic stays");
        }
        Ok(())
    }

    /// A producer id that nobody has.
    pub fn new_producer(&mut self) -> Answer<i64> {
        let id = self.meta.next_producer;
        self.record(vec![Event::ProducerIds { next: id + 1 }])?;
        Ok(id)
    }

    /// Deletes old segments, and rewrites the journal where it has grown.
    pub fn tidy(&mut self) -> io::Result<()> {
        if self.closed {
            // The folder may be another broker's by now.
            return Ok(());
        }
        let now = now_ms();
        for (name, topic) in &self.meta.topics {
            for log in self.logs.get_mut(name).into_iter().flatten() {
                log.retain(now, &topic.shape())?;
            }
        }
        if self.journal.length() > REWRITE.max(2 * self.rewritten) {
            self.journal.rewrite(self.meta.events().into_iter())?;
            self.rewritten = self.journal.length();
        }
        Ok(())
    }

    /// Flushes everything to the disk; nothing is written afterwards.
    pub fn close(&mut self) -> io::Result<()> {
        self.closed = true;
        for log in self.logs.values().flatten() {
            log.sync()?;
        }
        self.journal.sync()
    }

    /// Lets go of the folder; nothing is written afterwards.
    pub fn release(&mut self) {
        self.closed = true;
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the folder stays locked until the process ends");
        }
    }
}
