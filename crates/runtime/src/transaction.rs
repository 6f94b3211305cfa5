//! Commits batches in Kafka transactions, on a thread of its own, in the measured order: produce, drain, send offsets,
//! commit. (With `flush` inside commit each transaction costs 100 ms; with offsets sent before the queue is empty,
//! three brokers answer CONCURRENT_TRANSACTIONS nine times of ten.)
//!
//! A call that took half of `retry.backoff.ms` or longer may have been sent twice by librdkafka, which then still
//! answers `Ok`. The result stands, but the producer is replaced before the next transaction: its new epoch fences
//! the stray request.

use crate::client::RETRY_BACKOFF_MS;
use crate::crash;
use crate::record::Output;
use rdkafka::ClientConfig;
use rdkafka::TopicPartitionList;
use rdkafka::client::ClientContext;
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::util::Timeout;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const SLOW: Duration = Duration::from_millis(RETRY_BACKOFF_MS / 2);
/// Below `transaction.timeout.ms`, so that we give up before the coordinator does.
const BUDGET: Duration = Duration::from_secs(25);

/// What one transaction makes visible at once.
#[derive(Default)]
pub struct Batch {
    pub records: Vec<Output>,
    /// Next offsets of the inputs and the group they belong to; `None` where the batch itself holds the position.
    pub inputs: Option<(TopicPartitionList, ConsumerGroupMetadata)>,
}

/// Why a transaction did not happen. In both cases nothing of the batch is visible, or the log says otherwise: read
/// the committed position again before going on.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    #[error("transaction aborted")]
    Aborted(#[source] KafkaError),
    /// Another producer with our transactional id has taken over.
    #[error("fenced by another instance with the same transactional id")]
    Fenced(#[source] KafkaError),
    /// The producer is of no use any more; a new one is made for the next batch.
    #[error("transactional producer failed")]
    Fatal(#[source] KafkaError),
}

/// Counts deliveries that failed; futures for each record would cost half of the throughput.
#[derive(Default)]
struct Deliveries {
    failed: AtomicU64,
}

impl ClientContext for Deliveries {}
impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();
    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// One transactional id. Blocking: call it from a thread that may block.
pub struct Transactions {
    config: ClientConfig,
    producer: Option<Arc<BaseProducer<Deliveries>>>,
    recycled: u64,
}

enum Verdict {
    Retry,
    Abort,
    Fatal,
    Fenced,
}

/// The error table of librdkafka's transactional producer: an error with no flag is fatal.
#[allow(clippy::wildcard_enum_match_arm, reason = "librdkafka's own rule: whatever is not listed is fatal")]
fn verdict(error: &KafkaError) -> Verdict {
    match error {
        KafkaError::Transaction(e)
            if e.code() == RDKafkaErrorCode::Fenced || e.code() == RDKafkaErrorCode::ProducerFenced =>
        {
            Verdict::Fenced
        }
        KafkaError::Transaction(e) if e.is_fatal() => Verdict::Fatal,
        KafkaError::Transaction(e) if e.txn_requires_abort() => Verdict::Abort,
        KafkaError::Transaction(e) if e.is_retriable() => Verdict::Retry,
        // Still inside the transaction, nothing is committed.
        KafkaError::Flush(_) => Verdict::Abort,
        _ => Verdict::Fatal,
    }
}

impl Transactions {
    pub const fn new(config: ClientConfig) -> Self {
        Self { config, producer: None, recycled: 0 }
    }

    /// How often a producer was replaced because a call was slow or failed.
    pub const fn recycled(&self) -> u64 {
        self.recycled
    }

    /// Makes the producer and fences every other one with the same id; what they left open is aborted.
    pub fn prepare(&mut self) -> Result<(), TransactionError> {
        self.producer().map(|_| ())
    }

    fn producer(&mut self) -> Result<Arc<BaseProducer<Deliveries>>, TransactionError> {
        if let Some(producer) = &self.producer {
            return Ok(producer.clone());
        }
        let producer: BaseProducer<Deliveries> =
            self.config.create_with_context(Deliveries::default()).map_err(TransactionError::Fatal)?;
        until(BUDGET, || producer.init_transactions(Duration::from_secs(10)))?;
        let producer = Arc::new(producer);
        self.producer = Some(producer.clone());
        Ok(producer)
    }

    /// All of the batch, or nothing of it.
    pub fn commit(&mut self, batch: &Batch) -> Result<(), TransactionError> {
        let producer = self.producer()?;
        let result = attempt(&producer, batch);
        match result {
            Ok(false) => Ok(()),
            Ok(true) => {
                self.discard();
                Ok(())
            }
            Err(TransactionError::Aborted(cause)) => {
                if until(BUDGET, || producer.abort_transaction(Duration::from_secs(10))).is_err() {
                    self.discard();
                }
                Err(TransactionError::Aborted(cause))
            }
            Err(error) => {
                self.discard();
                Err(error)
            }
        }
    }

    fn discard(&mut self) {
        self.producer = None;
        self.recycled += 1;
    }
}

/// `Ok(true)`: committed, and a call was slow.
fn attempt(producer: &BaseProducer<Deliveries>, batch: &Batch) -> Result<bool, TransactionError> {
    let failed_before = producer.context().failed.load(Ordering::Relaxed);
    producer.begin_transaction().map_err(judged)?;
    crash::reached("transaction.begun");
    let deadline = Instant::now() + BUDGET;
    for record in &batch.records {
        send(producer, record, deadline)?;
    }
    crash::reached("transaction.sent");
    while producer.in_flight_count() > 0 {
        // rdkafka's own poll with a timeout spins through its last millisecond and takes the mapper's core.
        producer.poll(Duration::ZERO);
        std::thread::park_timeout(Duration::from_micros(300));
        if Instant::now() > deadline {
            return Err(TransactionError::Aborted(KafkaError::Flush(RDKafkaErrorCode::OperationTimedOut)));
        }
    }
    if producer.context().failed.load(Ordering::Relaxed) != failed_before {
        return Err(TransactionError::Aborted(KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut)));
    }
    crash::reached("transaction.acknowledged");
    let mut slow = false;
    if let Some((offsets, group)) = &batch.inputs {
        let before = Instant::now();
        until(BUDGET, || producer.send_offsets_to_transaction(offsets, group, Duration::from_secs(10)))?;
        slow |= before.elapsed() >= SLOW;
        crash::reached("transaction.offsets-sent");
    }
    let before = Instant::now();
    until(BUDGET, || producer.commit_transaction(Timeout::After(BUDGET)))?;
    crash::reached("transaction.committed");
    Ok(slow | (before.elapsed() >= SLOW))
}

fn send(producer: &BaseProducer<Deliveries>, record: &Output, deadline: Instant) -> Result<(), TransactionError> {
    let mut next =
        BaseRecord::to(record.topic).key(&record.key).payload(&record.payload).headers(record.headers.clone());
    loop {
        match producer.send(next) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) if Instant::now() < deadline => {
                producer.poll(Duration::from_millis(5));
                next = back;
            }
            Err((error, _)) => return Err(TransactionError::Aborted(error)),
        }
    }
}

/// The same call again, with the same arguments, as long as librdkafka says that this is safe.
fn until(budget: Duration, call: impl Fn() -> KafkaResult<()>) -> Result<(), TransactionError> {
    let deadline = Instant::now() + budget;
    loop {
        match call() {
            Ok(()) => return Ok(()),
            Err(error) => match verdict(&error) {
                Verdict::Retry if Instant::now() < deadline => {}
                Verdict::Retry | Verdict::Abort => return Err(TransactionError::Aborted(error)),
                Verdict::Fenced => return Err(TransactionError::Fenced(error)),
                Verdict::Fatal => return Err(TransactionError::Fatal(error)),
            },
        }
    }
}

fn judged(error: KafkaError) -> TransactionError {
    match verdict(&error) {
        Verdict::Retry | Verdict::Abort => TransactionError::Aborted(error),
        Verdict::Fenced => TransactionError::Fenced(error),
        Verdict::Fatal => TransactionError::Fatal(error),
    }
}
