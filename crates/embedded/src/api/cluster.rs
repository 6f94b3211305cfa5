//! ApiVersions, Metadata, FindCoordinator: what there is, and that all of it is here.

use crate::core::{Core, NODE, Peer, text};
use crate::wire::APIS;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::api_versions_response::{ApiVersion, ApiVersionsResponse};
use kafka_protocol::messages::metadata_response::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{BrokerId, FindCoordinatorResponse, MetadataRequest, ProduceRequest, TopicName};
use kafka_protocol::protocol::Request;

pub fn versions(asked: i16) -> ApiVersionsResponse {
    let served = |api: &crate::wire::Api| {
        // librdkafka takes the smallest version of Produce for a sign of what compression the broker allows, and sends
        // nothing compressed where that is above 0. Kafka 4 tells the same untruth for the same reason.
        let min = if api.key == ProduceRequest::KEY { 0 } else { api.min };
        ApiVersion::default().with_api_key(api.key).with_min_version(min).with_max_version(api.max)
    };
    let known = APIS.iter().any(|api| api.key == 18 && asked <= api.max);
    let code = if known { 0 } else { ResponseError::UnsupportedVersion.code() };
    ApiVersionsResponse::default().with_error_code(code).with_api_keys(APIS.iter().map(served).collect())
}

pub fn metadata(core: &Core, peer: &Peer, request: MetadataRequest) -> MetadataResponse {
    let state = core.state();
    let names: Vec<String> = match request.topics {
        None => state.meta.topics.keys().cloned().collect(),
        Some(topics) => topics.into_iter().filter_map(|topic| topic.name).map(|name| name.to_string()).collect(),
    };
    let topics = names.into_iter().map(|name| {
        let answer = MetadataResponseTopic::default().with_name(Some(TopicName(text(name.clone()))));
        match state.topic(&name) {
            Ok(topic) => answer.with_partitions((0..topic.partitions).map(partition).collect()),
            Err(error) => answer.with_error_code(error.code()),
        }
    });
    let node = MetadataResponseBroker::default()
        .with_node_id(BrokerId(NODE))
        .with_host(text(peer.reached.ip().to_string()))
        .with_port(i32::from(peer.reached.port()));
    MetadataResponse::default()
        .with_brokers(vec![node])
        .with_cluster_id(Some(text(state.meta.cluster.clone())))
        .with_controller_id(BrokerId(NODE))
        .with_topics(topics.collect())
}

fn partition(index: i32) -> MetadataResponsePartition {
    MetadataResponsePartition::default()
        .with_partition_index(index)
        .with_leader_id(BrokerId(NODE))
        .with_leader_epoch(0)
        .with_replica_nodes(vec![BrokerId(NODE)])
        .with_isr_nodes(vec![BrokerId(NODE)])
}

pub fn coordinator(peer: &Peer) -> FindCoordinatorResponse {
    FindCoordinatorResponse::default()
        .with_node_id(BrokerId(NODE))
        .with_host(text(peer.reached.ip().to_string()))
        .with_port(i32::from(peer.reached.port()))
}
