//! Produce.

use crate::batch::{self, BatchError, Head};
use crate::core::{Core, code};
use crate::state::{Answer, State, now_ms};
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::ProduceRequest;
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, ProduceResponse, TopicProduceResponse};

/// `None` where the client wants no answer.
pub fn handle(core: &Core, request: ProduceRequest) -> Option<ProduceResponse> {
    let transactional_id = request.transactional_id.as_ref().map(|id| id.as_str());
    let mut responses = Vec::with_capacity(request.topic_data.len());
    for topic in request.topic_data {
        let mut partitions = Vec::with_capacity(topic.partition_data.len());
        for partition in topic.partition_data {
            let records = partition.records.unwrap_or_default();
            let result = append(core, transactional_id, topic.name.as_str(), partition.index, &records);
            let (base, start, stamped) = *result.as_ref().unwrap_or(&(-1, -1, -1));
            partitions.push(
                PartitionProduceResponse::default()
                    .with_index(partition.index)
                    .with_error_code(code(&result))
                    .with_base_offset(base)
                    .with_log_append_time_ms(stamped)
                    .with_log_start_offset(start),
            );
        }
        responses.push(TopicProduceResponse::default().with_name(topic.name).with_partition_responses(partitions));
    }
    core.news();
    (request.acks != 0).then(|| ProduceResponse::default().with_responses(responses))
}

/// First offset, start of the log, and the broker's time where the topic wants it.
fn append(core: &Core, id: Option<&str>, topic: &str, partition: i32, records: &Bytes) -> Answer<(i64, i64, i64)> {
    let head = Head::checked(records).map_err(|error| match error {
        BatchError::Short | BatchError::Checksum => ResponseError::CorruptMessage,
        BatchError::Format => ResponseError::UnsupportedForMessageFormat,
        BatchError::Counts => ResponseError::InvalidRecord,
    })?;
    let numbered = head.producer >= 0 && head.epoch >= 0 && head.sequence >= 0;
    let alone = head.size == records.len() && !head.is_control();
    if !alone || numbered != (head.producer >= 0) || (head.is_transactional() && !numbered) {
        return Err(ResponseError::InvalidRecord);
    }
    let mut bytes = records.to_vec();
    let mut state = core.state();
    admit(&state, id, topic, partition, &head)?;
    let settings = state.topic(topic)?;
    let (shape, mut head, mut stamped) = (settings.shape(), head, -1);
    if settings.stamps() {
        stamped = now_ms();
        batch::stamp(&mut bytes, &head, stamped);
        head = Head::read(&bytes).map_err(|_| ResponseError::CorruptMessage)?;
    }
    let log = state.log_mut(topic, partition)?;
    let base = log.append(&mut bytes, &head, &shape)?;
    Ok((base, log.start(), stamped))
}

fn admit(state: &State, id: Option<&str>, topic: &str, partition: i32, head: &Head) -> Answer<()> {
    state.log(topic, partition)?;
    if head.size > state.topic(topic)?.max_message_bytes() {
        return Err(ResponseError::MessageTooLarge);
    }
    if head.is_transactional() {
        state.admits(id, (head.producer, head.epoch), &(topic.to_owned(), partition))?;
    }
    Ok(())
}
