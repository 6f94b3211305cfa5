//! JoinGroup, SyncGroup, Heartbeat, LeaveGroup.

use crate::core::{Core, Peer, code, text};
use crate::groups::{Group, Join, Joined, Reply};
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::join_group_response::{JoinGroupResponse, JoinGroupResponseMember};
use kafka_protocol::messages::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, LeaveGroupRequest, LeaveGroupResponse, SyncGroupRequest,
    SyncGroupResponse,
};
use std::time::{Duration, Instant};

/// Bytes that a member may say of itself, and a leader of all members: they stay in memory.
const METADATA: usize = 1 << 20;

fn milliseconds(number: i32) -> Duration {
    Duration::from_millis(u64::try_from(number).unwrap_or_default())
}

/// Bytes of their own, so that a member does not keep the request alive that it came in.
fn own(bytes: &Bytes) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

pub async fn join(core: &Core, peer: &Peer, request: JoinGroupRequest) -> JoinGroupResponse {
    let group = request.group_id.to_string();
    let join = Join {
        id: request.member_id.to_string(),
        client: peer.client.clone(),
        host: peer.host.clone(),
        session: milliseconds(request.session_timeout_ms),
        rebalance: milliseconds(request.rebalance_timeout_ms),
        kind: request.protocol_type.to_string(),
        protocols: request.protocols.iter().map(|p| (p.name.to_string(), own(&p.metadata))).collect(),
    };
    let id = join.id.clone();
    let failed = |error| Joined { error: Some(error), generation: -1, member: id, ..Joined::default() };
    let joined = match enter(core, &group, join) {
        Ok(Reply::Now(joined)) => joined,
        // The place was taken by the same member's next attempt.
        Ok(Reply::Later(later)) => later.await.unwrap_or_else(|_| failed(ResponseError::RebalanceInProgress)),
        Err(error) => failed(error),
    };
    let members = joined
        .members
        .into_iter()
        .map(|(id, metadata)| JoinGroupResponseMember::default().with_member_id(text(id)).with_metadata(metadata));
    JoinGroupResponse::default()
        .with_error_code(joined.error.map_or(0, |error| error.code()))
        .with_generation_id(joined.generation)
        .with_protocol_name(Some(text(joined.protocol)))
        .with_leader(text(joined.leader))
        .with_member_id(text(joined.member))
        .with_members(members.collect())
}

fn enter(core: &Core, group: &str, join: Join) -> Result<Reply<Joined>, ResponseError> {
    if group.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    if join.protocols.iter().map(|(_, metadata)| metadata.len()).sum::<usize>() > METADATA {
        return Err(ResponseError::InvalidRequest);
    }
    let mut state = core.state();
    state.writable()?;
    if !state.groups.contains_key(group) && state.groups.len() >= core.limits.groups {
        return Err(ResponseError::PolicyViolation);
    }
    let members = state.groups.entry(group.to_owned()).or_default();
    if join.id.is_empty() && members.crowd() >= core.limits.members {
        return Err(ResponseError::GroupMaxSizeReached);
    }
    Ok(members.join(join, Instant::now()))
}

/// What the group says, or that nobody knows the member where there is no such group.
fn within<T>(
    core: &Core,
    group: &str,
    ask: impl FnOnce(&mut Group) -> Result<T, ResponseError>,
) -> Result<T, ResponseError> {
    core.state().groups.get_mut(group).ok_or(ResponseError::UnknownMemberId).and_then(ask)
}

pub async fn sync(core: &Core, request: SyncGroupRequest) -> SyncGroupResponse {
    let brought = request.assignments.iter().map(|a| (a.member_id.to_string(), own(&a.assignment))).collect();
    let too_much = request.assignments.iter().map(|a| a.assignment.len()).sum::<usize>() > METADATA;
    let reply = within(core, &request.group_id, |group| {
        if too_much {
            return Err(ResponseError::InvalidRequest);
        }
        Ok(group.sync(&request.member_id, request.generation_id, brought, Instant::now()))
    });
    let assignment = match reply {
        Ok(Reply::Now(assignment)) => assignment,
        Ok(Reply::Later(later)) => later.await.unwrap_or(Err(ResponseError::RebalanceInProgress)),
        Err(error) => Err(error),
    };
    SyncGroupResponse::default().with_error_code(code(&assignment)).with_assignment(assignment.unwrap_or_default())
}

pub fn heartbeat(core: &Core, request: HeartbeatRequest) -> HeartbeatResponse {
    let alive = within(core, &request.group_id, |group| {
        group.heartbeat(&request.member_id, request.generation_id, Instant::now())
    });
    HeartbeatResponse::default().with_error_code(code(&alive))
}

pub fn leave(core: &Core, request: LeaveGroupRequest) -> LeaveGroupResponse {
    let left = within(core, &request.group_id, |group| group.leave(&request.member_id, Instant::now()));
    LeaveGroupResponse::default().with_error_code(code(&left))
}
