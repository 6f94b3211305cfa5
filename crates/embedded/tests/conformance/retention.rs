use crate::kit::{Cx, now_ms, put, settle, wait};
use crate::{Check, both};
use rdkafka::producer::BaseRecord;

pub const CHECKS: &[Check] = &[
    both("segments older than the topic keeps them are deleted", by_time),
    both("segments beyond the topic's size are deleted", by_size),
    both("a topic that keeps everything keeps the oldest", for_ever),
];

fn filled(cx: &Cx, settings: &[(&str, &str)], age_ms: i64) -> (String, Vec<String>) {
    let topic = cx.topic(1, settings);
    let producer = cx.producer(&[("batch.num.messages", "10")]);
    let sent: Vec<String> = (0..3_000).map(|n| format!("{n} {}", "x".repeat(1_000))).collect();
    for payload in &sent {
        let record = BaseRecord::<(), str>::to(&topic).partition(0).payload(payload).timestamp(now_ms() - age_ms);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    settle(&producer);
    (topic, sent)
}

fn by_time(cx: &Cx) {
    let settings = [("retention.ms", "60000"), ("segment.bytes", "1048576")];
    let (topic, _) = filled(cx, &settings, 120_000);
    let producer = cx.producer(&[]);
    put(&producer, &topic, 0, "young");
    settle(&producer);
    wait("old segments to go", || (cx.watermarks(&topic, "read_committed").0 > 0).then_some(()));
    assert!(cx.committed(&topic, 0).contains(&"young".to_owned()));
}

fn by_size(cx: &Cx) {
    let settings = [("retention.bytes", "1500000"), ("segment.bytes", "1048576")];
    let (topic, sent) = filled(cx, &settings, 0);
    let start = wait("excess to go", || Some(cx.watermarks(&topic, "read_committed").0).filter(|start| *start > 0));
    wait("it to settle", || {
        let start = cx.watermarks(&topic, "read_committed").0 as usize;
        (cx.committed(&topic, 0) == sent[start..]).then_some(())
    });
    assert!(start < 3_000 && cx.watermarks(&topic, "read_committed").1 == 3_000);
}

fn for_ever(cx: &Cx) {
    let settings = [("retention.ms", "-1"), ("segment.bytes", "1048576")];
    let (topic, sent) = filled(cx, &settings, 365 * 86_400_000);
    // Another topic of the same age goes, so the broker has looked.
    let old = [("retention.ms", "60000"), ("segment.bytes", "1048576")];
    let (other, _) = filled(cx, &old, 365 * 86_400_000);
    wait("the other to go", || (cx.watermarks(&other, "read_committed").0 > 0).then_some(()));
    assert_eq!(cx.committed(&topic, 0), sent);
}
