use super::{Standing, Undecided};
use crate::client;
use crate::config::KafkaConfig;
use crate::entry::{Shutdown, StartError, now, prepare_topics};
use crate::history::{History, Part};
use crate::record::{Output, REDRIVES, TRACEPARENT, with_headers};
use crate::redrive::again::{self, AgainError, outcomes_of};
use crate::sink::append::{Appender, Record};
use crate::transaction::{Batch, Transactions};
use codec::{Codec, headers};
use domain::outcome::Done;
use domain::{Actor, CommandRef, Envelope, Marked, MessageId, NativeId, Outcome, Side, Visibility};
use rdkafka::message::{Headers, Message, OwnedHeaders, OwnedMessage};
use std::time::Duration;

/// In an outcome's `ext`: who settled it, and why so.
pub const RESOLVED_BY: &str = "resolved_by";
pub const REASON: &str = "resolved_reason";
/// An acknowledgement takes no longer where Kafka is there.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a person found at the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The effect is there, on this record; `reference` is what a person would quote, where the record is new.
    Applied { native_id: NativeId, reference: String },
    /// It is not there.
    NotApplied,
}

#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    #[error(transparent)]
    Log(#[from] StartError),
    #[error("the command at {place} cannot be used")]
    Command { place: String, source: AgainError },
    #[error("no command lies at {0}")]
    Gone(String),
    #[error("the sink still looks for it by itself and would pass over a repeat: wait until it is parked")]
    NotParked,
    #[error("the outcome cannot be written: {0}")]
    Write(String),
}

/// Writes what was found, so that the sink goes on: an outcome `done` by this person, or the command again with the next
/// attempt, which passes an undecidable look. Answers what was written. Blocking, within a tokio runtime.
pub fn resolve(
    config: &KafkaConfig,
    codec: &Codec,
    undecided: &Undecided,
    found: &Found,
    by: &str,
    reason: &str,
) -> Result<String, ResolveError> {
    if *found == Found::NotApplied && undecided.standing != Standing::Parked {
        return Err(ResolveError::NotParked);
    }
    let place = format!("{}/{}/{}", undecided.commands, undecided.partition, undecided.remembered.offset);
    let bytes = command(config, undecided)?.ok_or_else(|| ResolveError::Gone(place.clone()))?;
    let payload = bytes.payload().unwrap_or_default();
    let unusable = |source| ResolveError::Command { place: place.clone(), source };
    let known = again::known(codec, undecided.commands, payload)?.map_err(unusable)?;
    if known.id != undecided.id {
        return Err(ResolveError::Gone(place));
    }
    match found {
        Found::NotApplied => {
            let attempt = undecided.remembered.attempt.saturating_add(1);
            prepared(codec, undecided.commands)?;
            let asked = again::ask_again(codec, undecided.commands, payload, attempt, by)?.map_err(unusable)?;
            write_command(config, undecided, &bytes, asked)?;
            Ok(format!("command {} asked for again as attempt {attempt} by {by}", undecided.id))
        }
        Found::Applied { native_id, reference } => {
            let command = CommandRef {
                id: undecided.id,
                kind: undecided.last.payload.command().map(|c| c.kind.clone()).unwrap_or_default(),
                hash: undecided.remembered.hash.clone(),
                offset: undecided.remembered.offset,
            };
            // The narrowest mark but one, as the sink sets it: a bundle has to share it.
            let reference = Marked::new(reference.clone(), Visibility::Host);
            let done = Done {
                command,
                native_id: native_id.to_string(),
                reference,
                effects: Vec::new(),
                fields: known.fields,
                version: String::new(),
                created: known.creates,
            };
            let outcome = settled(undecided, done, by, reason);
            write_outcome(config, codec, undecided, &outcome, &bytes)?;
            Ok(format!("outcome done {} on {native_id} written by {by}", outcome.meta.id))
        }
    }
}

/// As the sink would have written it, by another actor.
fn settled(undecided: &Undecided, done: Done, by: &str, reason: &str) -> Envelope<Outcome> {
    let mut meta = undecided.last.meta.clone();
    let payload = Outcome::Done(done);
    meta.id = MessageId::of_outcome(undecided.id, payload.word(), undecided.remembered.hash.as_str());
    let side = meta.kind.split('.').next().unwrap_or_default().to_owned();
    meta.kind = format!("{side}.outcome.{}", payload.word());
    meta.occurred_at = now();
    meta.actor = Actor { id: by.to_owned(), side: Side::Internal };
    meta.ext.insert(RESOLVED_BY.to_owned(), by.to_owned());
    if !reason.is_empty() {
        meta.ext.insert(REASON.to_owned(), reason.to_owned());
    }
    Envelope { meta, payload }
}

/// The command's record as it lies on the log.
fn command(config: &KafkaConfig, undecided: &Undecided) -> Result<Option<OwnedMessage>, StartError> {
    let offset = undecided.remembered.offset;
    let part = Part { partition: undecided.partition, from: offset, until: Some(offset.saturating_add(1)) };
    let mut found = None;
    History::open(config, "doubt")?.read(undecided.commands, &[part], |message| {
        if message.offset() == offset {
            found = Some(message.detach());
        }
        Ok(())
    })?;
    Ok(found)
}

fn prepared(codec: &Codec, topic: &str) -> Result<(), StartError> {
    let (topics, never) = ([topic], Shutdown::new());
    Ok(tokio::runtime::Handle::current().block_on(prepare_topics(codec, &topics, &never))?)
}

/// In a transaction, as everything on this topic.
fn write_command(
    config: &KafkaConfig,
    undecided: &Undecided,
    as_was: &OwnedMessage,
    payload: Vec<u8>,
) -> Result<(), StartError> {
    let mut copied = OwnedHeaders::new();
    let mut redrives = 0_u32;
    for header in as_was.headers().into_iter().flat_map(Headers::iter) {
        if header.key == REDRIVES {
            let count = header.value.and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
            redrives = count.unwrap_or(0);
        } else {
            copied = copied.insert(header);
        }
    }
    let headers = with_headers(copied, [(REDRIVES, redrives.saturating_add(1).to_string())]);
    let key = as_was.key().unwrap_or_default().to_vec();
    let record = Output { topic: undecided.commands, key, payload, headers };
    let id = format!("{}.doubt", config.application);
    let mut transactions = Transactions::new(client::transactional_producer(config, "doubt", &id));
    Ok(transactions.commit(&Batch { records: vec![record], inputs: None })?)
}

/// Without a transaction, as every outcome: what reads outcomes to their end expects no markers there.
fn write_outcome(
    config: &KafkaConfig,
    codec: &Codec,
    undecided: &Undecided,
    outcome: &Envelope<Outcome>,
    command: &OwnedMessage,
) -> Result<(), ResolveError> {
    let topic = outcomes_of(undecided.commands).unwrap_or_default();
    prepared(codec, topic)?;
    let mut payload = Vec::new();
    codec.encode(topic, outcome, &mut payload).map_err(|error| ResolveError::Write(error.to_string()))?;
    let mut of_record = with_headers(OwnedHeaders::new(), headers::cloud_event(&outcome.meta));
    for header in command.headers().into_iter().flat_map(Headers::iter).filter(|h| h.key == TRACEPARENT) {
        of_record = of_record.insert(header);
    }
    let record = Record {
        topic,
        partition: undecided.partition,
        key: outcome.meta.subject.as_str().as_bytes(),
        payload: &payload,
        headers: of_record,
    };
    let appender = Appender::new(config, "doubt").map_err(StartError::from)?;
    let written = tokio::runtime::Handle::current()
        .block_on(async { tokio::time::timeout(PATIENCE, appender.append_and_wait(record)).await });
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(ResolveError::Log(error.into())),
        Err(_) => Err(ResolveError::Write("kafka did not answer in 30 s; it may yet be written".to_owned())),
    }
}
