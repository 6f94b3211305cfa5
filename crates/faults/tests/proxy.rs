//! The proxy before the embedded broker, always, and before Apache Kafka where `E2E_KAFKA` says where it is.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use embedded::{Broker, Options};
use faults::proxy::{Api, Door, Fault, Faults, Proxy};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
/// Of the clients here: a request that librdkafka sends again waits at least 0.8 times this.
const BACKOFF: Duration = Duration::from_millis(300);

fn client(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", bootstrap)
        .set("retry.backoff.ms", BACKOFF.as_millis().to_string())
        .set("reconnect.backoff.ms", "20")
        .set("reconnect.backoff.max.ms", "200")
        .set_log_level(rdkafka::config::RDKafkaLogLevel::Emerg);
    config
}

/// A broker, the proxy before it and a topic of one partition.
struct World {
    proxy: Proxy,
    through: String,
    direct: String,
    topic: String,
    _broker: Option<(embedded::Running, tempfile::TempDir)>,
}

impl World {
    async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let any = ([127, 0, 0, 1], 0).into();
        let options = Options { folder: folder.path().to_owned(), kafka: any, registry: any, ..Options::default() };
        let running = tokio::task::spawn_blocking(|| Broker::start(options).unwrap()).await.unwrap();
        let direct = running.kafka_address().to_string();
        Self::before(direct, Some((running, folder))).await
    }

    async fn all() -> Vec<Self> {
        let mut all = vec![Self::embedded().await];
        match std::env::var("E2E_KAFKA") {
            Ok(kafka) => all.push(Self::before(kafka, None).await),
            Err(_) => eprintln!("SKIPPED on Apache Kafka: E2E_KAFKA is not set; `make test` sets it"),
        }
        all
    }

    async fn before(direct: String, broker: Option<(embedded::Running, tempfile::TempDir)>) -> Self {
        let proxy = Proxy::kafka(&direct, Faults::seeded(1)).await.unwrap();
        let through = proxy.address();
        let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
        let topic = format!("proxy-{nanos}");
        let admin: AdminClient<DefaultClientContext> = client(&through).create().unwrap();
        let new = NewTopic::new(&topic, 1, TopicReplication::Fixed(1));
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let made = admin.create_topics([&new], &options).await.unwrap();
        assert!(made[0].is_ok(), "{made:?}");
        Self { proxy, through, direct, topic, _broker: broker }
    }

    fn producer(&self) -> BaseProducer {
        let id = format!("{}-writer", self.topic);
        let producer: BaseProducer = client(&self.through).set("transactional.id", &id).create().unwrap();
        producer.init_transactions(PATIENCE).unwrap();
        producer
    }

    /// One transaction with one record; how long its commit took.
    fn commit(&self, producer: &BaseProducer, text: &str) -> Duration {
        producer.begin_transaction().unwrap();
        producer.send(BaseRecord::<(), str>::to(&self.topic).payload(text)).unwrap_or_else(|(e, _)| panic!("{e}"));
        producer.flush(PATIENCE).unwrap();
        let before = Instant::now();
        producer.commit_transaction(PATIENCE).unwrap();
        before.elapsed()
    }

    /// What a reader of committed records sees that asks the broker itself.
    fn committed(&self) -> Vec<String> {
        let mut config = client(&self.direct);
        config.set("group.id", "proxy-tests").set("enable.partition.eof", "true");
        let reader: BaseConsumer = config.create().unwrap();
        let mut at = TopicPartitionList::new();
        at.add_partition_offset(&self.topic, 0, Offset::Beginning).unwrap();
        reader.assign(&at).unwrap();
        let mut texts = Vec::new();
        loop {
            match reader.poll(PATIENCE).expect("records or the end") {
                Ok(message) => texts.push(String::from_utf8(message.payload().unwrap().to_vec()).unwrap()),
                Err(rdkafka::error::KafkaError::PartitionEOF(_)) => return texts,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_keep_coming_through_the_proxy() {
    for world in World::all().await {
        let producer = world.producer();
        world.commit(&producer, "a");
        // All of a transaction came through, although the broker names its own address.
        assert_eq!(world.proxy.faults().seen(Api::END_TXN), 1, "{}", world.direct);
        assert_eq!(world.committed(), ["a"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_cut_is_sent_again_in_silence() {
    for world in World::all().await {
        let producer = world.producer();
        for fault in [Fault::CutAfter, Fault::CutBefore, Fault::Stray(Duration::from_millis(50))] {
            world.proxy.faults().plan(Api::END_TXN, fault, 1);
            let took = world.commit(&producer, &format!("{fault:?}"));
            assert_eq!(world.proxy.faults().left(), 0, "{fault:?}");
            // The only sign of it.
            assert!(took > BACKOFF.mul_f64(0.7), "{fault:?} took {took:?}");
        }
        assert_eq!(world.proxy.faults().seen(Api::END_TXN), 6);
        assert_eq!(world.committed().len(), 3);
        let befell: u64 = world.proxy.faults().befell().values().sum();
        assert_eq!(befell, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_and_a_held_request_cost_their_time_and_nothing_else() {
    for world in World::all().await {
        let producer = world.producer();
        let pause = Duration::from_millis(700);
        for fault in [Fault::Late(pause), Fault::Held(pause)] {
            world.proxy.faults().plan(Api::END_TXN, fault, 1);
            let took = world.commit(&producer, "x");
            assert!(took >= pause, "{fault:?} took {took:?}");
        }
        assert_eq!(world.proxy.faults().seen(Api::END_TXN), 2, "none was sent twice");
        assert_eq!(world.committed().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shut_door_lets_nothing_through_until_it_opens() {
    for world in World::all().await {
        let producer = world.producer();
        for door in [Door::Shut, Door::Silent] {
            world.proxy.set_door(door);
            producer.begin_transaction().unwrap();
            let record = BaseRecord::<(), str>::to(&world.topic).payload("behind the door");
            producer.send(record).unwrap_or_else(|(e, _)| panic!("{e}"));
            let flushed = producer.flush(Duration::from_millis(700));
            assert!(flushed.is_err(), "{door:?} lets a record through");
            world.proxy.set_door(Door::Open);
            producer.flush(PATIENCE).unwrap();
            producer.commit_transaction(PATIENCE).unwrap();
        }
        assert_eq!(world.committed().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_proxy_passes_bytes_and_shuts() {
    let folder = tempfile::tempdir().unwrap();
    let any = ([127, 0, 0, 1], 0).into();
    let options = Options { folder: folder.path().to_owned(), kafka: any, registry: any, ..Options::default() };
    let running = tokio::task::spawn_blocking(|| Broker::start(options).unwrap()).await.unwrap();
    let proxy = Proxy::plain(running.registry_url().trim_start_matches("http://")).await.unwrap();
    let url = format!("http://{}/subjects", proxy.address());
    assert!(reqwest::get(&url).await.unwrap().status().is_success());
    proxy.set_door(Door::Shut);
    assert!(reqwest::get(&url).await.is_err());
    proxy.set_door(Door::Open);
    assert!(reqwest::get(&url).await.unwrap().status().is_success());
}
