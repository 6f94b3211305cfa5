//! Guards the order of a transaction. With librdkafka's flush inside the commit each one costs 100 ms; drained first,
//! a few. The limit stands far from both.

use rdkafka::ClientConfig;
use rdkafka::message::OwnedHeaders;
use rdkafka::mocking::MockCluster;
use runtime::record::Output;
use runtime::transaction::{Batch, Transactions};
use std::time::{Duration, Instant};

#[test]
fn a_transaction_of_one_record_commits_within_ten_milliseconds_at_the_median() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("events", 1, 1).unwrap();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap_servers()).set("transactional.id", "guard").set("linger.ms", "1");
    let mut transactions = Transactions::new(config);
    transactions.prepare().unwrap();
    let mut took: Vec<Duration> = (0..41)
        .map(|n| {
            let record = Output {
                topic: "events",
                key: b"case/tg/1".to_vec(),
                payload: format!("{n}").into_bytes(),
                headers: OwnedHeaders::new(),
            };
            let began = Instant::now();
            transactions.commit(&Batch { records: vec![record], inputs: None }).unwrap();
            began.elapsed()
        })
        .collect();
    took.sort();
    let median = took[took.len() / 2];
    println!("median of {} one-record transactions: {median:?}, slowest {:?}", took.len(), took[took.len() - 1]);
    assert!(median <= Duration::from_millis(10), "median {median:?}");
    assert_eq!(transactions.recycled(), 0, "no call was slow enough to be suspected of a silent repeat");
}
