//! Offsets: of the log (ListOffsets) and of groups (OffsetCommit, OffsetFetch, OffsetDelete).

use crate::core::{Core, code, text};
use crate::log::storage;
use crate::meta::{Event, Position};
use crate::state::{Answer, State};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use kafka_protocol::messages::offset_delete_response::{
    OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponsePartition, OffsetFetchResponseTopic,
};
use kafka_protocol::messages::{
    ListOffsetsRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest, TopicName,
};
use std::time::Instant;

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;

pub fn list(core: &Core, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let committed = request.isolation_level == 1;
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let found = find(core, topic.name.as_str(), asked.partition_index, asked.timestamp, committed);
            let (offset, timestamp) = *found.as_ref().unwrap_or(&(-1, -1));
            ListOffsetsPartitionResponse::default()
                .with_partition_index(asked.partition_index)
                .with_error_code(code(&found))
                .with_offset(offset)
                .with_timestamp(timestamp)
                .with_leader_epoch(if offset < 0 { -1 } else { 0 })
        });
        let partitions = partitions.collect();
        ListOffsetsTopicResponse::default().with_name(topic.name).with_partitions(partitions)
    });
    ListOffsetsResponse::default().with_topics(topics.collect())
}

/// Offset and timestamp; both -1 where no record is as young as that.
fn find(core: &Core, topic: &str, partition: i32, timestamp: i64, committed: bool) -> Answer<(i64, i64)> {
    let (until, cursors) = {
        let state = core.state();
        let log = state.log(topic, partition)?;
        let until = if committed { log.stable() } else { log.end() };
        match timestamp {
            LATEST => return Ok((until, -1)),
            EARLIEST => return Ok((log.start(), -1)),
            0.. => (until, log.since(timestamp)),
            _ => return Err(ResponseError::UnsupportedVersion),
        }
    };
    for cursor in cursors {
        if let Some(found) = cursor.first_since(timestamp).map_err(storage)? {
            return Ok(if found.0 < until { found } else { (-1, -1) });
        }
    }
    Ok((-1, -1))
}

/// Metadata stays in memory; the limit is Kafka's.
pub fn brief(metadata: Option<&str>) -> Answer<()> {
    let fits = metadata.is_none_or(|metadata| metadata.len() <= 4096);
    if fits { Ok(()) } else { Err(ResponseError::OffsetMetadataTooLarge) }
}

pub fn commit(core: &Core, request: OffsetCommitRequest) -> OffsetCommitResponse {
    let mut state = core.state();
    let mut positions = Vec::new();
    let mut topics: Vec<OffsetCommitResponseTopic> = Vec::new();
    for topic in request.topics {
        let mut partitions = Vec::new();
        for asked in topic.partitions {
            let metadata = asked.committed_metadata.as_deref();
            let known = state.log(topic.name.as_str(), asked.partition_index).and_then(|_| brief(metadata));
            partitions.push(
                OffsetCommitResponsePartition::default()
                    .with_partition_index(asked.partition_index)
                    .with_error_code(code(&known)),
            );
            if known.is_ok() {
                positions.push(Position {
                    topic: topic.name.to_string(),
                    partition: asked.partition_index,
                    offset: asked.committed_offset,
                    metadata: asked.committed_metadata.map(|metadata| metadata.to_string()),
                });
            }
        }
        topics.push(OffsetCommitResponseTopic::default().with_name(topic.name).with_partitions(partitions));
    }
    let (group, member) = (request.group_id.as_str(), request.member_id.as_str());
    let stored = state.may_commit(group, member, request.generation_id_or_member_epoch, false).and_then(|()| {
        if positions.is_empty() {
            return Ok(());
        }
        state.record(vec![Event::Offsets { group: group.to_owned(), offsets: positions }])
    });
    if let Err(error) = stored {
        for partition in topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
            partition.error_code = error.code();
        }
    }
    OffsetCommitResponse::default().with_topics(topics)
}

impl State {
    /// Whether offsets may be committed to the group in this member's name; see [`crate::groups::Group::may_commit`].
    pub fn may_commit(&mut self, group: &str, member: &str, generation: i32, transactional: bool) -> Answer<()> {
        if group.is_empty() {
            return Err(ResponseError::InvalidGroupId);
        }
        let known = self.meta.offsets.contains_key(group) || self.groups.contains_key(group);
        if !known && self.meta.offsets.len() >= self.limits.groups {
            return Err(ResponseError::PolicyViolation);
        }
        match self.groups.get_mut(group) {
            Some(members) => members.may_commit(member, generation, transactional, Instant::now()),
            None if member.is_empty() && generation < 0 => Ok(()),
            None => Err(ResponseError::UnknownMemberId),
        }
    }
}

pub fn fetch(core: &Core, request: OffsetFetchRequest) -> OffsetFetchResponse {
    let state = core.state();
    let group = request.group_id.as_str();
    let stored = state.meta.offsets.get(group);
    let mut asked: Vec<(String, Vec<i32>)> = Vec::new();
    match request.topics {
        Some(topics) => asked.extend(topics.into_iter().map(|t| (t.name.to_string(), t.partition_indexes))),
        None => {
            for (topic, partition) in stored.into_iter().flat_map(|stored| stored.keys()) {
                match asked.last_mut() {
                    Some((last, partitions)) if last == topic => partitions.push(*partition),
                    Some(_) | None => asked.push((topic.clone(), vec![*partition])),
                }
            }
        }
    }
    let topics = asked.into_iter().map(|(topic, partitions)| {
        let of_partition = |partition: i32| {
            let place = (topic.clone(), partition);
            let answer = OffsetFetchResponsePartition::default()
                .with_partition_index(partition)
                .with_committed_offset(-1)
                .with_committed_leader_epoch(-1)
                .with_metadata(Some(text("")));
            if request.require_stable && state.is_pending(group, &place) {
                return answer.with_error_code(ResponseError::UnstableOffsetCommit.code());
            }
            match stored.and_then(|stored| stored.get(&place)) {
                Some(position) => answer
                    .with_committed_offset(position.offset)
                    .with_metadata(Some(text(position.metadata.clone().unwrap_or_default()))),
                None => answer,
            }
        };
        let partitions = partitions.into_iter().map(of_partition).collect();
        OffsetFetchResponseTopic::default().with_name(TopicName(text(topic.clone()))).with_partitions(partitions)
    });
    OffsetFetchResponse::default().with_topics(topics.collect())
}

pub fn delete(core: &Core, request: OffsetDeleteRequest) -> OffsetDeleteResponse {
    let mut state = core.state();
    let group = request.group_id.as_str();
    if !state.is_group(group) {
        return OffsetDeleteResponse::default().with_error_code(ResponseError::GroupIdNotFound.code());
    }
    // What the members subscribe to is their own affair here, so a group in use keeps all of its offsets.
    let in_use = state.groups.get(group).is_some_and(|group| !group.members.is_empty());
    let named = |topic: &kafka_protocol::messages::offset_delete_request::OffsetDeleteRequestTopic| {
        let name = topic.name.to_string();
        topic.partitions.iter().map(|p| (name.clone(), p.partition_index)).collect::<Vec<_>>()
    };
    let places: Vec<_> = request.topics.iter().flat_map(named).collect();
    let done = if in_use {
        Err(ResponseError::GroupSubscribedToTopic)
    } else {
        state.record(vec![Event::OffsetsDeleted { group: group.to_owned(), partitions: places }])
    };
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            OffsetDeleteResponsePartition::default()
                .with_partition_index(asked.partition_index)
                .with_error_code(code(&done))
        });
        let partitions = partitions.collect();
        OffsetDeleteResponseTopic::default().with_name(topic.name).with_partitions(partitions)
    });
    OffsetDeleteResponse::default().with_topics(topics.collect())
}
