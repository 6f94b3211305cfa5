//! Every librdkafka client is made here, with the settings on which the promises rest.

use crate::config::KafkaConfig;
use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use std::time::{Duration, Instant};

/// A slow answer to a transaction call means that librdkafka has silently sent it again (it waits at least 0.8 times
/// this before it does); see `transaction.rs`.
pub const RETRY_BACKOFF_MS: u64 = 500;

fn base(config: &KafkaConfig, client_id: &str) -> ClientConfig {
    let mut client = ClientConfig::new();
    for (key, value) in &config.client {
        client.set(key, value);
    }
    client
        .set("bootstrap.servers", &config.bootstrap)
        .set("client.id", format!("{client_id}-{}", config.instance))
        .set("socket.keepalive.enable", "true")
        .set("socket.timeout.ms", "10000")
        .set("socket.connection.setup.timeout.ms", "10000")
        .set("reconnect.backoff.ms", "100")
        .set("reconnect.backoff.max.ms", "5000")
        .set("retry.backoff.ms", RETRY_BACKOFF_MS.to_string())
        .set("retry.backoff.max.ms", "1000")
        .set("allow.auto.create.topics", "false")
        .set("topic.metadata.refresh.interval.ms", "30000")
        .set_log_level(RDKafkaLogLevel::Warning);
    client
}

fn consumer_memory(client: &mut ClientConfig, config: &KafkaConfig) {
    // Half of the limit for what is fetched; librdkafka may exceed it by one fetch, which is bounded too.
    let kib = u64::from(config.memory_limit_mib) * 1024 / 2;
    client
        .set("queued.max.messages.kbytes", kib.to_string())
        .set("queued.min.messages", "10000")
        .set("fetch.max.bytes", (kib * 1024 / 4).clamp(1_200_000, 8_388_608).to_string())
        .set("fetch.message.max.bytes", "1048576")
        .set("receive.message.max.bytes", "16777216")
        // The default of one second stalls a partition for that long after its queue was full.
        .set("fetch.queue.backoff.ms", "20")
        .set("fetch.wait.max.ms", "500")
        .set("check.crcs", "true");
}

/// A member of a group. `auto.offset.reset=error`: offsets that are gone are an alarm, not a silent jump.
pub fn group_consumer(config: &KafkaConfig, role: &str) -> ClientConfig {
    let mut client = base(config, role);
    consumer_memory(&mut client, config);
    client
        .set("group.id", config.group(role))
        .set("group.protocol", "classic")
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("session.timeout.ms", config.session_timeout_ms.to_string())
        .set("heartbeat.interval.ms", (config.session_timeout_ms / 10).clamp(100, 3000).to_string())
        .set("max.poll.interval.ms", config.session_timeout_ms.max(120_000).to_string())
        // Its partitions come and go with the group, seldom; an idle hour is half as many empty answers.
        .set("fetch.wait.max.ms", "1000")
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "error");
    client
}

/// Reads partitions it is told to, without being a member of anything.
pub fn log_reader(config: &KafkaConfig, role: &str) -> ClientConfig {
    let mut client = base(config, role);
    consumer_memory(&mut client, config);
    client
        .set("group.id", format!("{}.reader", config.group(role)))
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "error");
    client
}

/// How long a broker may wait for something new where nobody waits for the answer but for what is in it, and partitions
/// do not come and go: few empty answers in idle hours. Well below the socket's timeout.
pub const LONG_WAIT_MS: &str = "5000";

/// Reads up to the end and is done: the broker is not to wait for more, which would only put off the end.
pub fn finite_reader(config: &KafkaConfig, role: &str) -> ClientConfig {
    let mut client = log_reader(config, role);
    client.set("fetch.wait.max.ms", "10");
    client
}

fn producer(config: &KafkaConfig, role: &str) -> ClientConfig {
    let mut client = base(config, role);
    client
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("max.in.flight.requests.per.connection", "5")
        // The same partition for the same key as Kafka's Java clients.
        .set("partitioner", "murmur2_random")
        .set("compression.type", "lz4")
        .set("message.max.bytes", "1100000")
        .set("queue.buffering.max.kbytes", (config.memory_limit_mib * 1024 / 2).to_string())
        .set("queue.buffering.max.messages", "100000")
        .set("linger.ms", "1");
    client
}

/// For outcomes and dead letters of a sink: never gives up, so that what was appended is appended in order.
pub fn log_producer(config: &KafkaConfig, role: &str) -> ClientConfig {
    let mut client = producer(config, role);
    client.set("message.timeout.ms", "0");
    client
}

/// `transactional_id` decides who is fenced by whom.
pub fn transactional_producer(config: &KafkaConfig, role: &str, transactional_id: &str) -> ClientConfig {
    let mut client = producer(config, role);
    client
        .set("transactional.id", transactional_id)
        .set("transaction.timeout.ms", "30000")
        .set("message.timeout.ms", "20000");
    client
}

/// Asks and never fetches. Not to be spared by asking through a consumer: a broker answers the requests of one connection
/// one after the other, so that each question there waits for the end of a fetch, half a second where nothing comes.
pub fn admin(config: &KafkaConfig) -> ClientConfig {
    base(config, "admin")
}

/// The context of readers: reaching the end of a partition is no error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reader;

impl ClientContext for Reader {
    fn error(&self, error: KafkaError, reason: &str) {
        if !matches!(error, KafkaError::PartitionEOF(_) | KafkaError::Global(RDKafkaErrorCode::PartitionEOF)) {
            tracing::warn!(%error, reason, "kafka client");
        }
    }
}
impl ConsumerContext for Reader {}

/// Errors that librdkafka, or a moment, mends.
pub fn is_passing(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    match error.rdkafka_error_code() {
        Some(code) => !matches!(
            code,
            Code::AutoOffsetReset | Code::OffsetOutOfRange | Code::Fatal | Code::PollExceeded | Code::FencedInstanceId
        ),
        None => matches!(error, KafkaError::PartitionEOF(_)),
    }
}

/// How long one question may take before it is asked anew: longer than a broker needs that is alive, and short enough that
/// an answer which was lost with its connection costs seconds and not all the patience there is.
pub const QUESTION: Duration = Duration::from_secs(5);

/// Asks again while the cluster is finding its feet: a coordinator that moves or loads answers soon. Blocking.
pub fn patiently<T>(patience: Duration, ask: impl Fn() -> KafkaResult<T>) -> KafkaResult<T> {
    let deadline = Instant::now() + patience;
    loop {
        match ask() {
            Err(error) if is_passing(&error) && Instant::now() < deadline => {
                tracing::info!(%error, "kafka is not ready, asking again");
                std::thread::park_timeout(Duration::from_millis(200));
            }
            done => return done,
        }
    }
}
