//! The reader of whole topics, on librdkafka's mock cluster.
#![allow(clippy::unwrap_used)]

use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use runtime::tail::{self, Heard, Record};
use runtime::{KafkaConfig, Shutdown};
use std::sync::mpsc;
use std::time::Duration;
use telemetry::admin::Health;

const TOPICS: [&str; 2] = ["partner.events", "internal.events"];

fn write(producer: &BaseProducer, topic: &str, partition: i32, text: &str) {
    let headers = OwnedHeaders::new().insert(Header { key: "ce_type", value: Some("t") });
    let record = BaseRecord::to(topic).partition(partition).key("k").payload(text).headers(headers);
    producer.send(record).unwrap();
    producer.flush(Duration::from_secs(10)).unwrap();
}

#[test]
fn what_was_written_comes_whole_then_the_end_once_then_what_is_written_later() {
    let cluster = MockCluster::new(1).unwrap();
    for topic in TOPICS {
        cluster.create_topic(topic, 12, 1).unwrap();
    }
    let servers = cluster.bootstrap_servers();
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", &servers).create().unwrap();
    write(&producer, TOPICS[0], 3, "one");
    write(&producer, TOPICS[1], 3, "two");
    write(&producer, TOPICS[1], 3, "three");

    let config: KafkaConfig = serde_json::from_value(serde_json::json!({ "bootstrap": servers })).unwrap();
    let (shutdown, (heard, hears)) = (Shutdown::new(), mpsc::channel());
    let stop = shutdown.clone();
    let reader = std::thread::spawn(move || {
        let health = Health::default();
        let pulse = health.pulse("tail", Duration::from_secs(60));
        tail::run(&config, "console", &TOPICS, &stop, &pulse, |what| {
            heard.send(what).unwrap();
            Ok(())
        })
    });
    let next = || hears.recv_timeout(Duration::from_secs(60)).unwrap();
    let texts = |record: &Record| String::from_utf8(record.payload.clone()).unwrap();
    let mut first = Vec::new();
    let mut found = next();
    while let Heard::Record(record) = found {
        assert_eq!(record.header("ce_type"), Some("t"));
        assert!(record.written_ms.is_some() && record.partition == 3 && record.key == b"k");
        first.push(texts(&record));
        found = next();
    }
    let at = |text: &str| first.iter().position(|t| t == text).unwrap();
    assert_eq!(first.len(), 3);
    assert!(at("two") < at("three"));

    write(&producer, TOPICS[0], 5, "four");
    write(&producer, TOPICS[0], 3, "five");
    let later: Vec<Heard> = (0..2).map(|_| next()).collect();
    assert!(later.iter().all(|what| matches!(what, Heard::Record(record) if record.offset <= 1)), "{later:?}");
    shutdown.begin();
    reader.join().unwrap().unwrap();
}
