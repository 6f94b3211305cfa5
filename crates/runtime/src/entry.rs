//! What every role shares: how it is told to stop, and how a start fails.

use crate::store::StoreError;
use crate::transaction::TransactionError;
use codec::RegistryError;
use rdkafka::error::KafkaError;
use std::time::Duration;
use tokio::sync::watch;

/// Told once, heard by everyone who holds a copy.
#[derive(Clone, Debug)]
pub struct Shutdown {
    sender: watch::Sender<bool>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self { sender: watch::Sender::new(false) }
    }
}

impl Shutdown {
    pub fn new() -> Self {
        Self::default()
    }
    pub fn begin(&self) {
        self.sender.send_replace(true);
    }
    pub fn has_begun(&self) -> bool {
        *self.sender.borrow()
    }
    /// Returns when shutdown has begun.
    pub async fn begun(&self) {
        let mut receiver = self.sender.subscribe();
        // The sender lives as long as `self`, so the wait ends only by its value.
        let _ = receiver.wait_for(|begun| *begun).await;
    }
}

/// Why a role ended by itself. The process exits with 1 and is started again by its supervisor; everything it knew is
/// on the log.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("kafka client failed")]
    Kafka(#[from] KafkaError),
    #[error("schema registry failed")]
    Registry(#[from] RegistryError),
    #[error("state store failed")]
    Store(#[from] StoreError),
    #[error("transaction failed")]
    Transaction(#[from] TransactionError),
    #[error("topic `{topic}` has {found} partitions, the contract says {expected}: partition counts are for life")]
    Partitions { topic: String, found: usize, expected: usize },
    #[error("topic `{topic}` does not exist: run `causeway topics apply`")]
    MissingTopic { topic: String },
    #[error(
        "outcomes `{topic}`/{partition} begin at offset {start}: without their beginning a command could be applied twice; restore the topic"
    )]
    OutcomesTruncated { topic: String, partition: i32, start: i64 },
    #[error("record `{topic}`/{partition}/{offset} cannot be read: {reason}")]
    Unreadable { topic: String, partition: i32, offset: i64, reason: String },
    #[error("bundle of link `{link}` refused: {reason}")]
    Bundle { link: String, reason: String },
    #[error("cannot be set up: {0}")]
    SetUp(String),
    #[error("cannot listen on {address}")]
    Bind { address: std::net::SocketAddr, source: std::io::Error },
    #[error("worker `{0}` ended unexpectedly")]
    Worker(&'static str),
    #[error("{0}")]
    Feed(#[from] ports::FeedError),
}

/// Full-jitter is not needed for a handful of processes: doubles from 200 ms to 10 s.
pub struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: Duration::from_millis(200) }
    }
}

impl Backoff {
    pub fn delay(&mut self) -> Duration {
        let delay = self.next;
        self.next = (delay * 2).min(Duration::from_secs(10));
        delay
    }
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// Waits, unless shutdown begins first.
pub async fn pause(shutdown: &Shutdown, delay: Duration) {
    tokio::select! {
        () = shutdown.begun() => {}
        () = tokio::time::sleep(delay) => {}
    }
}

/// Gets a schema; goes on trying while the registry is down, so that an outage delays and loses nothing.
pub async fn fetch_schema(codec: &codec::Codec, id: u32, shutdown: &Shutdown) -> Result<(), RegistryError> {
    let mut backoff = Backoff::default();
    loop {
        let fetched = codec.fetch(id).await;
        crate::observe::registry("fetch", &fetched);
        match fetched {
            Err(error) if error.is_retryable() && !shutdown.has_begun() => {
                tracing::warn!(schema = id, %error, "schema registry does not answer, trying again");
                pause(shutdown, backoff.delay()).await;
            }
            done => return done,
        }
    }
}

/// Looks up the ids of what will be written to `topics`; waits for a registry that is down.
pub async fn prepare_topics(codec: &codec::Codec, topics: &[&str], shutdown: &Shutdown) -> Result<(), RegistryError> {
    for topic in topics {
        let mut backoff = Backoff::default();
        loop {
            let prepared = codec.prepare(topic).await;
            crate::observe::registry("lookup", &prepared);
            let Err(error) = prepared else { break };
            if !error.is_retryable() || shutdown.has_begun() {
                return Err(error);
            }
            tracing::warn!(topic, %error, "schema registry does not answer, trying again");
            pause(shutdown, backoff.delay()).await;
        }
    }
    Ok(())
}

/// Milliseconds since 1970 in this machine's clock.
pub fn now() -> domain::Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    domain::Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
