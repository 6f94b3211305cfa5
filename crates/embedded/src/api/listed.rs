//! DescribeGroups, ListGroups, DeleteGroups.

use crate::core::{Core, code, text};
use crate::meta::Event;
use crate::state::{Answer, State};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::delete_groups_response::{DeletableGroupResult, DeleteGroupsResponse};
use kafka_protocol::messages::describe_groups_response::{
    DescribeGroupsResponse, DescribedGroup, DescribedGroupMember,
};
use kafka_protocol::messages::list_groups_response::{ListGroupsResponse, ListedGroup};
use kafka_protocol::messages::{DeleteGroupsRequest, DescribeGroupsRequest, GroupId};
use std::collections::BTreeSet;

impl State {
    /// It has members, or offsets.
    pub fn is_group(&self, name: &str) -> bool {
        self.meta.offsets.contains_key(name) || self.groups.get(name).is_some_and(|group| !group.is_idle())
    }
}

pub fn list(core: &Core) -> ListGroupsResponse {
    let state = core.state();
    let live = state.groups.iter().filter(|(_, group)| !group.is_idle()).map(|(name, _)| name);
    let names: BTreeSet<&String> = state.meta.offsets.keys().chain(live).collect();
    let listed = names.into_iter().map(|name| {
        let kind = state.groups.get(name).map(|group| group.kind.clone()).unwrap_or_default();
        ListedGroup::default().with_group_id(GroupId(text(name.clone()))).with_protocol_type(text(kind))
    });
    ListGroupsResponse::default().with_groups(listed.collect())
}

pub fn describe(core: &Core, request: DescribeGroupsRequest) -> DescribeGroupsResponse {
    let state = core.state();
    let groups = request.groups.into_iter().map(|id| {
        let name = id.to_string();
        let answer = DescribedGroup::default().with_group_id(id).with_authorized_operations(i32::MIN);
        let Some(group) = state.groups.get(&name) else {
            let known = if state.is_group(&name) { "Empty" } else { "Dead" };
            return answer.with_group_state(text(known));
        };
        let members = group.members.iter().map(|(id, member)| {
            DescribedGroupMember::default()
                .with_member_id(text(id.clone()))
                .with_client_id(text(member.client.clone()))
                .with_client_host(text(member.host.clone()))
                .with_member_metadata(member.metadata(&group.protocol))
                .with_member_assignment(member.assignment.clone())
        });
        answer
            .with_group_state(text(group.state()))
            .with_protocol_type(text(group.kind.clone()))
            .with_protocol_data(text(group.protocol.clone()))
            .with_members(members.collect())
    });
    DescribeGroupsResponse::default().with_groups(groups.collect())
}

pub fn delete(core: &Core, request: DeleteGroupsRequest) -> DeleteGroupsResponse {
    let mut state = core.state();
    let results = request.groups_names.into_iter().map(|id| {
        let done = remove(&mut state, &id);
        DeletableGroupResult::default().with_group_id(id).with_error_code(code(&done))
    });
    DeleteGroupsResponse::default().with_results(results.collect())
}

fn remove(state: &mut State, name: &str) -> Answer<()> {
    if !state.is_group(name) {
        return Err(ResponseError::GroupIdNotFound);
    }
    if state.groups.get(name).is_some_and(|group| !group.members.is_empty()) {
        return Err(ResponseError::NonEmptyGroup);
    }
    state.record(vec![Event::GroupDeleted { group: name.to_owned() }])?;
    state.groups.remove(name);
    Ok(())
}
