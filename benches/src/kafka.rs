//! What both subjects share: the cluster, the workload on it, the bundle.

use crate::error::{BenchError, wrong};
use crate::events;
use codec::Codec;
use mapping::Bundle;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use runtime::KafkaConfig;
use runtime::record::with_headers;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Where the relay writes; of as many partitions as what it reads.
pub const RELAYED: &str = "benches.relayed";
const PATIENCE: Duration = Duration::from_secs(30);

/// The defaults of a role, for one run under a name of its own: group and transactional id derive from it.
pub fn config(bootstrap: &str, run: &str) -> KafkaConfig {
    KafkaConfig {
        bootstrap: bootstrap.to_owned(),
        memory_limit_mib: 64,
        commit_interval_ms: 100,
        session_timeout_ms: 45_000,
        application: format!("benches-{run}"),
        instance: "0".to_owned(),
        client: BTreeMap::new(),
    }
}

/// The starter bundle, as it is shipped.
pub fn bundle() -> Result<Bundle, BenchError> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/bundles/rt"));
    Bundle::load(folder).or_else(|faults| {
        let faults: Vec<String> = faults.iter().map(|f| format!("{}:{}: {}", f.file, f.line, f.what)).collect();
        wrong(faults.join("; "))
    })
}

/// Makes the topics of the contract and the relay's.
pub async fn topics(config: &KafkaConfig) -> Result<(), BenchError> {
    runtime::admin::apply(config, 1).await?;
    let admin: AdminClient<DefaultClientContext> = runtime::client::admin(config).create()?;
    let partitions = runtime::admin::contract_of(events::TOPIC)?.partitions;
    let topic = NewTopic::new(RELAYED, partitions, TopicReplication::Fixed(1));
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
    for result in admin.create_topics([&topic], &options).await? {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((_, code)) => return Err(KafkaError::AdminOp(code).into()),
        }
    }
    Ok(())
}

/// How many records a topic has ever been given. Blocking.
pub fn end_of(config: &KafkaConfig, topic: &str) -> Result<u64, BenchError> {
    let consumer: BaseConsumer = runtime::client::admin(config).create()?;
    let mut end = 0;
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
    for partition in metadata.topics().iter().flat_map(|t| t.partitions()) {
        let (_, high) =
            runtime::client::patiently(PATIENCE, || consumer.fetch_watermarks(topic, partition.id(), PATIENCE))?;
        end += u64::try_from(high).unwrap_or(0);
    }
    Ok(end)
}

#[derive(Default)]
struct Deliveries {
    failed: Arc<AtomicU64>,
}
impl rdkafka::ClientContext for Deliveries {}
impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();
    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes events `from..to` of the workload; answers the mean size of their values. Blocking.
pub fn load(config: &KafkaConfig, codec: &Codec, from: u64, to: u64) -> Result<u64, BenchError> {
    let deliveries = Deliveries::default();
    let failed = deliveries.failed.clone();
    let mut client = runtime::client::log_producer(config, "load");
    client.set("linger.ms", "20");
    let producer: ThreadedProducer<Deliveries> = client.create_with_context(deliveries)?;
    let mut bytes = 0;
    for n in from..to {
        let event = events::encoded(codec, n)?;
        bytes += event.value.len() as u64;
        let headers = with_headers(OwnedHeaders::new(), event.headers);
        let mut next = BaseRecord::to(events::TOPIC).key(&event.key).payload(&event.value).headers(headers);
        while let Err((error, back)) = producer.send(next) {
            if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                return Err(error.into());
            }
            next = back;
            producer.poll(Duration::from_millis(5));
        }
    }
    producer.flush(PATIENCE)?;
    match failed.load(Ordering::Relaxed) {
        0 => Ok(bytes / (to - from).max(1)),
        failed => wrong(format!("{failed} events could not be written")),
    }
}
