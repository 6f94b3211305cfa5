//! Lists dead letters and sends them back to where they came from.
//!
//! A dead-letter topic is a log like any other: what was sent back is marked by a later record on the same topic, in
//! the transaction that sends it back, so that a dead letter is never open and under way at once.
//!
//! Memory is bounded by the letters' headers: their bytes are read, and read again to be sent, a few megabytes at a time.

pub mod again;
mod letter;
mod send;

pub use letter::{DeadLetter, Filter};
pub use send::{Redriven, Unsendable};

use crate::config::KafkaConfig;
use crate::dead_letter::topic_of;
use crate::entry::{Shutdown, StartError, fetch_schema};
use crate::history::{History, Part};
use crate::record;
use crate::transaction::Transactions;
use codec::{Codec, DecodeError, Described, contract};
use domain::Cause;
use rdkafka::message::Message;
use std::collections::BTreeMap;

/// On a record that marks a dead letter as sent back: the dead letter's own place.
pub const RESOLVES: &str = "causeway_dead_letter_resolves";

/// The dead letters of an installation. Blocking; what decodes has to be called within a tokio runtime.
pub struct Letters<'a> {
    config: &'a KafkaConfig,
    /// Needed for letters of class REFUSED, for a filter by partner, and to show one.
    codec: Option<&'a Codec>,
    history: History,
    transactions: Option<Transactions>,
}

impl<'a> Letters<'a> {
    pub fn open(config: &'a KafkaConfig, codec: Option<&'a Codec>) -> Result<Self, StartError> {
        let history = History::open(config, "dlq")?;
        Ok(Self { config, codec, history, transactions: None })
    }

    /// Every open dead letter that the filter selects, by source topic and partition, in the order of their first cause.
    pub fn list(&self, filter: &Filter) -> Result<Vec<DeadLetter>, StartError> {
        let mut open = Vec::new();
        for topic in contract::topics().topics.iter().filter(|t| !t.records.is_empty() && filter.is_of(&t.name)) {
            let letters = topic_of(&topic.name);
            if contract::topics().get(&letters).is_some() {
                self.read(&letters, &topic.name, filter, &mut open)?;
            }
        }
        open.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(open)
    }

    fn read(
        &self,
        topic: &str,
        source: &'static str,
        filter: &Filter,
        open: &mut Vec<DeadLetter>,
    ) -> Result<(), StartError> {
        let mut found: BTreeMap<(i32, i64), DeadLetter> = BTreeMap::new();
        self.history.read(topic, &History::whole(topic)?, |message| {
            if let Some(done) = record::header(message, RESOLVES).and_then(record::parse_cause) {
                found.remove(&(done.partition, done.offset));
                return Ok(());
            }
            let letter = DeadLetter::of(source, message);
            if filter.matches(&letter) && self.is_of_partner(filter, topic, message.payload().unwrap_or_default())? {
                found.insert((message.partition(), message.offset()), letter);
            }
            Ok(())
        })?;
        open.extend(found.into_values());
        Ok(())
    }

    /// The partner stands inside the record alone; what cannot be decoded is nobody's.
    fn is_of_partner(&self, filter: &Filter, topic: &str, payload: &[u8]) -> Result<bool, StartError> {
        let (Some(partner), Some(codec)) = (&filter.partner, self.codec) else { return Ok(filter.partner.is_none()) };
        Ok(describe(codec, topic, payload)?.is_ok_and(|record| record.meta["partner_id"] == partner.as_str()))
    }

    /// The letter at a place of its dead-letter topic, as it lies there, open or not; `None` where nothing lies.
    pub fn at(&self, place: &Cause) -> Result<Option<crate::tail::Record>, StartError> {
        let mut found = None;
        let part = Part { partition: place.partition, from: place.offset, until: Some(place.offset.saturating_add(1)) };
        let ends = self.history.offsets(&place.topic, &[place.partition], crate::history::Point::Latest)?;
        if ends.get(&place.partition).is_none_or(|end| *end <= place.offset) {
            return Ok(None);
        }
        self.history.read(&place.topic, &[part], |message| {
            if message.offset() == place.offset {
                found = Some(crate::tail::record(message));
            }
            Ok(())
        })?;
        Ok(found)
    }
}

impl Letters<'_> {
    /// When the letter at this place was sent back, where it was.
    pub fn sent_back(&self, place: &Cause) -> Result<Option<domain::Timestamp>, StartError> {
        let mut at = None;
        let part = Part { partition: place.partition, from: place.offset, until: None };
        self.history.read(&place.topic, &[part], |message| {
            let resolved = record::header(message, RESOLVES).and_then(record::parse_cause);
            // A mark names its own topic and partition: letters and marks share their key.
            if resolved.is_some_and(|done| done.partition == place.partition && done.offset == place.offset) {
                at = Some(domain::Timestamp(message.timestamp().to_millis().unwrap_or_default()));
            }
            Ok(())
        })?;
        Ok(at)
    }

    /// Every outcome of a command, in the order of the log; its partition is the command's own.
    pub fn outcomes(
        &self,
        commands: &str,
        partition: i32,
        id: &domain::MessageId,
    ) -> Result<Vec<domain::Envelope<domain::Outcome>>, StartError> {
        let mut found = Vec::new();
        let (Some(topic), Some(codec)) = (again::outcomes_of(commands), self.codec) else { return Ok(found) };
        self.history.read(topic, &[Part { partition, from: 0, until: None }], |message| {
            let bytes = message.payload().unwrap_or_default();
            let decode = || codec.decode::<domain::Envelope<domain::Outcome>>(topic, bytes);
            if let Ok(outcome) = with_schema(codec, decode)?
                && outcome.payload.command().is_some_and(|command| command.id == *id)
            {
                found.push(outcome);
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// Whatever record it is; gets the schema where that helps. The inner error is about the bytes, the outer one about the
/// registry.
pub fn describe(codec: &Codec, topic: &str, bytes: &[u8]) -> Result<Result<Described, DecodeError>, StartError> {
    with_schema(codec, || codec.describe(topic, bytes))
}

/// Decodes, and once more with the schema that was missing. An id the registry does not know is no reason to stop.
pub fn with_schema<T>(
    codec: &Codec,
    decode: impl Fn() -> Result<T, DecodeError>,
) -> Result<Result<T, DecodeError>, StartError> {
    let first = decode();
    let Some(id) = first.as_ref().err().and_then(DecodeError::missing_schema) else { return Ok(first) };
    match tokio::runtime::Handle::current().block_on(fetch_schema(codec, id, &Shutdown::new())) {
        Ok(()) => Ok(decode()),
        Err(codec::RegistryError::NotFound { .. } | codec::RegistryError::Unusable { .. }) => Ok(first),
        Err(error) => Err(error.into()),
    }
}

/// Every open dead letter that the filter selects. Blocking.
pub fn list(config: &KafkaConfig, filter: &Filter) -> Result<Vec<DeadLetter>, StartError> {
    Letters::open(config, None)?.list(filter)
}

/// Sends letters back that need no decoding, all but those of class REFUSED. Blocking.
pub fn redrive(config: &KafkaConfig, letters: &[DeadLetter], progress: impl FnMut(usize)) -> Result<(), StartError> {
    Letters::open(config, None)?.send(letters, "", progress).map(|_| ())
}
