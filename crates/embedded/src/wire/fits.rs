//! Each shape against what the codec writes, so that no array of a request is walked past unseen.

use super::{APIS, shape};
use bytes::BytesMut;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::Request;

/// The shape covers the encoded request to its end, or to what is fixed there; the request must be decodable again.
fn fits<R: Request + PartialEq + std::fmt::Debug>(request: &R, left: usize) {
    let api = APIS.iter().find(|api| api.key == R::KEY).unwrap();
    for version in [api.min, api.max] {
        let mut bytes = BytesMut::new();
        request.encode(&mut bytes, version).unwrap();
        let rest = shape::walk(api.shape, &bytes).unwrap_or_else(|| panic!("call {} version {version}", R::KEY));
        assert!(rest.len() <= left, "call {} version {version}: {} bytes are not walked over", R::KEY, rest.len());
        for end in 0..bytes.len() - rest.len() {
            assert!(shape::walk(api.shape, &bytes[..end]).is_none(), "call {} cut at {end}", R::KEY);
        }
        assert_eq!(&R::decode(&mut bytes.freeze(), version).unwrap(), request);
    }
}

fn topic() -> TopicName {
    TopicName(crate::core::text("topic"))
}

#[test]
fn requests_about_records() {
    use fetch_request::{FetchPartition, FetchTopic, ForgottenTopic};
    use list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
    use produce_request::{PartitionProduceData, TopicProduceData};
    let records = PartitionProduceData::default().with_records(Some(vec![1, 2, 3].into()));
    let data = TopicProduceData::default().with_name(topic()).with_partition_data(vec![records]);
    fits(&ProduceRequest::default().with_topic_data(vec![data.clone(), data]), 0);
    let asked = FetchTopic::default().with_topic(topic()).with_partitions(vec![FetchPartition::default(); 2]);
    let forgotten = ForgottenTopic::default().with_topic(topic()).with_partitions(vec![1, 2]);
    fits(&FetchRequest::default().with_topics(vec![asked]).with_forgotten_topics_data(vec![forgotten]), 0);
    let asked = ListOffsetsTopic::default().with_name(topic()).with_partitions(vec![ListOffsetsPartition::default()]);
    fits(&ListOffsetsRequest::default().with_topics(vec![asked]), 0);
}

#[test]
fn requests_about_topics() {
    use create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsTopic};
    use create_topics_request::{CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig};
    let assignment = CreatableReplicaAssignment::default().with_broker_ids(vec![BrokerId(1)]);
    let new = CreatableTopic::default()
        .with_name(topic())
        .with_assignments(vec![assignment])
        .with_configs(vec![CreatableTopicConfig::default()]);
    fits(&CreateTopicsRequest::default().with_topics(vec![new]), 0);
    let assignment = CreatePartitionsAssignment::default().with_broker_ids(vec![BrokerId(1)]);
    let more = CreatePartitionsTopic::default().with_name(topic()).with_assignments(Some(vec![assignment]));
    fits(&CreatePartitionsRequest::default().with_topics(vec![more]), 0);
    fits(&DeleteTopicsRequest::default().with_topic_names(vec![topic(), topic()]), 0);
    let named = metadata_request::MetadataRequestTopic::default().with_name(Some(topic()));
    fits(&MetadataRequest::default().with_topics(Some(vec![named])), 0);
    let resource = describe_configs_request::DescribeConfigsResource::default()
        .with_configuration_keys(Some(vec![crate::core::text("a")]));
    fits(&DescribeConfigsRequest::default().with_resources(vec![resource]), 0);
    let config = alter_configs_request::AlterableConfig::default();
    let resource = alter_configs_request::AlterConfigsResource::default().with_configs(vec![config]);
    fits(&AlterConfigsRequest::default().with_resources(vec![resource]), 0);
    let config = incremental_alter_configs_request::AlterableConfig::default();
    let resource = incremental_alter_configs_request::AlterConfigsResource::default().with_configs(vec![config]);
    fits(&IncrementalAlterConfigsRequest::default().with_resources(vec![resource]), 0);
}

#[test]
fn requests_about_groups() {
    use offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
    use offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
    let partition = OffsetCommitRequestPartition::default();
    let of_topic = OffsetCommitRequestTopic::default().with_name(topic()).with_partitions(vec![partition; 2]);
    fits(&OffsetCommitRequest::default().with_topics(vec![of_topic]), 0);
    let of_topic = offset_fetch_request::OffsetFetchRequestTopic::default().with_name(topic());
    let of_topic = of_topic.with_partition_indexes(vec![1, 2]);
    fits(&OffsetFetchRequest::default().with_topics(Some(vec![of_topic])), 0);
    let partitions = vec![OffsetDeleteRequestPartition::default()];
    let of_topic = OffsetDeleteRequestTopic::default().with_name(topic()).with_partitions(partitions);
    fits(&OffsetDeleteRequest::default().with_topics(vec![of_topic]), 0);
    let protocol = join_group_request::JoinGroupRequestProtocol::default().with_metadata(vec![1].into());
    fits(&JoinGroupRequest::default().with_protocols(vec![protocol]), 0);
    let assignment = sync_group_request::SyncGroupRequestAssignment::default().with_assignment(vec![1].into());
    fits(&SyncGroupRequest::default().with_assignments(vec![assignment]), 0);
    fits(&HeartbeatRequest::default(), 0);
    fits(&LeaveGroupRequest::default(), 0);
    fits(&FindCoordinatorRequest::default(), 0);
    fits(&ListGroupsRequest::default(), 0);
    fits(&DescribeGroupsRequest::default().with_groups(vec![GroupId::default()]), 1);
    fits(&DeleteGroupsRequest::default().with_groups_names(vec![GroupId::default()]), 0);
}

#[test]
fn requests_about_transactions() {
    use txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic};
    fits(&InitProducerIdRequest::default(), 0);
    let of_topic = add_partitions_to_txn_request::AddPartitionsToTxnTopic::default().with_partitions(vec![1, 2]);
    fits(&AddPartitionsToTxnRequest::default().with_v3_and_below_topics(vec![of_topic]), 0);
    fits(&AddOffsetsToTxnRequest::default(), 0);
    fits(&EndTxnRequest::default(), 0);
    let partitions = vec![TxnOffsetCommitRequestPartition::default(); 2];
    let of_topic = TxnOffsetCommitRequestTopic::default().with_name(topic()).with_partitions(partitions);
    fits(&TxnOffsetCommitRequest::default().with_topics(vec![of_topic]), 0);
}
