//! The limit: a relay that reads values and writes them as they are, at least once, with the same client library and
//! the same settings as a role. Key and value; no headers, no transaction, nothing decoded.

use crate::error::{BenchError, wrong};
use crate::usage::{Mark, Usage};
use crate::{events, kafka};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use runtime::KafkaConfig;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(100);
const BUDGET: Duration = Duration::from_secs(600);

/// Acknowledged records by partition: within one partition an idempotent producer is acknowledged in order.
struct Deliveries {
    acknowledged: Vec<AtomicU64>,
    failed: AtomicU64,
}
impl rdkafka::ClientContext for Deliveries {}
impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();
    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let partition = result.as_ref().ok().and_then(|m| usize::try_from(m.partition()).ok());
        let counter = partition.and_then(|p| self.acknowledged.get(p)).unwrap_or(&self.failed);
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Per partition: records sent, and the offset after the last of them.
type Sent = Vec<(u64, i64)>;

struct Relay {
    consumer: BaseConsumer,
    producer: BaseProducer<Deliveries>,
    sent: Sent,
    /// What was sent when the last interval ended; committed once all of it is acknowledged.
    due: Option<Sent>,
}

/// Relays the first `records` records. Blocking.
pub fn run(config: &KafkaConfig, records: u64) -> Result<Usage, BenchError> {
    let partitions = runtime::admin::contract_of(events::TOPIC)?.partitions;
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        list.add_partition_offset(events::TOPIC, partition, rdkafka::Offset::Beginning)?;
    }
    let consumer: BaseConsumer = runtime::client::group_consumer(config, "relay").create()?;
    consumer.assign(&list)?;
    let mut client = runtime::client::log_producer(config, "relay");
    client.set("linger.ms", "20");
    let acknowledged = (0..partitions).map(|_| AtomicU64::new(0)).collect();
    let producer = client.create_with_context(Deliveries { acknowledged, failed: AtomicU64::new(0) })?;
    let sent = vec![(0, 0); usize::try_from(partitions).unwrap_or(0)];
    Relay { consumer, producer, sent, due: None }.relay(records)
}

impl Relay {
    fn relay(&mut self, records: u64) -> Result<Usage, BenchError> {
        let deadline = Instant::now() + BUDGET;
        let (mut begin, mut closed, mut done) = (None, Instant::now(), 0);
        while done < records {
            // As many as there are, then what need not be done per record.
            let mut wait = Duration::from_millis(10);
            for _ in 0..512 {
                match self.consumer.poll(wait) {
                    None => break,
                    Some(message) => {
                        let message = message?;
                        begin.get_or_insert_with(Mark::now);
                        send(&self.producer, &message, deadline)?;
                        if let Some(sent) = usize::try_from(message.partition()).ok().and_then(|p| self.sent.get_mut(p))
                        {
                            *sent = (sent.0 + 1, message.offset() + 1);
                        }
                        done += 1;
                    }
                }
                if done == records {
                    break;
                }
                wait = Duration::ZERO;
            }
            self.producer.poll(Duration::ZERO);
            if closed.elapsed() >= INTERVAL {
                closed = Instant::now();
                self.commit(CommitMode::Async)?;
            }
            if Instant::now() > deadline {
                return wrong(format!("only {done} of {records} records came"));
            }
        }
        self.producer.flush(BUDGET)?;
        self.due = None;
        self.commit(CommitMode::Sync)?;
        self.commit(CommitMode::Sync)?;
        let usage = begin.unwrap_or_else(Mark::now).usage(records, records);
        let context = self.producer.context();
        let acknowledged: u64 = context.acknowledged.iter().map(|a| a.load(Ordering::Relaxed)).sum();
        match context.failed.load(Ordering::Relaxed) {
            0 if acknowledged == records => Ok(usage),
            failed => wrong(format!("{acknowledged} of {records} acknowledged, {failed} failed")),
        }
    }

    /// Commits what was due if all of it is acknowledged, and takes what has been sent since as due next.
    fn commit(&mut self, mode: CommitMode) -> Result<(), BenchError> {
        let acknowledged = &self.producer.context().acknowledged;
        if let Some(due) = &self.due {
            if !due.iter().zip(acknowledged).all(|((sent, _), done)| done.load(Ordering::Relaxed) >= *sent) {
                return Ok(());
            }
            let mut list = TopicPartitionList::new();
            for (partition, (_, next)) in (0..).zip(due).filter(|(_, (sent, _))| *sent > 0) {
                list.add_partition_offset(events::TOPIC, partition, rdkafka::Offset::Offset(*next))?;
            }
            self.consumer.commit(&list, mode)?;
        }
        self.due = Some(self.sent.clone());
        Ok(())
    }
}

fn send(producer: &BaseProducer<Deliveries>, message: &impl Message, deadline: Instant) -> Result<(), BenchError> {
    let (key, payload) = (message.key().unwrap_or_default(), message.payload().unwrap_or_default());
    let mut next = BaseRecord::to(kafka::RELAYED).partition(message.partition()).key(key).payload(payload);
    loop {
        match producer.send(next) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) if Instant::now() < deadline => {
                producer.poll(Duration::from_millis(5));
                next = back;
            }
            Err((error, _)) => return Err(error.into()),
        }
    }
}
