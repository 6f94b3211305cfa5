//! The sink's own producer: outcomes and dead letters, each to a named partition.

use crate::client;
use crate::config::KafkaConfig;
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// Told when the record is acknowledged; `None` where nobody waits, because the record is read back anyway.
type Waiter = Box<Option<oneshot::Sender<bool>>>;

#[derive(Default)]
struct Deliveries {
    failed: AtomicBool,
}

impl ClientContext for Deliveries {}
impl ProducerContext for Deliveries {
    type DeliveryOpaque = Waiter;
    fn delivery(&self, result: &DeliveryResult<'_>, waiter: Waiter) {
        if result.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        if let Some(waiter) = *waiter {
            let _ = waiter.send(result.is_ok());
        }
    }
}

/// With a polling thread of its own: the crate's polls ten times a second and spins through the last millisecond of
/// each, two per cent of a core for the two sinks of an idle process.
pub struct Appender {
    producer: Arc<BaseProducer<Deliveries>>,
}

/// Between two looks of the polling thread whether anybody still appends. Deliveries do not wait for it.
const POLL: Duration = Duration::from_secs(2);

/// A record for one partition.
pub struct Record<'a> {
    pub topic: &'a str,
    pub partition: i32,
    pub key: &'a [u8],
    pub payload: &'a [u8],
    pub headers: OwnedHeaders,
}

impl Appender {
    pub fn new(config: &KafkaConfig, role: &str) -> Result<Self, KafkaError> {
        let producer = client::log_producer(config, role).create_with_context(Deliveries::default())?;
        let producer: Arc<BaseProducer<Deliveries>> = Arc::new(producer);
        let polled = Arc::downgrade(&producer);
        let polling = std::thread::Builder::new().name("deliveries".to_owned()).spawn(move || {
            while let Some(producer) = polled.upgrade() {
                producer.poll(POLL);
            }
        });
        polling.map_err(|_| KafkaError::ClientCreation("no thread for deliveries".to_owned()))?;
        Ok(Self { producer })
    }

    /// The producer retries for ever; a failure is therefore final, and what was not appended would be waited for in
    /// vain: the process must end.
    pub fn has_failed(&self) -> bool {
        self.producer.context().failed.load(Ordering::Relaxed)
    }

    /// Appends in call order.
    pub async fn append(&self, record: Record<'_>) -> Result<(), KafkaError> {
        self.send(record, None).await
    }

    /// Returns when the record is on the log.
    pub async fn append_and_wait(&self, record: Record<'_>) -> Result<(), KafkaError> {
        let (sender, receiver) = oneshot::channel();
        self.send(record, Some(sender)).await?;
        match receiver.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut)),
        }
    }

    async fn send(&self, record: Record<'_>, waiter: Option<oneshot::Sender<bool>>) -> Result<(), KafkaError> {
        let mut next = BaseRecord::with_opaque_to(record.topic, Box::new(waiter))
            .partition(record.partition)
            .key(record.key)
            .payload(record.payload)
            .headers(record.headers);
        loop {
            match self.producer.send(next) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    next = back;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    /// Blocking; to be called off the executor.
    pub fn flush(&self, deadline: Duration) -> Result<(), KafkaError> {
        self.producer.flush(deadline)
    }
}
