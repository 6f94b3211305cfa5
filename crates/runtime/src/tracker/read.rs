//! From records of the log to the fold.

use super::{TOPICS, Tracker};
use crate::entry::{StartError, fetch_schema};
use crate::{client, crash, observe};
use codec::{DecodeError, Record};
use domain::{Envelope, InternalEvent, Outcome, PartnerEvent, ServiceLevelEvent};
use rdkafka::Offset;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use std::time::Duration;
use tracking::Heard;

fn index(topic: &str) -> Option<usize> {
    TOPICS.iter().position(|name| *name == topic)
}

impl Tracker<'_> {
    /// Folds what has come, up to a few hundred records.
    pub(super) fn read(&mut self, mut wait: Duration) -> Result<(), StartError> {
        for _ in 0..512 {
            // Borrows nothing of `self` but the reader, so that the fold may change the rest.
            let folded = match self.reader.poll(wait) {
                None => return Ok(()),
                Some(Err(KafkaError::PartitionEOF(_))) => None,
                Some(Err(error)) if client::is_passing(&error) => {
                    tracing::info!(%error, "reading goes on");
                    return Ok(());
                }
                Some(Err(error)) => return Err(error.into()),
                Some(Ok(message)) => {
                    crash::reached("tracker.read");
                    let Some(topic) = index(message.topic()) else { continue };
                    let read = self.decode(topic, &message)?;
                    Some((topic, message.partition(), message.offset(), read))
                }
            };
            wait = Duration::ZERO;
            match folded {
                Some((topic, partition, offset, read)) => self.fold(topic, partition, offset, &read)?,
                None => self.pass()?,
            }
        }
        Ok(())
    }

    fn fold(&mut self, topic: usize, partition: i32, offset: i64, read: &Option<Read>) -> Result<(), StartError> {
        // Of a partition that was taken away it may still be in the queue.
        let Some(owned) = self.owned.get_mut(&partition) else { return Ok(()) };
        if offset < owned.next_offset(TOPICS[topic]) {
            return Ok(());
        }
        observe::consumed(TOPICS[topic], 1);
        owned.fold(topic, offset, read.as_ref().map(Read::heard), &self.spec.rules);
        if owned.wants_flush() { owned.flush() } else { Ok(()) }
    }

    /// The end of a partition says no topic, hence the look at all positions; only while one of them is behind.
    fn pass(&mut self) -> Result<(), StartError> {
        if !self.owned.values().any(super::Owned::is_behind) {
            return Ok(());
        }
        for element in self.reader.position()?.elements() {
            if let (Offset::Offset(at), Some(topic)) = (element.offset(), index(element.topic()))
                && let Some(owned) = self.owned.get_mut(&element.partition())
            {
                owned.is_at(topic, at);
            }
        }
        Ok(())
    }

    /// `None` for what cannot be read: whoever has to act on it puts it among the dead letters.
    fn decode(&self, topic: usize, message: &BorrowedMessage<'_>) -> Result<Option<Read>, StartError> {
        let read = match topic {
            0 => self.decoded(message)?.map(|record| Read::Partner(Box::new(record))),
            1 => self.decoded(message)?.map(|record| Read::Internal(Box::new(record))),
            2 => self.decoded(message)?.map(|record| Read::AtPartner(Box::new(record))),
            3 => self.decoded(message)?.map(|record| Read::AtInternal(Box::new(record))),
            _ => self.decoded(message)?.map(|record| Read::Said(Box::new(record))),
        };
        match read {
            Ok(read) => Ok(Some(read)),
            Err(_) if topic < super::INPUTS => {
                observe::skipped(TOPICS[topic], "unreadable");
                Ok(None)
            }
            // Its own word, unread, would be said again.
            Err(error) => Err(StartError::Unreadable {
                topic: message.topic().to_owned(),
                partition: message.partition(),
                offset: message.offset(),
                reason: error.to_string(),
            }),
        }
    }

    fn decoded<R: Record>(&self, message: &BorrowedMessage<'_>) -> Result<Result<R, DecodeError>, StartError> {
        loop {
            let decoded = self.codec.decode::<R>(message.topic(), message.payload().unwrap_or_default());
            let Err(error) = decoded else { return Ok(decoded) };
            let Some(id) = error.missing_schema() else { return Ok(Err(error)) };
            match tokio::runtime::Handle::current().block_on(fetch_schema(self.codec, id, self.shutdown)) {
                Ok(()) => {}
                Err(codec::RegistryError::NotFound { .. } | codec::RegistryError::Unusable { .. }) => {
                    return Ok(Err(error));
                }
                Err(other) => return Err(other.into()),
            }
        }
    }
}

pub(super) enum Read {
    Partner(Box<Envelope<PartnerEvent>>),
    Internal(Box<Envelope<InternalEvent>>),
    AtPartner(Box<Envelope<Outcome>>),
    AtInternal(Box<Envelope<Outcome>>),
    Said(Box<Envelope<ServiceLevelEvent>>),
}

impl Read {
    const fn heard(&self) -> Heard<'_> {
        match self {
            Self::Partner(record) => Heard::Partner(record),
            Self::Internal(record) => Heard::Internal(record),
            Self::AtPartner(record) => Heard::AtPartner(record),
            Self::AtInternal(record) => Heard::AtInternal(record),
            Self::Said(record) => Heard::Said(record),
        }
    }
}
