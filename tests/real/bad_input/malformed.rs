//! Bytes on a topic of events that no schema explains.

use super::{dead_letters, said_by_partner, ticket};
use crate::stack::Stack;
use crate::wait::{SOON, until};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers, Message, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const EVENTS: &str = "partner.events";
const DEAD: &str = "partner.events.dead-letters";
const PARTITIONS: i32 = 12;
/// Stands in a payload, and must not stand in what an operator is shown.
const INSIDE: &str = "payload-word-83d1";

fn client(stack: &Stack) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &stack.servers.kafka);
    config
}

/// Everything on a topic that bears the key, in order.
fn read(stack: &Stack, topic: &str, key: &str) -> Vec<OwnedMessage> {
    let mut config = client(stack);
    config.set("group.id", "e2e-reader").set("enable.auto.commit", "false").set("enable.partition.eof", "true");
    let consumer: BaseConsumer = config.create().unwrap();
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&list).unwrap();
    let (mut unread, mut found) = (PARTITIONS, Vec::new());
    let deadline = std::time::Instant::now() + SOON;
    while unread > 0 {
        assert!(std::time::Instant::now() < deadline, "{topic} cannot be read");
        match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) if message.key() == Some(key.as_bytes()) => found.push(message.detach()),
            Some(Err(KafkaError::PartitionEOF(_))) => unread -= 1,
            Some(Ok(_) | Err(_)) | None => {}
        }
    }
    found
}

async fn produce(stack: &Stack, key: &str, payload: &[u8]) {
    let mut config = client(stack);
    config.set("partitioner", "murmur2_random").set("acks", "all");
    let producer: FutureProducer = config.create().unwrap();
    let headers = OwnedHeaders::new().insert(Header { key: "x-own", value: Some(&[0xff, 0x00, 0x7f]) });
    let record = FutureRecord::to(EVENTS).key(key).payload(payload).headers(headers);
    producer.send(record, SOON).await.unwrap();
}

fn headers(message: &OwnedMessage) -> BTreeMap<String, Vec<u8>> {
    let all = message.headers().into_iter().flat_map(|headers| headers.iter());
    all.map(|h| (h.key.to_owned(), h.value.unwrap_or_default().to_vec())).collect()
}

pub async fn test(stack: Arc<Stack>) {
    let case = stack.community.open("Followed by rubbish").await;
    let subject = format!("case/tg/{case}");
    let ticket = ticket(&stack, &subject).await;

    let genuine = read(&stack, EVENTS, &subject).first().unwrap().payload().unwrap().to_vec();
    assert!(genuine.len() > 20 && genuine[0] == 0);
    let rubbish: [Vec<u8>; 5] = [
        format!("\u{fffd}{INSIDE} is no Avro").into_bytes(),
        [&[0, 0x7f, 0xff, 0xff, 0xf0][..], INSIDE.as_bytes()].concat(),
        genuine[..genuine.len() / 2].to_vec(),
        [&genuine[..5], &[0xff; 64][..], INSIDE.as_bytes()].concat(),
        [&genuine[..], INSIDE.as_bytes()].concat(),
    ];
    for payload in &rubbish {
        produce(&stack, &subject, payload).await;
    }
    // On the same partition, behind them all.
    stack.community.comment(&case, "Still heard").await;
    assert_eq!(said_by_partner(&stack, ticket, 1).await, ["Still heard"]);

    let listed = until("every one is listed", SOON, || async {
        let listed = dead_letters(&stack, "MALFORMED", &subject);
        (listed.len() >= rubbish.len()).then_some(listed)
    })
    .await;
    assert_eq!(listed.len(), rubbish.len(), "{listed:#?}");
    assert!(!listed.concat().contains(INSIDE), "a reason holds no payload: {listed:#?}");
    let kept = read(&stack, DEAD, &subject);
    let bytes: Vec<&[u8]> = kept.iter().map(|m| m.payload().unwrap()).collect();
    assert_eq!(bytes, rubbish.iter().map(Vec::as_slice).collect::<Vec<_>>(), "every byte, in order");
    for letter in &kept {
        let headers = headers(letter);
        assert_eq!(headers["x-own"], [0xff, 0x00, 0x7f], "its own headers are kept");
        assert_eq!(headers["causeway_dead_letter_class"], b"MALFORMED");
        assert_eq!(headers["causeway_dead_letter_service"], b"transform-partner");
        let place = String::from_utf8(headers["causeway_first_cause"].clone()).unwrap();
        assert!(place.starts_with(&format!("{EVENTS}/{}/", letter.partition())), "{place}");
        assert!(!headers["causeway_dead_letter_reason"].is_empty());
    }
    assert_eq!(stack.rt.tickets(&subject).await, [ticket]);
}
