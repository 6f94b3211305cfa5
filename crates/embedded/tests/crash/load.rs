//! What is written while the broker is killed, and what must be found afterwards.

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::{ClientContext, DefaultClientContext};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const TOPIC: &str = "crash";
const PARTITIONS: i32 = 3;
/// Records of one transaction.
const RECORDS: i32 = 7;
const PATIENCE: Duration = Duration::from_secs(20);

struct Quiet;
impl ClientContext for Quiet {
    fn error(&self, _: KafkaError, _: &str) {}
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}
}
impl ConsumerContext for Quiet {}

/// What the writer knows of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Committed,
    /// It never asked for a commit.
    Aborted,
    /// It asked, and got no answer that says anything.
    Unknown,
}

/// By the transaction's number.
pub type History = BTreeMap<i64, Fate>;

fn config(address: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", address)
        .set("reconnect.backoff.ms", "10")
        .set("reconnect.backoff.max.ms", "50")
        .set("retry.backoff.ms", "20")
        .set("socket.timeout.ms", "5000")
        .set_log_level(RDKafkaLogLevel::Emerg);
    config
}

fn reader(address: &str, group: &str) -> BaseConsumer<Quiet> {
    let mut config = config(address);
    config
        .set("group.id", group)
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "error")
        .set("fetch.wait.max.ms", "50");
    config.create_with_context(Quiet).unwrap()
}

fn everywhere(offset: Offset) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(TOPIC, partition, offset).unwrap();
    }
    list
}

pub fn make_topic(address: &str) {
    let admin: AdminClient<DefaultClientContext> = config(address).create().unwrap();
    // Small segments, so that some kills meet a new one.
    let topic = NewTopic::new(TOPIC, PARTITIONS, TopicReplication::Fixed(1)).set("segment.bytes", "20000");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let made = runtime.block_on(admin.create_topics([&topic], &AdminOptions::new())).unwrap();
    made.into_iter().next().unwrap().unwrap();
}

fn group(writer: u32) -> String {
    format!("group-{writer}")
}

/// Transaction after transaction, each with its number as the group's offset; every fourth is aborted.
pub fn write(address: &str, writer: u32, stop: &AtomicBool) -> History {
    let metadata = reader(address, &group(writer)).group_metadata().unwrap();
    let mut history = History::new();
    let mut number = 0;
    while !stop.load(Ordering::SeqCst) {
        let mut config = config(address);
        config
            .set("transactional.id", format!("writer-{writer}"))
            .set("transaction.timeout.ms", "10000")
            .set("message.timeout.ms", "8000")
            .set("linger.ms", "0");
        let producer: BaseProducer<Quieter> = config.create_with_context(Quieter).unwrap();
        if producer.init_transactions(PATIENCE).is_err() {
            continue;
        }
        while !stop.load(Ordering::SeqCst) {
            number += 1;
            let mut offset = TopicPartitionList::new();
            offset.add_partition_offset(TOPIC, 0, Offset::Offset(number)).unwrap();
            let filled = fill(&producer, writer, number)
                .and_then(|()| producer.send_offsets_to_transaction(&offset, &metadata, PATIENCE));
            if filled.is_err() || number % 4 == 0 {
                history.insert(number, Fate::Aborted);
                if producer.abort_transaction(PATIENCE).is_err() {
                    break;
                }
                continue;
            }
            match producer.commit_transaction(PATIENCE) {
                Ok(()) => history.insert(number, Fate::Committed),
                Err(_) => {
                    history.insert(number, Fate::Unknown);
                    break;
                }
            };
        }
    }
    history
}

struct Quieter;
impl ClientContext for Quieter {
    fn error(&self, _: KafkaError, _: &str) {}
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}
}
impl rdkafka::producer::ProducerContext for Quieter {
    type DeliveryOpaque = ();
    fn delivery(&self, _: &rdkafka::message::DeliveryResult<'_>, (): ()) {}
}

fn fill(producer: &BaseProducer<Quieter>, writer: u32, number: i64) -> KafkaResult<()> {
    producer.begin_transaction()?;
    for record in 0..RECORDS {
        let payload = format!("{writer} {number} {record}");
        let next = BaseRecord::<(), String>::to(TOPIC).partition(record % PARTITIONS).payload(&payload);
        producer.send(next).map_err(|(error, _)| error)?;
    }
    producer.flush(PATIENCE)
}

/// What a reader that was there all the time has seen of partition 0: every offset with its payload.
pub fn watch(address: &str, stop: &AtomicBool) -> BTreeMap<i64, String> {
    let consumer = reader(address, "watch");
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(TOPIC, 0, Offset::Beginning).unwrap();
    consumer.assign(&list).unwrap();
    let mut seen = BTreeMap::new();
    while !stop.load(Ordering::SeqCst) {
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(20)) {
            let text = String::from_utf8_lossy(message.payload().unwrap()).into_owned();
            let before = seen.insert(message.offset(), text.clone());
            assert!(before.is_none_or(|before| before == text), "an offset changed what it holds");
        }
    }
    seen
}

/// Everything that is committed: by partition and offset.
fn found(address: &str) -> BTreeMap<(i32, i64), String> {
    let consumer = reader(address, "verify");
    consumer.assign(&everywhere(Offset::Beginning)).unwrap();
    let mut all = BTreeMap::new();
    let mut ended = 0;
    let deadline = Instant::now() + PATIENCE;
    while ended < PARTITIONS {
        assert!(Instant::now() < deadline, "the end is not reached: a transaction stays open");
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                let text = String::from_utf8_lossy(message.payload().unwrap()).into_owned();
                all.insert((message.partition(), message.offset()), text);
            }
            Some(Err(KafkaError::PartitionEOF(_))) => ended += 1,
            Some(Err(_)) | None => {}
        }
    }
    all
}

pub fn verify(address: &str, histories: &[History], seen: &BTreeMap<i64, String>) -> String {
    // What is still open has no owner any more: whoever comes with the same id ends it.
    for writer in 0..histories.len() {
        let mut config = config(address);
        config.set("transactional.id", format!("writer-{writer}"));
        let producer: BaseProducer<Quieter> = config.create_with_context(Quieter).unwrap();
        producer.init_transactions(PATIENCE).unwrap();
    }
    let found = found(address);
    for (offset, text) in seen {
        assert_eq!(found.get(&(0, *offset)), Some(text), "a reader saw at {offset} what is not committed");
    }
    let mut counts: BTreeMap<(u32, i64), BTreeMap<String, i32>> = BTreeMap::new();
    for text in found.values() {
        let mut words = text.split(' ');
        let key = (words.next().unwrap().parse().unwrap(), words.next().unwrap().parse().unwrap());
        *counts.entry(key).or_default().entry(text.clone()).or_default() += 1;
    }
    let (mut committed, mut aborted, mut unknown, mut unknown_there) = (0, 0, 0, 0);
    for (writer, history) in (0..).zip(histories) {
        let mut last = 0;
        for (number, fate) in history {
            let records = counts.get(&(writer, *number));
            let whole = records.is_some_and(|r| r.len() == RECORDS as usize && r.values().all(|count| *count == 1));
            let place = format!("transaction {number} of writer {writer}: {records:?}");
            match fate {
                Fate::Committed => {
                    assert!(whole, "lost or torn: {place}");
                    committed += 1;
                }
                Fate::Aborted => {
                    assert!(records.is_none(), "aborted and visible: {place}");
                    aborted += 1;
                }
                Fate::Unknown => {
                    assert!(whole || records.is_none(), "torn: {place}");
                    unknown += 1;
                    unknown_there += u32::from(whole);
                }
            }
            if whole {
                last = *number;
            }
        }
        let mut place = TopicPartitionList::new();
        place.add_partition(TOPIC, 0);
        let stored = reader(address, &group(writer)).committed_offsets(place, PATIENCE).unwrap();
        assert_eq!(stored.elements()[0].offset(), Offset::Offset(last), "the offsets of writer {writer}");
    }
    assert!(committed > 20 && aborted > 5, "too little happened: {committed} committed, {aborted} aborted");
    format!("{committed} committed, {aborted} aborted, {unknown} unknown of which {unknown_there} are there")
}
