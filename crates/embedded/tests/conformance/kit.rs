//! Clients as the pipeline makes them, and waiting for what can be observed.

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::{ClientContext, DefaultClientContext};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Embedded,
    Kafka,
}

/// Where a check runs.
pub struct Cx {
    pub side: Side,
    pub bootstrap: String,
}

/// Delivery reports, kept for the checks.
#[derive(Default)]
pub struct Reports(pub Mutex<Vec<Result<(i32, i64), KafkaError>>>);

impl ClientContext for Reports {
    fn error(&self, _: KafkaError, _: &str) {}
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}
}
impl ProducerContext for Reports {
    type DeliveryOpaque = ();
    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let told = match result {
            Ok(message) => Ok((message.partition(), message.offset())),
            Err((error, _)) => Err(error.clone()),
        };
        self.0.lock().unwrap().push(told);
    }
}

/// Says nothing about errors that the checks provoke.
pub struct Quiet;
impl ClientContext for Quiet {
    fn error(&self, _: KafkaError, _: &str) {}
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}
}
impl ConsumerContext for Quiet {}

pub type Maker = BaseProducer<Reports>;
pub type Reader = BaseConsumer<Quiet>;

pub fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// A name that was never used before.
pub fn unique(what: &str) -> String {
    static RUN: OnceLock<i64> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let run = RUN.get_or_init(now_ms);
    format!("c{run}.{}.{what}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Asks until the answer is there.
pub fn wait<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE))
}

pub fn code(error: &KafkaError) -> RDKafkaErrorCode {
    error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown)
}

/// One partition at an offset.
pub fn at(topic: &str, partition: i32, offset: Offset) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, offset).unwrap();
    list
}

impl Cx {
    pub fn new(side: Side, bootstrap: &str) -> Self {
        Self { side, bootstrap: bootstrap.to_owned() }
    }

    pub fn config(&self, settings: &[(&str, &str)]) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.bootstrap)
            .set("reconnect.backoff.ms", "20")
            .set("reconnect.backoff.max.ms", "200")
            .set("retry.backoff.ms", "50")
            .set("allow.auto.create.topics", "false")
            .set_log_level(RDKafkaLogLevel::Emerg);
        for (key, value) in settings {
            config.set(*key, *value);
        }
        config
    }

    pub fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.config(&[]).create().unwrap()
    }

    pub fn topic(&self, partitions: i32, settings: &[(&str, &str)]) -> String {
        let name = unique("topic");
        self.make(&name, partitions, settings).unwrap();
        self.wait_for_topic(&name, partitions);
        name
    }

    pub fn make(&self, name: &str, partitions: i32, settings: &[(&str, &str)]) -> Result<(), RDKafkaErrorCode> {
        let mut new = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        for (key, value) in settings {
            new = new.set(key, value);
        }
        let results = block_on(self.admin().create_topics([&new], &options())).unwrap();
        results.into_iter().next().unwrap().map(|_| ()).map_err(|(_, code)| code)
    }

    /// Until the topic has this many partitions; 0 for one that is gone.
    pub fn wait_for_topic(&self, name: &str, partitions: i32) {
        wait("a topic's partitions", || (self.partitions(name) == partitions).then_some(()));
    }

    pub fn partitions(&self, name: &str) -> i32 {
        let consumer: Reader = self.config(&[]).create_with_context(Quiet).unwrap();
        let metadata = consumer.fetch_metadata(Some(name), PATIENCE).unwrap();
        metadata.topics()[0].partitions().len() as i32
    }

    pub fn producer(&self, settings: &[(&str, &str)]) -> Maker {
        let mut config = self.config(&[("linger.ms", "1"), ("acks", "all")]);
        for (key, value) in settings {
            config.set(*key, *value);
        }
        config.create_with_context(Reports::default()).unwrap()
    }

    pub fn transactional(&self, id: &str, settings: &[(&str, &str)]) -> Maker {
        let mut all = vec![("transactional.id", id), ("transaction.timeout.ms", "20000")];
        all.extend(settings);
        let producer = self.producer(&all);
        producer.init_transactions(PATIENCE).unwrap();
        producer
    }

    pub fn consumer(&self, group: &str, settings: &[(&str, &str)]) -> Reader {
        let mut config = self.config(&[
            ("group.id", group),
            ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"),
            ("auto.offset.reset", "error"),
            ("isolation.level", "read_committed"),
            ("enable.partition.eof", "true"),
            ("session.timeout.ms", "6000"),
            ("heartbeat.interval.ms", "200"),
            ("fetch.wait.max.ms", "100"),
            ("check.crcs", "true"),
        ]);
        for (key, value) in settings {
            config.set(*key, *value);
        }
        config.create_with_context(Quiet).unwrap()
    }

    /// What a partition holds for a reader of this isolation, from the beginning to its present end.
    pub fn read(&self, topic: &str, partition: i32, isolation: &str) -> Vec<String> {
        let consumer = self.consumer(&unique("reader"), &[("isolation.level", isolation)]);
        consumer.assign(&at(topic, partition, Offset::Beginning)).unwrap();
        let mut found = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        loop {
            match consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    found.push(String::from_utf8_lossy(message.payload().unwrap_or(b"-")).into_owned())
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return found,
                Some(Err(error)) => panic!("reading failed: {error}"),
                None => assert!(Instant::now() < deadline, "the end of {topic} is not reached"),
            }
        }
    }
    pub fn committed(&self, topic: &str, partition: i32) -> Vec<String> {
        self.read(topic, partition, "read_committed")
    }
    pub fn everything(&self, topic: &str, partition: i32) -> Vec<String> {
        self.read(topic, partition, "read_uncommitted")
    }

    /// Start and end of a partition; the end is that of what is decided for whoever reads what is committed.
    pub fn watermarks(&self, topic: &str, isolation: &str) -> (i64, i64) {
        let consumer = self.consumer(&unique("reader"), &[("isolation.level", isolation)]);
        consumer.fetch_watermarks(topic, 0, PATIENCE).unwrap()
    }
}

/// Hands a record over, and polls while the queue is full.
pub fn put(producer: &Maker, topic: &str, partition: i32, payload: &str) {
    let mut next = BaseRecord::<(), str>::to(topic).partition(partition).payload(payload);
    while let Err((error, back)) = producer.send(next) {
        assert_eq!(code(&error), RDKafkaErrorCode::QueueFull);
        producer.poll(Duration::from_millis(5));
        next = back;
    }
}

/// Until everything that was handed over is reported; the reports since the last call.
pub fn reports(producer: &Maker) -> Vec<Result<(i32, i64), KafkaError>> {
    wait("delivery reports", || {
        producer.poll(Duration::from_millis(1));
        (producer.in_flight_count() == 0).then_some(())
    });
    std::mem::take(&mut *producer.context().0.lock().unwrap())
}

/// Everything that was handed over is in the log.
pub fn settle(producer: &Maker) {
    for report in reports(producer) {
        report.unwrap();
    }
}

pub fn numbered(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

/// Runs the part of a child process where this is one: `--member BOOTSTRAP GROUP TOPIC` joins a group and says so.
pub fn as_child() -> Option<ExitCode> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, word, bootstrap, group, topic] = arguments.as_slice() else { return None };
    if word != "--member" {
        return None;
    }
    let consumer = Cx::new(Side::Embedded, bootstrap).consumer(group, &[("session.timeout.ms", "2000")]);
    consumer.subscribe(&[topic]).unwrap();
    loop {
        let _ = consumer.poll(Duration::from_millis(50));
        if consumer.assignment().is_ok_and(|assigned| assigned.count() > 0) {
            println!("assigned");
        }
    }
}
