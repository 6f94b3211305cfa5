//! What one side alone can show: restarts and cut connections of the embedded broker, what it leaves out of Kafka.

use crate::kit::{Cx, Maker, PATIENCE, Side, any_port, at, code, numbered, put, reports, settle, unique, wait};
use crate::{Check, only};
use embedded::{Broker, Durability, Fault, Faults, Limits, Options, Running, StartError};
use rdkafka::Offset;
use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, Producer};
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

pub const CHECKS: &[Check] = &[
    only(Side::Embedded, "topics, records, offsets and settings survive a restart", restart),
    only(Side::Embedded, "an open transaction goes on over a restart", open_over_restart),
    only(Side::Embedded, "a producer's numbers survive a restart", numbers_over_restart),
    only(Side::Embedded, "members find their group again after a restart", members_over_restart),
    only(Side::Embedded, "a request that is sent again is not written again", sent_again),
    only(Side::Embedded, "a commit whose answer is lost has happened once", lost_commit),
    only(Side::Embedded, "with flushes to the disk everything works as well", with_flushes),
    only(Side::Embedded, "a port or folder that is taken is named in the error", taken),
    only(Side::Embedded, "a request above the limit or out of form ends the connection alone", hostile),
    only(Side::Embedded, "connections beyond the limit are closed, and places become free again", crowded),
    only(Side::Kafka, "compaction keeps the latest of each key", compaction),
    only(Side::Kafka, "a group of the protocol of KIP-848 gets its partitions", kip_848),
];

fn start(folder: &Path, port: Option<std::net::SocketAddr>, faults: &Faults) -> Running {
    let kafka = port.unwrap_or_else(any_port);
    let options = Options {
        folder: folder.to_owned(),
        kafka,
        registry: any_port(),
        faults: faults.clone(),
        ..Options::default()
    };
    Broker::start(options).unwrap()
}

/// A broker of the check's own.
fn own(folder: &Path, faults: &Faults) -> (Running, Cx) {
    let running = start(folder, None, faults);
    let cx = Cx::new(Side::Embedded, &running.kafka_address().to_string());
    (running, cx)
}

fn restarted(running: Running, folder: &Path) -> Running {
    let address = running.kafka_address();
    crate::kit::block_on(running.stop()).unwrap();
    start(folder, Some(address), &Faults::default())
}

fn restart(_: &Cx) {
    let folder = tempfile::tempdir().unwrap();
    let (running, cx) = own(folder.path(), &Faults::default());
    let (topic, group) = (cx.topic(3, &[("segment.bytes", "20000")]), unique("g"));
    let producer = cx.producer(&[("batch.num.messages", "20")]);
    for n in 0..2_000 {
        put(&producer, &topic, 1, &n.to_string());
    }
    settle(&producer);
    let transactional = cx.transactional(&unique("x"), &[]);
    for commit in [false, true] {
        transactional.begin_transaction().unwrap();
        put(&transactional, &topic, 2, &commit.to_string());
        settle(&transactional);
        if commit {
            transactional.commit_transaction(PATIENCE).unwrap();
        } else {
            transactional.abort_transaction(PATIENCE).unwrap();
        }
    }
    let position = at(&topic, 1, Offset::Offset(1_234));
    wait("the coordinator", || cx.consumer(&group, &[]).commit(&position, CommitMode::Sync).ok());
    let gone = cx.topic(1, &[]);
    crate::kit::block_on(cx.admin().delete_topics(&[&gone], &crate::kit::options())).unwrap();
    let running = restarted(running, folder.path());
    assert_eq!((cx.partitions(&topic), cx.partitions(&gone)), (3, 0));
    assert_eq!(cx.committed(&topic, 1), numbered(0..2_000));
    assert_eq!((cx.committed(&topic, 2), cx.everything(&topic, 2).len()), (vec!["true".to_owned()], 2));
    let found = cx.consumer(&group, &[]).committed_offsets(at(&topic, 1, Offset::Invalid), PATIENCE).unwrap();
    assert_eq!(found.elements()[0].offset(), Offset::Offset(1_234));
    crate::kit::block_on(running.stop()).unwrap();
}

fn open_over_restart(_: &Cx) {
    let folder = tempfile::tempdir().unwrap();
    let (running, cx) = own(folder.path(), &Faults::default());
    let topic = cx.topic(1, &[]);
    let producer = cx.transactional(&unique("x"), &[]);
    producer.begin_transaction().unwrap();
    put(&producer, &topic, 0, "before");
    settle(&producer);
    let running = restarted(running, folder.path());
    assert!(cx.committed(&topic, 0).is_empty());
    put(&producer, &topic, 0, "after");
    settle(&producer);
    producer.commit_transaction(PATIENCE).unwrap();
    assert_eq!(cx.committed(&topic, 0), ["before", "after"]);
    drop(running);
}

fn numbers_over_restart(_: &Cx) {
    let folder = tempfile::tempdir().unwrap();
    let (mut running, cx) = own(folder.path(), &Faults::default());
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[("enable.idempotence", "true")]);
    for round in 0..3 {
        for n in round * 100..round * 100 + 100 {
            put(&producer, &topic, 0, &n.to_string());
        }
        if round < 2 {
            running = restarted(running, folder.path());
        }
        settle(&producer);
    }
    assert_eq!(cx.committed(&topic, 0), numbered(0..300));
    drop(running);
}

fn members_over_restart(_: &Cx) {
    let folder = tempfile::tempdir().unwrap();
    let (running, cx) = own(folder.path(), &Faults::default());
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[]);
    let member = cx.consumer(&unique("g"), &[("auto.offset.reset", "earliest")]);
    member.subscribe(&[&topic]).unwrap();
    let next = || {
        let ask =
            || Some(String::from_utf8_lossy(member.poll(Duration::from_millis(20))?.ok()?.payload()?).into_owned());
        wait("a record", ask)
    };
    put(&producer, &topic, 0, "before");
    settle(&producer);
    assert_eq!(next(), "before");
    let running = restarted(running, folder.path());
    put(&producer, &topic, 0, "after");
    settle(&producer);
    assert_eq!(next(), "after");
    wait("a commit as a member", || {
        let _ = member.poll(Duration::from_millis(5));
        member.commit(&at(&topic, 0, Offset::Offset(2)), CommitMode::Sync).ok()
    });
    drop(running);
}

const PRODUCE: i16 = 0;
const TXN_OFFSET_COMMIT: i16 = 28;
const END_TXN: i16 = 26;

fn sent_again(_: &Cx) {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults::default();
    let (_running, cx) = own(folder.path(), &faults);
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[("enable.idempotence", "true"), ("batch.num.messages", "10")]);
    for round in 0..5 {
        faults.plan(PRODUCE, if round % 2 == 0 { Fault::CutAfter } else { Fault::CutBefore }, 1);
        for n in round * 100..round * 100 + 100 {
            put(&producer, &topic, 0, &n.to_string());
        }
        settle(&producer);
    }
    assert_eq!((faults.left(), cx.committed(&topic, 0)), (0, numbered(0..500)));
}

fn commit_one(producer: &Maker, topic: &str, payload: &str) {
    producer.begin_transaction().unwrap();
    put(producer, topic, 0, payload);
    settle(producer);
    producer.commit_transaction(PATIENCE).unwrap();
}

fn lost_commit(_: &Cx) {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults::default();
    let (_running, cx) = own(folder.path(), &faults);
    let (topic, group) = (cx.topic(1, &[]), unique("g"));
    let producer = cx.transactional(&unique("x"), &[]);
    commit_one(&producer, &topic, "0");
    faults.plan(END_TXN, Fault::CutAfter, 1);
    commit_one(&producer, &topic, "1");
    faults.plan(END_TXN, Fault::Late(Duration::from_millis(300)), 1);
    commit_one(&producer, &topic, "2");
    faults.plan(TXN_OFFSET_COMMIT, Fault::CutAfter, 1);
    producer.begin_transaction().unwrap();
    put(&producer, &topic, 0, "3");
    settle(&producer);
    let metadata = cx.consumer(&group, &[]).group_metadata().unwrap();
    producer.send_offsets_to_transaction(&at(&topic, 0, Offset::Offset(3)), &metadata, PATIENCE).unwrap();
    producer.commit_transaction(PATIENCE).unwrap();
    assert_eq!((faults.left(), cx.committed(&topic, 0)), (0, numbered(0..4)));
}

fn with_flushes(_: &Cx) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        folder: folder.path().to_owned(),
        kafka: any_port(),
        registry: any_port(),
        durability: Durability::Disk,
        ..Options::default()
    };
    let running = Broker::start(options).unwrap();
    let cx = Cx::new(Side::Embedded, &running.kafka_address().to_string());
    let topic = cx.topic(1, &[]);
    let producer = cx.transactional(&unique("x"), &[]);
    for n in 0..5 {
        commit_one(&producer, &topic, &n.to_string());
    }
    assert_eq!(cx.committed(&topic, 0), numbered(0..5));
}

fn taken(_: &Cx) {
    let folder = tempfile::tempdir().unwrap();
    let (running, _) = own(folder.path(), &Faults::default());
    let again = |folder: &Path, kafka| {
        let options = Options { folder: folder.to_owned(), kafka, registry: any_port(), ..Options::default() };
        Broker::start(options).err().unwrap()
    };
    let address = running.kafka_address();
    let error = again(&folder.path().join("other"), address);
    assert!(matches!(&error, StartError::Listen { address: named, .. } if *named == address));
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    assert!(matches!(again(folder.path(), any_port()), StartError::InUse { .. }));
}

fn hostile(_: &Cx) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        folder: folder.path().to_owned(),
        kafka: any_port(),
        registry: any_port(),
        limits: Limits { request: 1 << 20, ..Limits::default() },
        ..Options::default()
    };
    let running = Broker::start(options).unwrap();
    let head =
        |key: i16, version: i16| [&key.to_be_bytes()[..], &version.to_be_bytes(), &[0, 0, 0, 9, 0xff, 0xff]].concat();
    let framed = |body: Vec<u8>| [&(body.len() as u32).to_be_bytes()[..], &body].concat();
    let array = i32::MAX.to_be_bytes().to_vec();
    for bytes in [
        u32::MAX.to_be_bytes().to_vec(),
        framed(vec![]),
        framed(vec![0]),
        framed(head(3, 8)),
        framed([head(3, 8), array.clone()].concat()),
        framed([head(0, 8), vec![0xff, 0xff, 0, 1, 0, 0, 0, 9], array].concat()),
        framed(head(3, 99)),
        framed(head(999, 0)),
    ] {
        let mut stream = std::net::TcpStream::connect(running.kafka_address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(&bytes).unwrap();
        let mut rest = Vec::new();
        // Closed, perhaps with a reset where bytes were left unread.
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty());
    }
    let cx = Cx::new(Side::Embedded, &running.kafka_address().to_string());
    let topic = cx.topic(1, &[("max.message.bytes", "5000000")]);
    let producer = cx.producer(&[("message.max.bytes", "4000000"), ("message.timeout.ms", "1500")]);
    put(&producer, &topic, 0, &"x".repeat(3_000_000));
    assert!(reports(&producer).pop().unwrap().is_err());
    let producer = cx.producer(&[]);
    put(&producer, &topic, 0, "small");
    settle(&producer);
    assert_eq!(cx.committed(&topic, 0), ["small"]);
}

fn crowded(_: &Cx) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        folder: folder.path().to_owned(),
        kafka: any_port(),
        registry: any_port(),
        limits: Limits { connections: 3, ..Limits::default() },
        ..Options::default()
    };
    let running = Broker::start(options).unwrap();
    let ask = || {
        let mut stream = std::net::TcpStream::connect(running.kafka_address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // ApiVersions, version 0, without a client's name.
        let _ = stream.write_all(&[0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);
        stream.read_exact(&mut [0; 4]).map(|()| stream)
    };
    let held: Vec<_> = (0..3).map(|_| ask().unwrap()).collect();
    assert!(ask().is_err());
    drop(held);
    wait("a free place", || ask().ok());
}

fn compaction(cx: &Cx) {
    let settings = [
        ("cleanup.policy", "compact"),
        ("segment.ms", "100"),
        ("min.cleanable.dirty.ratio", "0.01"),
        ("max.compaction.lag.ms", "200"),
    ];
    let topic = cx.topic(1, &settings);
    let producer = cx.producer(&[]);
    let mut n = 0;
    wait("the cleaner", || {
        for key in ["a", "b"] {
            let payload = format!("{key} {n}");
            producer.send(BaseRecord::to(&topic).key(key).payload(&payload)).map_err(|(e, _)| e).unwrap();
            n += 1;
        }
        settle(&producer);
        std::thread::park_timeout(Duration::from_millis(150));
        let found = cx.committed(&topic, 0);
        (found.len() < n && found.contains(&format!("b {}", n - 1))).then_some(())
    });
}

fn kip_848(cx: &Cx) {
    let topic = cx.topic(3, &[]);
    let group = unique("g");
    let settings = [
        ("group.id", group.as_str()),
        ("group.protocol", "consumer"),
        ("auto.offset.reset", "earliest"),
        ("enable.auto.commit", "false"),
    ];
    let member: crate::kit::Reader = cx.config(&settings).create_with_context(crate::kit::Quiet).unwrap();
    member.subscribe(&[&topic]).unwrap();
    wait("an assignment", || {
        if let Some(Err(error)) = member.poll(Duration::from_millis(20)) {
            assert_ne!(code(&error), Code::UnsupportedFeature);
        }
        (member.assignment().ok()?.count() == 3).then_some(())
    });
}
