//! The last cursor of one system on `ingest.cursors`.

use super::CURSORS;
use crate::config::KafkaConfig;
use crate::entry::{Shutdown, StartError, fetch_schema};
use crate::{admin, client};
use codec::Codec;
use domain::CursorRecord;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use std::time::Duration;

pub struct LastCursor;

impl LastCursor {
    /// Reads the whole compacted topic: a few records a system. Committed ones only, so that what a dead poller left
    /// open is not believed.
    pub fn read(
        config: &KafkaConfig,
        codec: &Codec,
        runtime: &tokio::runtime::Handle,
        shutdown: &Shutdown,
        system: &str,
    ) -> Result<Option<CursorRecord>, StartError> {
        let consumer: BaseConsumer<client::Reader> =
            client::finite_reader(config, "cursors").create_with_context(client::Reader)?;
        let mut list = TopicPartitionList::new();
        let mut unread = admin::contract_of(CURSORS)?.partitions;
        for partition in 0..unread {
            list.add_partition_offset(CURSORS, partition, Offset::Beginning)?;
        }
        consumer.assign(&list)?;
        let mut last = None;
        while unread > 0 {
            match consumer.poll(Duration::from_millis(200)) {
                Some(Ok(message)) if message.key() == Some(system.as_bytes()) => {
                    let bytes = message.payload().unwrap_or_default();
                    last = Some(decode(codec, runtime, shutdown, bytes, message.partition(), message.offset())?);
                }
                Some(Ok(_)) | None => {}
                Some(Err(KafkaError::PartitionEOF(_))) => unread -= 1,
                Some(Err(error)) if client::is_passing(&error) => {}
                Some(Err(error)) => return Err(error.into()),
            }
            if shutdown.has_begun() {
                return Err(StartError::Worker("cursor reader"));
            }
        }
        Ok(last)
    }
}

fn decode(
    codec: &Codec,
    runtime: &tokio::runtime::Handle,
    shutdown: &Shutdown,
    bytes: &[u8],
    partition: i32,
    offset: i64,
) -> Result<CursorRecord, StartError> {
    loop {
        match codec.decode::<CursorRecord>(CURSORS, bytes) {
            Ok(record) => return Ok(record),
            Err(error) => match error.missing_schema() {
                Some(id) => runtime.block_on(fetch_schema(codec, id, shutdown))?,
                None => {
                    let reason = error.to_string();
                    return Err(StartError::Unreadable { topic: CURSORS.to_owned(), partition, offset, reason });
                }
            },
        }
    }
}
