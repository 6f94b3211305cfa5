//! Lists dead letters and sends them back to where they came from.
//!
//! A dead-letter topic is a log like any other: what was sent back is marked by a later record on the same topic, in
//! the transaction that sends it back, so that a dead letter is never open and under way at once.

use crate::client;
use crate::config::KafkaConfig;
use crate::dead_letter::{CLASS, MAPPING_VERSION, PLACE, REASON, SERVICE, topic_of};
use crate::entry::StartError;
use crate::record::{self, CE_TYPE, FIRST_CAUSE, Output, REDRIVES, cause_text, parse_cause, with_headers};
use crate::transaction::{Batch, Transactions};
use codec::contract;
use domain::Cause;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Headers, Message, OwnedHeaders};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// On a record that marks a dead letter as sent back: the dead letter's own place.
pub const RESOLVES: &str = "causeway_dead_letter_resolves";
/// Headers that a record gained by being a dead letter.
const OURS: [&str; 6] = [CLASS, REASON, SERVICE, MAPPING_VERSION, PLACE, REDRIVES];
/// Records in one transaction: small enough to stay far below its timeout.
const CHUNK: usize = 500;
/// A cluster that says nothing for this long is not there.
const SILENCE: Duration = Duration::from_secs(30);

/// One dead letter that has not been sent back.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Where it lies.
    pub place: Cause,
    /// The topic it goes back to.
    pub source: &'static str,
    pub class: String,
    pub reason: String,
    pub service: String,
    /// The subject.
    pub key: String,
    pub kind: String,
    /// Where it, or what led to it, stood first.
    pub first_cause: Option<Cause>,
    pub redrives: u32,
    key_bytes: Vec<u8>,
    payload: Vec<u8>,
    headers: OwnedHeaders,
}

impl std::fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = cause_text(&self.place);
        write!(f, "{place}  {}  {}  {}  redrives={}  {}", self.class, self.key, self.kind, self.redrives, self.reason)
    }
}

/// What to select; an empty filter selects everything.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub class: Option<String>,
    /// Source topic.
    pub topic: Option<String>,
    pub key: Option<String>,
    /// A part of the reason.
    pub reason: Option<String>,
}

impl Filter {
    fn matches(&self, letter: &DeadLetter) -> bool {
        self.class.as_ref().is_none_or(|class| class.eq_ignore_ascii_case(&letter.class))
            && self.key.as_ref().is_none_or(|key| *key == letter.key)
            && self.reason.as_ref().is_none_or(|part| letter.reason.contains(part))
    }
}

/// Every open dead letter that the filter selects, per topic in log order. Blocking.
pub fn list(config: &KafkaConfig, filter: &Filter) -> Result<Vec<DeadLetter>, StartError> {
    let wanted = |source: &str| filter.topic.as_ref().is_none_or(|wanted| wanted == source);
    let mut sources: BTreeMap<String, &'static str> = BTreeMap::new();
    for topic in contract::topics().topics.iter().filter(|t| !t.records.is_empty() && wanted(&t.name)) {
        let letters = topic_of(&topic.name);
        if contract::topics().get(&letters).is_some() {
            sources.insert(letters, &topic.name);
        }
    }
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    Ok(read(config, &sources)?.into_iter().filter(|letter| filter.matches(letter)).collect())
}

/// `sources`: the topic they came from, by the topic they lie on. All through one client, which costs one connection.
fn read(config: &KafkaConfig, sources: &BTreeMap<String, &'static str>) -> Result<Vec<DeadLetter>, StartError> {
    let consumer: BaseConsumer<client::Reader> =
        client::finite_reader(config, "dlq").create_with_context(client::Reader)?;
    let mut list = TopicPartitionList::new();
    for letters in sources.keys() {
        for partition in 0..crate::admin::contract_of(letters)?.partitions {
            list.add_partition_offset(letters, partition, Offset::Beginning)?;
        }
    }
    consumer.assign(&list)?;
    let mut unread = list.count();
    let mut heard = Instant::now();
    let mut open: BTreeMap<(&'static str, i32, i64), DeadLetter> = BTreeMap::new();
    let mut resolved: BTreeSet<(&'static str, i32, i64)> = BTreeSet::new();
    while unread > 0 {
        match consumer.poll(Duration::from_millis(500)) {
            Some(Ok(message)) => {
                heard = Instant::now();
                let Some(source) = sources.get(message.topic()).copied() else { continue };
                if let Some(done) = record::header(&message, RESOLVES).and_then(parse_cause) {
                    resolved.insert((source, done.partition, done.offset));
                } else {
                    open.insert((source, message.partition(), message.offset()), letter(source, &message));
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) => unread -= 1,
            Some(Err(error)) if heard.elapsed() > SILENCE => return Err(error.into()),
            Some(Err(error)) if client::is_passing(&error) => {}
            Some(Err(error)) => return Err(error.into()),
            None if heard.elapsed() > SILENCE => return Err(StartError::Worker("dead letter reader")),
            None => {}
        }
    }
    open.retain(|place, _| !resolved.contains(place));
    Ok(open.into_values().collect())
}

fn letter(source: &'static str, message: &rdkafka::message::BorrowedMessage<'_>) -> DeadLetter {
    let text = |name| record::header(message, name).unwrap_or_default().to_owned();
    DeadLetter {
        place: record::place_of(message),
        source,
        class: text(CLASS),
        reason: text(REASON),
        service: text(SERVICE),
        key: String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned(),
        kind: text(CE_TYPE),
        first_cause: record::header(message, FIRST_CAUSE).and_then(parse_cause),
        redrives: text(REDRIVES).parse().unwrap_or(0),
        key_bytes: message.key().unwrap_or_default().to_vec(),
        payload: message.payload().unwrap_or_default().to_vec(),
        headers: record::copied_headers(message),
    }
}

/// Sends the letters back, in their order, and marks each as sent. `progress` hears how many are done. Blocking.
pub fn redrive(
    config: &KafkaConfig,
    letters: &[DeadLetter],
    mut progress: impl FnMut(usize),
) -> Result<(), StartError> {
    // One operator at a time: a second one fences the first.
    let id = format!("{}.redrive", config.application);
    let mut transactions = Transactions::new(client::transactional_producer(config, "redrive", &id));
    let mut done = 0;
    for chunk in letters.chunks(CHUNK) {
        let mut records = Vec::with_capacity(chunk.len() * 2);
        for letter in chunk {
            records.push(back(letter));
            records.push(mark(letter)?);
        }
        transactions.commit(&Batch { records, inputs: None })?;
        done += chunk.len();
        progress(done);
    }
    Ok(())
}

/// The record as it was before it became a dead letter, with its first cause and the count of its journeys.
fn back(letter: &DeadLetter) -> Output {
    let mut headers = OwnedHeaders::new();
    for header in letter.headers.iter().filter(|h| !OURS.contains(&h.key)) {
        headers = headers.insert(header);
    }
    let headers = with_headers(headers, [(REDRIVES, (letter.redrives + 1).to_string())]);
    Output { topic: letter.source, key: letter.key_bytes.clone(), payload: letter.payload.clone(), headers }
}

fn mark(letter: &DeadLetter) -> Result<Output, StartError> {
    let name = topic_of(letter.source);
    let topic = contract::topics().get(&name).ok_or(StartError::MissingTopic { topic: name })?;
    let headers = with_headers(OwnedHeaders::new(), [(RESOLVES, cause_text(&letter.place))]);
    Ok(Output { topic: &topic.name, key: letter.key_bytes.clone(), payload: Vec::new(), headers })
}
