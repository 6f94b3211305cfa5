//! Fetch: waits for records, reads them from the files without holding the lock. Sessions are declined.

use crate::core::Core;
use crate::log::{Cursor, storage};
use crate::state::Answer;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::fetch_request::FetchPartition;
use kafka_protocol::messages::fetch_response::{
    AbortedTransaction, FetchResponse, FetchableTopicResponse, PartitionData,
};
use kafka_protocol::messages::{FetchRequest, ProducerId};
use std::time::Duration;
use tokio::time::Instant;

/// Nobody waits longer, whatever is asked.
const LONGEST: Duration = Duration::from_secs(60);

struct Round {
    responses: Vec<FetchableTopicResponse>,
    bytes: usize,
    failed: bool,
}

pub async fn handle(core: &Core, request: FetchRequest) -> FetchResponse {
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or_default()).min(LONGEST);
    let deadline = Instant::now() + wait;
    let enough = usize::try_from(request.min_bytes).unwrap_or_default();
    let mut changes = core.watch();
    loop {
        changes.borrow_and_update();
        let round = read(core, &request);
        let nothing_asked = request.topics.iter().all(|topic| topic.partitions.is_empty());
        let late = Instant::now() >= deadline;
        if round.bytes >= enough || round.failed || nothing_asked || late {
            return FetchResponse::default().with_responses(round.responses);
        }
        // Either way the next round decides.
        let _ = tokio::time::timeout_at(deadline, changes.changed()).await;
    }
}

fn read(core: &Core, request: &FetchRequest) -> Round {
    let committed = request.isolation_level == 1;
    let limit = usize::try_from(request.max_bytes).unwrap_or_default().min(core.limits.fetch as usize);
    let mut round = Round { responses: Vec::with_capacity(request.topics.len()), bytes: 0, failed: false };
    for topic in &request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in &topic.partitions {
            let left = limit.saturating_sub(round.bytes);
            let data = partition(core, topic.topic.as_str(), asked, committed, left, round.bytes == 0);
            let data = data.unwrap_or_else(|error| {
                round.failed = true;
                let hidden = PartitionData::default().with_error_code(error.code()).with_high_watermark(-1);
                hidden.with_last_stable_offset(-1).with_log_start_offset(-1).with_records(Some(Bytes::new()))
            });
            round.bytes += data.records.as_ref().map_or(0, Bytes::len);
            partitions.push(data.with_partition_index(asked.partition));
        }
        round
            .responses
            .push(FetchableTopicResponse::default().with_topic(topic.topic.clone()).with_partitions(partitions));
    }
    round
}

fn partition(
    core: &Core,
    topic: &str,
    asked: &FetchPartition,
    committed: bool,
    left: usize,
    first: bool,
) -> Answer<PartitionData> {
    let (data, cursor) = look(core, topic, asked, committed)?;
    let max = usize::try_from(asked.partition_max_bytes).unwrap_or_default().min(left);
    let (records, next) = match cursor {
        Some(cursor) if max > 0 || first => cursor.read(max, first).map_err(storage)?,
        Some(_) | None => (Bytes::new(), asked.fetch_offset),
    };
    let mut data = data.with_records(Some(records));
    if let Some(aborted) = &mut data.aborted_transactions {
        aborted.retain(|aborted| aborted.first_offset < next);
    }
    Ok(data)
}

fn look(core: &Core, topic: &str, asked: &FetchPartition, committed: bool) -> Answer<(PartitionData, Option<Cursor>)> {
    let state = core.state();
    let log = state.log(topic, asked.partition)?;
    let (start, stable, end) = (log.start(), log.stable(), log.end());
    if !(start..=end).contains(&asked.fetch_offset) {
        return Err(ResponseError::OffsetOutOfRange);
    }
    let aborted = committed.then(|| {
        let all = log.aborted(asked.fetch_offset, stable);
        all.map(|aborted| {
            AbortedTransaction::default()
                .with_producer_id(ProducerId(aborted.producer))
                .with_first_offset(aborted.first)
        })
        .collect()
    });
    let data = PartitionData::default()
        .with_high_watermark(end)
        .with_last_stable_offset(stable)
        .with_log_start_offset(start)
        .with_aborted_transactions(aborted);
    Ok((data, log.cursor(asked.fetch_offset, committed)))
}
