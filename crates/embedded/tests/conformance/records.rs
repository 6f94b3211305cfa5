use crate::kit::{Cx, Maker, PATIENCE, at, code, now_ms, numbered, put, reports, settle, unique, wait};
use crate::{Check, both};
use rdkafka::Offset;
use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders, Timestamp};
use rdkafka::producer::BaseRecord;
use std::time::{Duration, Instant};

pub const CHECKS: &[Check] = &[
    both("a record comes back with key, payload, headers and time", whole),
    both("an empty payload and none are told apart", tombstone),
    both("ten thousand records come back in their order", order),
    both("uncompressed records come back", |cx| compressed(cx, "none")),
    both("gzip records come back", |cx| compressed(cx, "gzip")),
    both("snappy records come back", |cx| compressed(cx, "snappy")),
    both("lz4 records come back", |cx| compressed(cx, "lz4")),
    both("a record above the topic's limit is refused", too_large),
    both("a record above the reader's limit is still handed out", large),
    both("a reader that waits at the end gets what comes at once", long_poll),
    both("reading past the end is out of range", out_of_range),
    both("records without acknowledgement arrive", unacknowledged),
    both("the broker's time is stamped where the topic says so", stamped),
    both("an idempotent producer's records are there once, in order", idempotent),
];

fn whole(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[]);
    let headers = OwnedHeaders::new()
        .insert(Header { key: "a", value: Some("1") })
        .insert(Header { key: "a", value: None::<&str> })
        .insert(Header { key: "b", value: Some("") });
    let time = now_ms() - 1_000;
    let record = BaseRecord::to(&topic).key("k").payload("p").headers(headers).timestamp(time);
    producer.send(record).map_err(|(error, _)| error).unwrap();
    settle(&producer);
    let consumer = cx.consumer(&unique("g"), &[]);
    consumer.assign(&at(&topic, 0, Offset::Beginning)).unwrap();
    let message = wait("the record", || consumer.poll(Duration::from_millis(50))?.ok());
    assert_eq!((message.key(), message.payload()), (Some(&b"k"[..]), Some(&b"p"[..])));
    assert_eq!((message.timestamp(), message.offset()), (Timestamp::CreateTime(time), 0));
    let headers = message.headers().unwrap();
    let found: Vec<_> = headers.iter().map(|header| (header.key, header.value)).collect();
    assert_eq!(found, [("a", Some(&b"1"[..])), ("a", None), ("b", Some(&b""[..]))]);
}

fn tombstone(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[]);
    producer.send(BaseRecord::<str, str>::to(&topic).key("k").payload("")).map_err(|(e, _)| e).unwrap();
    producer.send(BaseRecord::<str, str>::to(&topic).key("k")).map_err(|(e, _)| e).unwrap();
    settle(&producer);
    assert_eq!(cx.committed(&topic, 0), ["", "-"]);
}

fn order(cx: &Cx) {
    let topic = cx.topic(1, &[("segment.bytes", "1048576")]);
    let producer = cx.producer(&[]);
    let padding = "x".repeat(200);
    let sent: Vec<String> = (0..10_000).map(|n| format!("{n} {padding}")).collect();
    for payload in &sent {
        put(&producer, &topic, 0, payload);
    }
    settle(&producer);
    assert_eq!(cx.committed(&topic, 0), sent);
}

fn compressed(cx: &Cx, codec: &str) {
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[("compression.type", codec), ("linger.ms", "50")]);
    let sent: Vec<String> = (0..500).map(|n| format!("{n} {}", "same ".repeat(50))).collect();
    for payload in &sent {
        put(&producer, &topic, 0, payload);
    }
    settle(&producer);
    assert_eq!(cx.committed(&topic, 0), sent);
}

fn too_large(cx: &Cx) {
    let topic = cx.topic(1, &[("max.message.bytes", "10000")]);
    let producer = cx.producer(&[]);
    put(&producer, &topic, 0, &"x".repeat(20_000));
    assert_eq!(code(&reports(&producer).pop().unwrap().unwrap_err()), Code::MessageSizeTooLarge);
    put(&producer, &topic, 0, "small");
    settle(&producer);
    assert_eq!(cx.committed(&topic, 0), ["small"]);
}

fn large(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[]);
    let payload = "x".repeat(600_000);
    put(&producer, &topic, 0, &payload);
    put(&producer, &topic, 0, "after");
    settle(&producer);
    let limits =
        [("fetch.message.max.bytes", "1000"), ("fetch.max.bytes", "1000000"), ("message.max.bytes", "1000000")];
    let consumer = cx.consumer(&unique("g"), &limits);
    consumer.assign(&at(&topic, 0, Offset::Beginning)).unwrap();
    for length in [payload.len(), 5] {
        let found = wait("a record", || consumer.poll(Duration::from_millis(50))?.ok()?.payload().map(<[u8]>::len));
        assert_eq!(found, length);
    }
}

fn at_the_end(cx: &Cx, topic: &str, wait_ms: &str) -> crate::kit::Reader {
    let consumer = cx.consumer(&unique("g"), &[("fetch.wait.max.ms", wait_ms)]);
    consumer.assign(&at(topic, 0, Offset::Beginning)).unwrap();
    wait("the end", || matches!(consumer.poll(PATIENCE)?, Err(KafkaError::PartitionEOF(_))).then_some(()));
    consumer
}

fn long_poll(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[]);
    put(&producer, &topic, 0, "before");
    settle(&producer);
    let consumer = at_the_end(cx, &topic, "3000");
    // Several in a row: whoever waits its time out would take three seconds for each.
    let began = Instant::now();
    for n in 0..10 {
        put(&producer, &topic, 0, &n.to_string());
        settle(&producer);
        wait("the record", || consumer.poll(Duration::from_millis(20))?.ok().map(|_| ()));
    }
    assert!(began.elapsed() < Duration::from_secs(10), "ten records took {:?}", began.elapsed());
}

fn out_of_range(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[]);
    put(&producer, &topic, 0, "x");
    settle(&producer);
    let consumer = cx.consumer(&unique("g"), &[]);
    consumer.assign(&at(&topic, 0, Offset::Offset(100))).unwrap();
    let error = wait("an error", || consumer.poll(Duration::from_millis(50))?.err());
    assert_eq!(code(&error), Code::AutoOffsetReset);
}

fn unacknowledged(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[("acks", "0")]);
    for n in 0..100 {
        put(&producer, &topic, 0, &n.to_string());
    }
    settle(&producer);
    wait("all of them", || (cx.committed(&topic, 0) == numbered(0..100)).then_some(()));
}

fn stamped(cx: &Cx) {
    let topic = cx.topic(1, &[("message.timestamp.type", "LogAppendTime")]);
    let producer = cx.producer(&[]);
    let before = now_ms();
    let record = BaseRecord::<(), str>::to(&topic).payload("x").timestamp(5);
    producer.send(record).map_err(|(error, _)| error).unwrap();
    settle(&producer);
    let consumer = cx.consumer(&unique("g"), &[]);
    consumer.assign(&at(&topic, 0, Offset::Beginning)).unwrap();
    let message = wait("the record", || consumer.poll(Duration::from_millis(50))?.ok());
    let Timestamp::LogAppendTime(time) = message.timestamp() else { panic!("{:?}", message.timestamp()) };
    assert!((before - 1_000..=now_ms() + 1_000).contains(&time));
}

fn fill(producer: &Maker, topic: &str, count: usize) {
    for n in 0..count {
        put(producer, topic, 0, &n.to_string());
    }
    settle(producer);
}

fn idempotent(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[("enable.idempotence", "true"), ("batch.num.messages", "10")]);
    fill(&producer, &topic, 1_000);
    assert_eq!(cx.committed(&topic, 0), numbered(0..1_000));
}
