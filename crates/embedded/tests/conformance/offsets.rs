use crate::kit::{Cx, PATIENCE, at, block_on, code, options, put, settle, unique, wait};
use crate::{Check, both};
use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::BaseRecord;
use rdkafka::{Offset, TopicPartitionList};
use std::time::Duration;

pub const CHECKS: &[Check] = &[
    both("beginning and end of a partition are told", watermarks),
    both("a look-up by time finds the first record that is not older", by_time),
    both("a look-up by time beyond the last record finds the end", by_late_time),
    both("committed offsets come back with their metadata", committed),
    both("offsets that nobody committed are none", uncommitted),
    both("offsets for a topic that is not there are refused", unknown_topic),
    both("metadata of an offset beyond the limit is refused", long_metadata),
    both("a stranger cannot commit for a group with members", stranger),
    both("a deleted group has no offsets, and one in use is not deleted", deleted),
];

fn watermarks(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    assert_eq!(cx.watermarks(&topic, "read_committed"), (0, 0));
    let producer = cx.producer(&[]);
    for _ in 0..5 {
        put(&producer, &topic, 0, "x");
    }
    settle(&producer);
    assert_eq!(cx.watermarks(&topic, "read_committed"), (0, 5));
}

const TIMES: [i64; 4] = [1_000_000, 2_000_000, 1_500_000, 3_000_000];

fn timed(cx: &Cx) -> String {
    let topic = cx.topic(1, &[("retention.ms", "-1")]);
    let producer = cx.producer(&[("linger.ms", "20")]);
    for time in TIMES {
        let record = BaseRecord::<(), str>::to(&topic).partition(0).payload("x").timestamp(time);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    settle(&producer);
    topic
}

fn offset_at(cx: &Cx, topic: &str, time: i64) -> Offset {
    let consumer = cx.consumer(&unique("g"), &[]);
    let found = consumer.offsets_for_times(at(topic, 0, Offset::Offset(time)), PATIENCE).unwrap();
    found.elements()[0].offset()
}

fn by_time(cx: &Cx) {
    let topic = timed(cx);
    for (time, offset) in [(0, 0), (1_000_000, 0), (1_000_001, 1), (2_000_000, 1), (2_500_000, 3), (3_000_000, 3)] {
        assert_eq!(offset_at(cx, &topic, time), Offset::Offset(offset), "at {time}");
    }
}

fn by_late_time(cx: &Cx) {
    assert_eq!(offset_at(cx, &timed(cx), 3_000_001), Offset::End);
}

fn committed(cx: &Cx) {
    let topic = cx.topic(3, &[]);
    let group = unique("g");
    let mut list = TopicPartitionList::new();
    for partition in 0..3 {
        list.add_partition_offset(&topic, partition, Offset::Offset(i64::from(partition) * 10)).unwrap();
    }
    let mut noted = list.clone();
    noted.set_all_offsets(Offset::Invalid).unwrap();
    let consumer = cx.consumer(&group, &[]);
    list.find_partition(&topic, 1).unwrap().set_metadata("noted");
    wait("the coordinator", || consumer.commit(&list, CommitMode::Sync).ok());
    let found = cx.consumer(&group, &[]).committed_offsets(noted, PATIENCE).unwrap();
    let offsets: Vec<_> = found.elements().iter().map(|e| (e.offset(), e.metadata().to_owned())).collect();
    let told = |n, metadata: &str| (Offset::Offset(n), metadata.to_owned());
    assert_eq!(offsets, [told(0, ""), told(10, "noted"), told(20, "")]);
}

fn uncommitted(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let found = cx.consumer(&unique("g"), &[]).committed_offsets(at(&topic, 0, Offset::Invalid), PATIENCE).unwrap();
    assert_eq!(found.elements()[0].offset(), Offset::Invalid);
}

fn unknown_topic(cx: &Cx) {
    let consumer = cx.consumer(&unique("g"), &[]);
    let list = at(&unique("nowhere"), 0, Offset::Offset(1));
    let error = consumer.commit(&list, CommitMode::Sync).unwrap_err();
    assert_eq!(code(&error), Code::UnknownTopicOrPartition);
}

fn long_metadata(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let consumer = cx.consumer(&unique("g"), &[]);
    let commit = |length: usize| {
        let list = at(&topic, 0, Offset::Offset(1));
        list.find_partition(&topic, 0).unwrap().set_metadata("x".repeat(length));
        consumer.commit(&list, CommitMode::Sync)
    };
    wait("the coordinator", || commit(4096).ok());
    assert_eq!(code(&commit(4097).unwrap_err()), Code::OffsetMetadataTooLarge);
}

fn member(cx: &Cx, group: &str, topic: &str) -> crate::kit::Reader {
    let member = cx.consumer(group, &[("auto.offset.reset", "earliest")]);
    member.subscribe(&[topic]).unwrap();
    wait("an assignment", || {
        let _ = member.poll(Duration::from_millis(20));
        (member.assignment().ok()?.count() > 0).then_some(())
    });
    member
}

fn stranger(cx: &Cx) {
    let (topic, group) = (cx.topic(1, &[]), unique("g"));
    let _member = member(cx, &group, &topic);
    let error = cx.consumer(&group, &[]).commit(&at(&topic, 0, Offset::Offset(1)), CommitMode::Sync).unwrap_err();
    assert_eq!(code(&error), Code::UnknownMemberId);
}

fn deleted(cx: &Cx) {
    let (topic, group) = (cx.topic(1, &[]), unique("g"));
    let delete = || block_on(cx.admin().delete_groups(&[&group], &options())).unwrap().pop().unwrap();
    let in_use = member(cx, &group, &topic);
    in_use.commit(&at(&topic, 0, Offset::Offset(1)), CommitMode::Sync).unwrap();
    assert_eq!(delete().unwrap_err().1, Code::NonEmptyGroup);
    drop(in_use);
    wait("the group to be empty", || delete().ok());
    let found = cx.consumer(&group, &[]).committed_offsets(at(&topic, 0, Offset::Invalid), PATIENCE).unwrap();
    assert_eq!(found.elements()[0].offset(), Offset::Invalid);
    assert_eq!(delete().unwrap_err().1, Code::GroupIdNotFound);
}
