use crate::kit::{Cx, PATIENCE, Quiet, Reader, at, code, numbered, put, settle, unique, wait};
use crate::{Check, both};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::message::Message;
use rdkafka::{ClientContext, Offset};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub const CHECKS: &[Check] = &[
    both("a member alone gets every partition and reads on from what was committed", alone),
    both("two members share the partitions (range)", |cx| shared(cx, "range")),
    both("two members share the partitions (round robin)", |cx| shared(cx, "roundrobin")),
    both("two members share the partitions (cooperative)", |cx| shared(cx, "cooperative-sticky")),
    both("a cooperative member keeps what it need not give away", kept),
    both("a member that leaves hands its partitions over at once", leaves),
    both("a member that is killed loses its partitions after its session", killed),
    both("a commit of an earlier generation is refused", stale),
    both("groups and their members are listed", listed),
    both("members that speak different protocols do not mix", mixed),
    both("a session shorter than allowed is refused", short_session),
    both("every record is read once across a rebalance that is committed", across),
];

/// Polls all of them until each partition is assigned once and every member has some.
fn balanced<C: ConsumerContext>(members: &[&BaseConsumer<C>], partitions: usize) {
    wait("a balanced group", || {
        for member in members {
            let _ = member.poll(Duration::from_millis(10));
        }
        let assigned: Vec<_> = members.iter().map(|member| partitions_of(member)).collect();
        let all: BTreeSet<_> = assigned.iter().flatten().collect();
        let each_once = assigned.iter().map(Vec::len).sum::<usize>() == partitions && all.len() == partitions;
        (each_once && assigned.iter().all(|own| !own.is_empty())).then_some(())
    });
}

fn partitions_of<C: ConsumerContext>(member: &BaseConsumer<C>) -> Vec<i32> {
    member.assignment().unwrap().elements().iter().map(|e| e.partition()).collect()
}

fn member(cx: &Cx, group: &str, topic: &str, settings: &[(&str, &str)]) -> Reader {
    let mut all = vec![("auto.offset.reset", "earliest")];
    all.extend(settings);
    let member = cx.consumer(group, &all);
    member.subscribe(&[topic]).unwrap();
    member
}

fn alone(cx: &Cx) {
    let (topic, group) = (cx.topic(3, &[]), unique("g"));
    let producer = cx.producer(&[]);
    let read = |from: usize| {
        for n in from..from + 30 {
            put(&producer, &topic, n as i32 % 3, &n.to_string());
        }
        settle(&producer);
        let member = member(cx, &group, &topic, &[]);
        let mut found = Vec::new();
        wait("thirty records", || {
            if let Some(Ok(message)) = member.poll(Duration::from_millis(10)) {
                found.push(String::from_utf8_lossy(message.payload().unwrap()).into_owned());
                member.store_offset_from_message(&message).unwrap();
            }
            (found.len() == 30).then_some(())
        });
        member.commit_consumer_state(CommitMode::Sync).unwrap();
        found.sort_by_key(|text| text.parse::<usize>().unwrap());
        assert_eq!(found, numbered(from..from + 30));
    };
    read(0);
    read(30);
}

fn shared(cx: &Cx, strategy: &str) {
    let (topic, group) = (cx.topic(6, &[]), unique("g"));
    let settings = [("partition.assignment.strategy", strategy)];
    let one = member(cx, &group, &topic, &settings);
    balanced(&[&one], 6);
    let two = member(cx, &group, &topic, &settings);
    balanced(&[&one, &two], 6);
    assert_eq!((partitions_of(&one).len(), partitions_of(&two).len()), (3, 3));
}

/// Counts the partitions that were taken away.
#[derive(Default)]
struct Taken(AtomicUsize);
impl ClientContext for Taken {}
impl ConsumerContext for Taken {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            self.0.fetch_add(list.count(), Ordering::SeqCst);
        }
    }
}

fn kept(cx: &Cx) {
    let (topic, group) = (cx.topic(6, &[]), unique("g"));
    let settings = [
        ("group.id", group.as_str()),
        ("partition.assignment.strategy", "cooperative-sticky"),
        ("session.timeout.ms", "6000"),
        ("heartbeat.interval.ms", "200"),
    ];
    let make = || {
        let member: BaseConsumer<Taken> = cx.config(&settings).create_with_context(Taken::default()).unwrap();
        member.subscribe(&[&topic]).unwrap();
        member
    };
    let one = make();
    balanced(&[&one], 6);
    let two = make();
    balanced(&[&one, &two], 6);
    assert_eq!(one.context().0.load(Ordering::SeqCst), 3, "only what the other got was taken away");
}

fn leaves(cx: &Cx) {
    let (topic, group) = (cx.topic(4, &[]), unique("g"));
    let settings = [("session.timeout.ms", "30000")];
    let one = member(cx, &group, &topic, &settings);
    let two = member(cx, &group, &topic, &settings);
    balanced(&[&one, &two], 4);
    let began = Instant::now();
    drop(two);
    balanced(&[&one], 4);
    assert!(began.elapsed() < Duration::from_secs(10), "it took {:?}", began.elapsed());
}

fn killed(cx: &Cx) {
    let (topic, group) = (cx.topic(2, &[]), unique("g"));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--member", &cx.bootstrap, &group, &topic])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(line, "assigned\n");
    let began = Instant::now();
    let other = member(cx, &group, &topic, &[]);
    balanced(&[&other], 2);
    let took = began.elapsed();
    // The session of the killed one is two seconds.
    assert!(took > Duration::from_millis(700) && took < Duration::from_secs(12), "it took {took:?}");
}

fn stale(cx: &Cx) {
    let (topic, group) = (cx.topic(2, &[]), unique("g"));
    let one = member(cx, &group, &topic, &[("partition.assignment.strategy", "range")]);
    balanced(&[&one], 2);
    let before = one.group_metadata().unwrap();
    let two = member(cx, &group, &topic, &[("partition.assignment.strategy", "range")]);
    balanced(&[&one, &two], 2);
    let producer = cx.transactional(&unique("x"), &[]);
    use rdkafka::producer::Producer;
    producer.begin_transaction().unwrap();
    put(&producer, &topic, 0, "x");
    settle(&producer);
    let offsets = at(&topic, 0, Offset::Offset(1));
    let error = producer.send_offsets_to_transaction(&offsets, &before, PATIENCE).unwrap_err();
    assert_eq!(code(&error), Code::IllegalGeneration);
    producer.abort_transaction(PATIENCE).unwrap();
    let now = one.group_metadata().unwrap();
    producer.begin_transaction().unwrap();
    put(&producer, &topic, 0, "y");
    settle(&producer);
    producer.send_offsets_to_transaction(&offsets, &now, PATIENCE).unwrap();
    producer.commit_transaction(PATIENCE).unwrap();
    assert_eq!(cx.committed(&topic, 0), ["y"]);
}

fn listed(cx: &Cx) {
    let (topic, group) = (cx.topic(2, &[]), unique("g"));
    let one = member(cx, &group, &topic, &[("client.id", "somebody")]);
    balanced(&[&one], 2);
    let asking: Reader = cx.config(&[]).create_with_context(Quiet).unwrap();
    let list = asking.fetch_group_list(None, PATIENCE).unwrap();
    assert!(list.groups().iter().any(|listed| listed.name() == group));
    let described = asking.fetch_group_list(Some(&group), PATIENCE).unwrap();
    let [found] = described.groups() else { panic!("one group") };
    assert_eq!((found.state(), found.protocol_type(), found.protocol()), ("Stable", "consumer", "range"));
    let [member] = found.members() else { panic!("one member") };
    assert_eq!(member.client_id(), "somebody");
    assert!(member.assignment().is_some_and(|bytes| !bytes.is_empty()));
}

fn mixed(cx: &Cx) {
    let (topic, group) = (cx.topic(2, &[]), unique("g"));
    let one = member(cx, &group, &topic, &[("partition.assignment.strategy", "range")]);
    balanced(&[&one], 2);
    let other = member(cx, &group, &topic, &[("partition.assignment.strategy", "cooperative-sticky")]);
    let error = wait("a refusal", || {
        let _ = one.poll(Duration::from_millis(10));
        other.poll(Duration::from_millis(10))?.err()
    });
    assert_eq!(code(&error), Code::InconsistentGroupProtocol);
}

fn short_session(cx: &Cx) {
    let (topic, group) = (cx.topic(1, &[]), unique("g"));
    let short = [("session.timeout.ms", "500"), ("heartbeat.interval.ms", "100")];
    let one = member(cx, &group, &topic, &short);
    let error = wait("a refusal", || one.poll(Duration::from_millis(10))?.err());
    assert_eq!(code(&error), Code::InvalidSessionTimeout);
}

/// Two members, one of which comes later; each commits what it has read before it lets go.
struct Careful(std::sync::Mutex<Vec<String>>);
impl ClientContext for Careful {}
impl ConsumerContext for Careful {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(_) = rebalance {
            let _ = consumer.commit_consumer_state(CommitMode::Sync);
        }
    }
}

fn across(cx: &Cx) {
    let (topic, group) = (cx.topic(4, &[]), unique("g"));
    let producer = cx.producer(&[]);
    for n in 0..400 {
        put(&producer, &topic, n % 4, &n.to_string());
    }
    settle(&producer);
    let settings = [
        ("group.id", group.as_str()),
        ("partition.assignment.strategy", "cooperative-sticky"),
        ("enable.auto.commit", "false"),
        ("enable.auto.offset.store", "false"),
        ("auto.offset.reset", "earliest"),
        ("heartbeat.interval.ms", "100"),
    ];
    let make = || {
        let context = Careful(std::sync::Mutex::default());
        let member: BaseConsumer<Careful> = cx.config(&settings).create_with_context(context).unwrap();
        member.subscribe(&[&topic]).unwrap();
        member
    };
    let step = |member: &BaseConsumer<Careful>| {
        if let Some(Ok(message)) = member.poll(Duration::from_millis(5)) {
            let text = String::from_utf8_lossy(message.payload().unwrap()).into_owned();
            member.context().0.lock().unwrap().push(text);
            member.store_offset_from_message(&message).unwrap();
        }
        member.context().0.lock().unwrap().len()
    };
    let one = make();
    wait("the first hundred", || (step(&one) >= 100).then_some(()));
    let two = make();
    wait("all of them", || (step(&one) + step(&two) >= 400).then_some(()));
    let mut all = std::mem::take(&mut *one.context().0.lock().unwrap());
    all.append(&mut two.context().0.lock().unwrap());
    all.sort_by_key(|text| text.parse::<usize>().unwrap());
    assert_eq!(all, numbered(0..400));
}
