use crate::kit::{Cx, PATIENCE, Quiet, Reader, block_on, options, put, reports, settle, unique, wait};
use crate::{Check, both};
use rdkafka::admin::{
    AlterConfig, ConfigEntry, ConfigSource, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::consumer::Consumer;
use rdkafka::error::RDKafkaErrorCode as Code;

pub const CHECKS: &[Check] = &[
    both("a topic is made with its partitions", a_topic_is_made),
    both("making a topic again says that it exists", a_topic_exists),
    both("an unknown topic is unknown, and asking makes none", unknown_topic),
    both("a name against the rule is refused", bad_name),
    both("an unknown setting is refused", bad_setting),
    both("more copies than nodes are refused", bad_replication),
    both("settings are described, and where they come from", described),
    both("settings can be changed", altered),
    both("partitions can be added and not taken away", grown),
    both("a topic that is deleted and made again begins at 0", deleted),
    both("the cluster has one id", cluster_id),
    both("all topics are listed", listed),
];

fn a_topic_is_made(cx: &Cx) {
    let name = cx.topic(7, &[("cleanup.policy", "compact"), ("retention.ms", "-1")]);
    assert_eq!(cx.partitions(&name), 7);
}

fn a_topic_exists(cx: &Cx) {
    let name = cx.topic(1, &[]);
    assert_eq!(cx.make(&name, 1, &[]), Err(Code::TopicAlreadyExists));
}

fn unknown_topic(cx: &Cx) {
    let name = unique("nowhere");
    assert_eq!(cx.partitions(&name), 0);
    let producer = cx.producer(&[("message.timeout.ms", "1000")]);
    put(&producer, &name, 0, "x");
    assert!(reports(&producer).pop().unwrap().is_err());
    assert_eq!(cx.partitions(&name), 0);
}

fn bad_name(cx: &Cx) {
    assert_eq!(cx.make("no/such name", 1, &[]), Err(Code::InvalidTopic));
}

fn bad_setting(cx: &Cx) {
    assert_eq!(cx.make(&unique("t"), 1, &[("retention.sm", "1")]), Err(Code::InvalidConfig));
    assert_eq!(cx.make(&unique("t"), 1, &[("retention.ms", "soon")]), Err(Code::InvalidConfig));
}

fn bad_replication(cx: &Cx) {
    let name = unique("t");
    let new = NewTopic::new(&name, 1, TopicReplication::Fixed(30));
    let result = block_on(cx.admin().create_topics([&new], &options())).unwrap().pop().unwrap();
    assert_eq!(result.unwrap_err().1, Code::InvalidReplicationFactor);
}

fn setting(cx: &Cx, topic: &str, name: &str) -> ConfigEntry {
    let resource = ResourceSpecifier::Topic(topic);
    let found = block_on(cx.admin().describe_configs([&resource], &options())).unwrap().pop().unwrap().unwrap();
    found.entries.into_iter().find(|entry| entry.name == name).unwrap()
}

fn described(cx: &Cx) {
    let topic = cx.topic(1, &[("retention.ms", "123456789")]);
    let own = setting(cx, &topic, "retention.ms");
    assert_eq!((own.value.as_deref(), own.source), (Some("123456789"), ConfigSource::DynamicTopic));
    let other = setting(cx, &topic, "cleanup.policy");
    assert_eq!((other.value.as_deref(), other.source), (Some("delete"), ConfigSource::Default));
}

fn altered(cx: &Cx) {
    let topic = cx.topic(1, &[("retention.ms", "5000000")]);
    let change = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set("max.message.bytes", "2000");
    block_on(cx.admin().alter_configs([&change], &options())).unwrap().pop().unwrap().unwrap();
    wait("the new setting", || (setting(cx, &topic, "max.message.bytes").value? == "2000").then_some(()));
    // Whatever is not named has its default again.
    assert_eq!(setting(cx, &topic, "retention.ms").source, ConfigSource::Default);
    let producer = cx.producer(&[]);
    put(&producer, &topic, 0, &"x".repeat(3000));
    let refused = reports(&producer).pop().unwrap().unwrap_err();
    assert_eq!(crate::kit::code(&refused), Code::MessageSizeTooLarge);
}

fn grown(cx: &Cx) {
    let topic = cx.topic(2, &[]);
    let grow = |count| {
        let new = NewPartitions::new(&topic, count);
        block_on(cx.admin().create_partitions([&new], &options())).unwrap().pop().unwrap()
    };
    grow(5).unwrap();
    cx.wait_for_topic(&topic, 5);
    let producer = cx.producer(&[]);
    put(&producer, &topic, 4, "x");
    settle(&producer);
    assert_eq!(cx.committed(&topic, 4), ["x"]);
    assert_eq!(grow(3).unwrap_err().1, Code::InvalidPartitions);
}

fn deleted(cx: &Cx) {
    let topic = cx.topic(1, &[]);
    let producer = cx.producer(&[]);
    put(&producer, &topic, 0, "old");
    settle(&producer);
    let gone = block_on(cx.admin().delete_topics(&[&topic], &options())).unwrap().pop().unwrap();
    assert_eq!(gone.unwrap(), topic);
    cx.wait_for_topic(&topic, 0);
    let again = block_on(cx.admin().delete_topics(&[&topic], &options())).unwrap().pop().unwrap();
    assert_eq!(again.unwrap_err().1, Code::UnknownTopicOrPartition);
    wait("the name to be free", || cx.make(&topic, 1, &[]).ok());
    cx.wait_for_topic(&topic, 1);
    let producer = cx.producer(&[]);
    put(&producer, &topic, 0, "new");
    settle(&producer);
    assert_eq!(cx.committed(&topic, 0), ["new"]);
    assert_eq!(cx.watermarks(&topic, "read_committed"), (0, 1));
}

fn cluster_id(cx: &Cx) {
    let ask = || {
        let consumer: Reader = cx.config(&[]).create_with_context(Quiet).unwrap();
        consumer.client().fetch_cluster_id(PATIENCE).unwrap()
    };
    assert_eq!(ask(), ask());
}

fn listed(cx: &Cx) {
    let (one, two) = (cx.topic(1, &[]), cx.topic(2, &[]));
    let consumer: Reader = cx.config(&[]).create_with_context(Quiet).unwrap();
    let metadata = consumer.fetch_metadata(None, PATIENCE).unwrap();
    for (name, partitions) in [(one, 1), (two, 2)] {
        let topic = metadata.topics().iter().find(|topic| topic.name() == name).unwrap();
        assert_eq!(topic.partitions().len(), partitions);
    }
}
