//! Groups set back to the beginning of the log, by committed offsets as Kafka's own tool does it.

use crate::stack::Stack;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub const GROUPS: [&str; 4] = ["transform-partner", "transform-internal", "sink-partner", "sink-internal"];
const ASK: Duration = Duration::from_secs(30);
/// A hundred thousand events are read again in that time, on a machine that has other work.
const PATIENCE: Duration = Duration::from_secs(1_200);

/// Committed offset by topic and partition.
pub type Positions = BTreeMap<(String, i32), i64>;

fn reader(stack: &Stack, role: &str) -> BaseConsumer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &stack.log.kafka).set("group.id", format!("causeway.{role}"));
    config.set("enable.auto.commit", "false").create().unwrap()
}

fn positions(consumer: &BaseConsumer) -> Positions {
    let metadata = consumer.fetch_metadata(None, ASK).unwrap();
    let mut list = TopicPartitionList::new();
    for topic in metadata.topics().iter().filter(|topic| !topic.name().starts_with("__")) {
        for partition in topic.partitions() {
            list.add_partition(topic.name(), partition.id());
        }
    }
    let committed = consumer.committed_offsets(list, ASK).unwrap();
    let at = |offset| if let Offset::Offset(at) = offset { Some(at) } else { None };
    let elements = committed.elements();
    let known = elements.iter().filter_map(|e| Some(((e.topic().to_owned(), e.partition()), at(e.offset())?)));
    known.collect()
}

/// Waits until every group has read all there is; the end of each partition of a transaction is a mark that nobody reads.
pub async fn settled(stack: &Stack) -> BTreeMap<&'static str, Positions> {
    let mut all = BTreeMap::new();
    for role in GROUPS {
        let consumer = reader(stack, role);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = tokio::task::block_in_place(|| positions(&consumer));
            let behind = |((topic, partition), at): (&(String, i32), &i64)| {
                consumer.fetch_watermarks(topic, *partition, ASK).map_or(true, |(_, end)| end - at > 1)
            };
            if !now.is_empty() && !tokio::task::block_in_place(|| now.iter().any(behind)) {
                all.insert(role, now);
                break;
            }
            assert!(Instant::now() < deadline, "{role} does not come to the end: {now:?}");
            sleep(Duration::from_millis(500)).await;
        }
    }
    all
}

/// The group has to be empty: a member that ended stays in it until its session is over.
pub async fn to_earliest(stack: &Stack, role: &str) {
    let consumer = reader(stack, role);
    let mut list = TopicPartitionList::new();
    for (topic, partition) in tokio::task::block_in_place(|| positions(&consumer)).keys() {
        list.add_partition_offset(topic, *partition, Offset::Offset(0)).unwrap();
    }
    let deadline = Instant::now() + stack.settings.session + ASK;
    while let Err(error) = tokio::task::block_in_place(|| consumer.commit(&list, CommitMode::Sync)) {
        assert!(Instant::now() < deadline, "{role} cannot be set back: {error}");
        sleep(Duration::from_millis(500)).await;
    }
    assert!(positions(&consumer).values().all(|at| *at == 0), "{role} was not set back");
}

/// Waits until every group stands in each partition where it stood.
pub async fn come_to(stack: &Stack, before: &BTreeMap<&'static str, Positions>) {
    for (role, before) in before {
        let consumer = reader(stack, role);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = tokio::task::block_in_place(|| positions(&consumer));
            if before.iter().all(|(place, at)| now.get(place).is_some_and(|now| now >= at)) {
                break;
            }
            assert!(Instant::now() < deadline, "{role} does not come to where it was");
            sleep(Duration::from_millis(500)).await;
        }
    }
}

/// State-changing requests that reached the rules of either system.
pub async fn calls(stack: &Stack) -> [u64; 2] {
    let mut calls = [0; 2];
    for (at, system) in [&stack.community, &stack.case_system].into_iter().enumerate() {
        let simulated = system.simulated.as_ref().expect("CHAOS_RESET counts the calls of simulated systems");
        calls[at] = simulated.target.stats().await.unwrap()["calls"].as_u64().unwrap();
    }
    calls
}

/// Everything is read again, and nothing is done again.
pub async fn everything_again(stack: &Stack) -> bool {
    let before = settled(stack).await;
    let offsets: i64 = before.values().flat_map(BTreeMap::values).sum();
    let calls_before = calls(stack).await;
    for role in GROUPS {
        stack.roles[role].lock().await.stop().await.unwrap();
    }
    for role in GROUPS {
        to_earliest(stack, role).await;
    }
    let began = Instant::now();
    for role in GROUPS {
        stack.roles[role].lock().await.start();
    }
    stack.all_ready().await;
    come_to(stack, &before).await;
    settled(stack).await;
    let [community, case_system] = calls(stack).await;
    let again = [community - calls_before[0], case_system - calls_before[1]];
    println!(
        "4 groups set back to the beginning, {offsets} offsets read again in {:.1} s: {} state-changing calls at the \
         community, {} at the case system",
        began.elapsed().as_secs_f64(),
        again[0],
        again[1]
    );
    again == [0, 0]
}
