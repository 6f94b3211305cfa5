//! InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, TxnOffsetCommit, EndTxn.

use crate::api::offsets::brief;
use crate::core::{Core, code};
use crate::meta::{Place, Position};
use crate::state::Answer;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResponse, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest, EndTxnRequest, EndTxnResponse,
    InitProducerIdRequest, InitProducerIdResponse, ProducerId, TxnOffsetCommitRequest,
};

pub fn init(core: &Core, request: InitProducerIdRequest) -> InitProducerIdResponse {
    let mut state = core.state();
    let claim = (request.producer_id.0 >= 0).then_some((request.producer_id.0, request.producer_epoch));
    let owned = match &request.transactional_id {
        Some(id) if id.is_empty() => Err(ResponseError::InvalidRequest),
        Some(id) => state.own(id.as_str(), i64::from(request.transaction_timeout_ms), claim),
        None => state.new_producer().map(|producer| (producer, 0)),
    };
    drop(state);
    core.news(); // A transaction may have been aborted.
    let (producer, epoch) = *owned.as_ref().unwrap_or(&(-1, -1));
    InitProducerIdResponse::default()
        .with_error_code(code(&owned))
        .with_producer_id(ProducerId(producer))
        .with_producer_epoch(epoch)
}

pub fn enlist(core: &Core, request: AddPartitionsToTxnRequest) -> AddPartitionsToTxnResponse {
    let mut state = core.state();
    let topics = request.v3_and_below_topics;
    let places: Vec<Place> = topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|partition| (topic.name.to_string(), *partition)))
        .collect();
    let unknown = |place: &Place| state.log(&place.0, place.1).is_err();
    let missing: Vec<Place> = places.iter().filter(|place| unknown(place)).cloned().collect();
    let claim = (request.v3_and_below_producer_id.0, request.v3_and_below_producer_epoch);
    let enlisted = if missing.is_empty() {
        state.enlist(&request.v3_and_below_transactional_id, claim, places)
    } else {
        // All of them, or none.
        Err(ResponseError::OperationNotAttempted)
    };
    let results = topics.into_iter().map(|topic| {
        let of_partition = |partition: i32| {
            let is_missing = missing.contains(&(topic.name.to_string(), partition));
            let error = if is_missing { ResponseError::UnknownTopicOrPartition.code() } else { code(&enlisted) };
            AddPartitionsToTxnPartitionResult::default()
                .with_partition_index(partition)
                .with_partition_error_code(error)
        };
        let partitions = topic.partitions.iter().map(|partition| of_partition(*partition)).collect();
        AddPartitionsToTxnTopicResult::default().with_name(topic.name.clone()).with_results_by_partition(partitions)
    });
    AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(results.collect())
}

pub fn announce(core: &Core, request: AddOffsetsToTxnRequest) -> AddOffsetsToTxnResponse {
    let claim = (request.producer_id.0, request.producer_epoch);
    let done = core.state().pend(&request.transactional_id, claim, &request.group_id, Vec::new());
    AddOffsetsToTxnResponse::default().with_error_code(code(&done))
}

pub fn pend(core: &Core, request: TxnOffsetCommitRequest) -> TxnOffsetCommitResponse {
    let done = pend_all(core, &request);
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(asked.partition_index)
                .with_error_code(code(&done))
        });
        let partitions = partitions.collect();
        TxnOffsetCommitResponseTopic::default().with_name(topic.name).with_partitions(partitions)
    });
    TxnOffsetCommitResponse::default().with_topics(topics.collect())
}

fn pend_all(core: &Core, request: &TxnOffsetCommitRequest) -> Answer<()> {
    let mut state = core.state();
    let mut positions = Vec::new();
    for topic in &request.topics {
        for asked in &topic.partitions {
            state.log(topic.name.as_str(), asked.partition_index)?;
            brief(asked.committed_metadata.as_deref())?;
            positions.push(Position {
                topic: topic.name.to_string(),
                partition: asked.partition_index,
                offset: asked.committed_offset,
                metadata: asked.committed_metadata.as_ref().map(|metadata| metadata.to_string()),
            });
        }
    }
    let (group, member) = (request.group_id.as_str(), request.member_id.as_str());
    state.may_commit(group, member, request.generation_id, true)?;
    let claim = (request.producer_id.0, request.producer_epoch);
    state.pend(&request.transactional_id, claim, group, positions)
}

pub fn end(core: &Core, request: EndTxnRequest) -> EndTxnResponse {
    let claim = (request.producer_id.0, request.producer_epoch);
    let ended = core.state().end(&request.transactional_id, claim, request.committed);
    core.news();
    EndTxnResponse::default().with_error_code(code(&ended))
}
