//! How long a transaction with one record takes through librdkafka: `cargo run -p embedded --example latency [COUNT]`.

use embedded::{Broker, Options};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::error::Error;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn Error>> {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(500);
    let folder = std::env::temp_dir().join(format!("embedded-latency-{}", std::process::id()));
    let loopback = ([127, 0, 0, 1], 0).into();
    let options = Options { folder: folder.clone(), kafka: loopback, registry: loopback, ..Options::default() };
    let running = Broker::start(options)?;
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", running.kafka_address().to_string());
    let admin: AdminClient<DefaultClientContext> = config.create()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let topic = NewTopic::new("latency", 1, TopicReplication::Fixed(1));
    runtime.block_on(admin.create_topics([&topic], &AdminOptions::new()))?;
    config.set("transactional.id", "latency").set("linger.ms", "0");
    let producer: BaseProducer = config.create()?;
    producer.init_transactions(PATIENCE)?;
    let (mut whole, mut commits) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let began = Instant::now();
        producer.begin_transaction()?;
        producer.send(BaseRecord::<(), str>::to("latency").payload("x")).map_err(|(error, _)| error)?;
        while producer.in_flight_count() > 0 {
            producer.poll(Duration::ZERO);
            std::thread::park_timeout(Duration::from_micros(300));
        }
        let drained = Instant::now();
        producer.commit_transaction(PATIENCE)?;
        whole.push(began.elapsed());
        commits.push(drained.elapsed());
    }
    for (what, mut times) in [("produce, drain and commit", whole), ("commit alone", commits)] {
        times.sort();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        println!("{what}: p50 {:?}, p95 {:?}, p99 {:?} of {count}", at(50), at(95), at(99));
    }
    runtime.block_on(running.stop())?;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
