use crate::kit::{Cx, Maker, PATIENCE, at, code, numbered, put, settle, unique, wait};
use crate::{Check, both};
use rdkafka::Offset;
use rdkafka::consumer::{Consumer, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::producer::Producer;
use std::time::{Duration, Instant};

pub const CHECKS: &[Check] = &[
    both("a committed transaction is visible on every partition", committed),
    both("an open transaction is hidden from readers of what is committed", open),
    both("an aborted transaction is never visible, and readers go past it", aborted),
    both("what others write after an open transaction waits for its end", waits),
    both("many transactions that end either way leave exactly the committed ones", many),
    both("transactions of several producers between each other are told apart", between),
    both("a compressed transaction is visible when it commits, hidden when it aborts", compressed),
    both("the end of what is decided is told while a transaction is open", decided_end),
    both("offsets count when their transaction commits", offsets_commit),
    both("offsets do not count when their transaction aborts", offsets_abort),
    both("whoever asks for stable offsets waits for the open transaction", stable_offsets),
    both("a second producer with the same id fences the first", fenced),
    both("what a fenced producer left open is aborted", left_open),
    both("a fenced producer cannot send", fenced_send),
    both("a transaction that takes too long is aborted, and its producer fenced", timeout),
    both("a transaction with nothing in it ends", nothing),
    both("a transaction timeout above the allowed is refused", long_timeout),
];

/// One transaction with these records in partition 0.
fn transaction(producer: &Maker, topic: &str, payloads: &[String], commit: bool) {
    producer.begin_transaction().unwrap();
    for payload in payloads {
        put(producer, topic, 0, payload);
    }
    settle(producer);
    if commit {
        producer.commit_transaction(PATIENCE).unwrap();
    } else {
        producer.abort_transaction(PATIENCE).unwrap();
    }
}

fn committed(cx: &Cx) {
    let topic = cx.topic(3, &[]);
    let producer = cx.transactional(&unique("x"), &[]);
    producer.begin_transaction().unwrap();
    for n in 0..30 {
        put(&producer, &topic, n % 3, &n.to_string());
    }
    settle(&producer);
    producer.commit_transaction(PATIENCE).unwrap();
    let mut all: Vec<String> = (0..3).flat_map(|partition| cx.committed(&topic, partition)).collect();
    all.sort_by_key(|text| text.parse::<usize>().unwrap());
    assert_eq!(all, numbered(0..30));
}

fn open(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.transactional(&unique("x"), &[]);
    producer.begin_transaction().unwrap();
    put(&producer, &topic, 0, "x");
    settle(&producer);
    assert_eq!(cx.everything(&topic, 0), ["x"]);
    assert!(cx.committed(&topic, 0).is_empty());
    producer.commit_transaction(PATIENCE).unwrap();
    assert_eq!(cx.committed(&topic, 0), ["x"]);
}

fn aborted(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.transactional(&unique("x"), &[]);
    transaction(&producer, &topic, &numbered(0..50), false);
    assert!(cx.committed(&topic, 0).is_empty());
    transaction(&producer, &topic, &numbered(50..60), true);
    assert_eq!(cx.committed(&topic, 0), numbered(50..60));
    assert_eq!(cx.everything(&topic, 0), numbered(0..60));
}

fn waits(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let (producer, plain) = (cx.transactional(&unique("x"), &[]), cx.producer(&[]));
    put(&plain, &topic, 0, "before");
    settle(&plain);
    producer.begin_transaction().unwrap();
    put(&producer, &topic, 0, "inside");
    settle(&producer);
    put(&plain, &topic, 0, "after");
    settle(&plain);
    assert_eq!(cx.committed(&topic, 0), ["before"]);
    producer.abort_transaction(PATIENCE).unwrap();
    assert_eq!(cx.committed(&topic, 0), ["before", "after"]);
}

fn many(cx: &Cx) {
    let topic = cx.topic(1, &[("segment.bytes", "1048576")]);
    let producer = cx.transactional(&unique("x"), &[]);
    let mut expected = Vec::new();
    for round in 0..60 {
        let payloads = numbered(round * 5..round * 5 + 5);
        transaction(&producer, &topic, &payloads, round % 3 != 0);
        if round % 3 != 0 {
            expected.extend(payloads);
        }
    }
    assert_eq!(cx.committed(&topic, 0), expected);
    assert_eq!(cx.everything(&topic, 0), numbered(0..300));
}

fn between(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producers: Vec<Maker> = (0..3).map(|_| cx.transactional(&unique("x"), &[])).collect();
    for producer in &producers {
        producer.begin_transaction().unwrap();
    }
    for n in 0..30 {
        put(&producers[n % 3], &topic, 0, &format!("{} {n}", n % 3));
        settle(&producers[n % 3]);
    }
    producers[1].abort_transaction(PATIENCE).unwrap();
    assert!(cx.committed(&topic, 0).is_empty());
    producers[0].commit_transaction(PATIENCE).unwrap();
    producers[2].commit_transaction(PATIENCE).unwrap();
    let expected: Vec<String> = (0..30).filter(|n| n % 3 != 1).map(|n| format!("{} {n}", n % 3)).collect();
    assert_eq!(cx.committed(&topic, 0), expected);
}

fn compressed(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.transactional(&unique("x"), &[("compression.type", "lz4"), ("linger.ms", "20")]);
    let text = |range: std::ops::Range<usize>| range.map(|n| format!("{n} {}", "same ".repeat(40))).collect::<Vec<_>>();
    transaction(&producer, &topic, &text(0..100), true);
    transaction(&producer, &topic, &text(100..200), false);
    transaction(&producer, &topic, &text(200..300), true);
    assert_eq!(cx.committed(&topic, 0), [text(0..100), text(200..300)].concat());
}

fn decided_end(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.transactional(&unique("x"), &[]);
    transaction(&producer, &topic, &numbered(0..2), true);
    producer.begin_transaction().unwrap();
    put(&producer, &topic, 0, "x");
    settle(&producer);
    // Two records, their marker, and the open one.
    assert_eq!(cx.watermarks(&topic, "read_committed").1, 3);
    assert_eq!(cx.watermarks(&topic, "read_uncommitted").1, 4);
    producer.commit_transaction(PATIENCE).unwrap();
    assert_eq!(cx.watermarks(&topic, "read_committed").1, 5);
}

fn group_of(cx: &Cx, group: &str) -> ConsumerGroupMetadata {
    cx.consumer(group, &[]).group_metadata().unwrap()
}

fn stored(cx: &Cx, group: &str, topic: &str) -> Result<Offset, KafkaError> {
    let list = cx.consumer(group, &[]).committed_offsets(at(topic, 0, Offset::Invalid), Duration::from_secs(2))?;
    list.elements()[0].error()?;
    Ok(list.elements()[0].offset())
}

fn with_offsets(cx: &Cx, commit: bool) -> (String, String) {
    let (topic, group) = (cx.topic(1, &[]), unique("g"));
    let producer = cx.transactional(&unique("x"), &[]);
    producer.begin_transaction().unwrap();
    put(&producer, &topic, 0, "x");
    settle(&producer);
    let offsets = at(&topic, 0, Offset::Offset(7));
    producer.send_offsets_to_transaction(&offsets, &group_of(cx, &group), PATIENCE).unwrap();
    if commit {
        producer.commit_transaction(PATIENCE).unwrap();
    } else {
        producer.abort_transaction(PATIENCE).unwrap();
    }
    (topic, group)
}

fn offsets_commit(cx: &Cx) {
    let (topic, group) = with_offsets(cx, true);
    assert_eq!(wait("the offset", || stored(cx, &group, &topic).ok()), Offset::Offset(7));
}

fn offsets_abort(cx: &Cx) {
    let (topic, group) = with_offsets(cx, false);
    assert_eq!(wait("the offset", || stored(cx, &group, &topic).ok()), Offset::Invalid);
}

fn stable_offsets(cx: &Cx) {
    let (topic, group) = (cx.topic(1, &[]), unique("g"));
    let producer = cx.transactional(&unique("x"), &[]);
    producer.begin_transaction().unwrap();
    put(&producer, &topic, 0, "x");
    settle(&producer);
    let offsets = at(&topic, 0, Offset::Offset(7));
    producer.send_offsets_to_transaction(&offsets, &group_of(cx, &group), PATIENCE).unwrap();
    assert!(stored(cx, &group, &topic).is_err(), "an offset that may still change is not told");
    producer.commit_transaction(PATIENCE).unwrap();
    assert_eq!(wait("the offset", || stored(cx, &group, &topic).ok()), Offset::Offset(7));
}

fn fenced(cx: &Cx) {
    let (topic, id) = (cx.topic(1, &[]), unique("x"));
    let first = cx.transactional(&id, &[]);
    first.begin_transaction().unwrap();
    put(&first, &topic, 0, "first");
    settle(&first);
    let second = cx.transactional(&id, &[]);
    let error = first.commit_transaction(PATIENCE).unwrap_err();
    assert!(matches!(code(&error), Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch), "{error}");
    transaction(&second, &topic, &["second".to_owned()], true);
    assert_eq!(cx.committed(&topic, 0), ["second"]);
}

fn left_open(cx: &Cx) {
    let (topic, id) = (cx.topic(1, &[]), unique("x"));
    let (first, plain) = (cx.transactional(&id, &[]), cx.producer(&[]));
    first.begin_transaction().unwrap();
    put(&first, &topic, 0, "first");
    settle(&first);
    put(&plain, &topic, 0, "after");
    settle(&plain);
    let began = Instant::now();
    let _second = cx.transactional(&id, &[]);
    assert_eq!(cx.committed(&topic, 0), ["after"]);
    assert!(began.elapsed() < Duration::from_secs(10), "it did not wait for the transaction's timeout");
}

fn fenced_send(cx: &Cx) {
    let (topic, id) = (cx.topic(1, &[]), unique("x"));
    let first = cx.transactional(&id, &[]);
    first.begin_transaction().unwrap();
    put(&first, &topic, 0, "first");
    settle(&first);
    let second = cx.transactional(&id, &[]);
    put(&first, &topic, 0, "late");
    let late = crate::kit::reports(&first);
    assert!(late.iter().all(Result::is_err) || first.commit_transaction(PATIENCE).is_err());
    transaction(&second, &topic, &["second".to_owned()], true);
    assert_eq!(cx.committed(&topic, 0), ["second"]);
}

fn timeout(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let plain = cx.producer(&[]);
    let producer =
        cx.transactional(&unique("x"), &[("transaction.timeout.ms", "2000"), ("message.timeout.ms", "1500")]);
    producer.begin_transaction().unwrap();
    put(&producer, &topic, 0, "slow");
    settle(&producer);
    put(&plain, &topic, 0, "after");
    settle(&plain);
    assert!(cx.committed(&topic, 0).is_empty());
    wait("the abort", || (cx.committed(&topic, 0) == ["after"]).then_some(()));
    assert!(producer.commit_transaction(PATIENCE).is_err());
    assert_eq!(cx.committed(&topic, 0), ["after"]);
}

fn nothing(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.transactional(&unique("x"), &[]);
    transaction(&producer, &topic, &[], true);
    transaction(&producer, &topic, &[], false);
    transaction(&producer, &topic, &numbered(0..1), true);
    assert_eq!(cx.committed(&topic, 0), ["0"]);
}

fn long_timeout(cx: &Cx) {
    let id = unique("x");
    let producer = cx.producer(&[("transactional.id", &id), ("transaction.timeout.ms", "1000000")]);
    let error = producer.init_transactions(PATIENCE).unwrap_err();
    assert_eq!(code(&error), Code::InvalidTransactionTimeout);
}
