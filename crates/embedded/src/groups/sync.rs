//! Handing out the leader's assignment.

use super::{Group, Phase, Reply};
use crate::state::Answer;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use std::time::Instant;
use tokio::sync::oneshot;

impl Group {
    /// Takes the assignments where the leader brings them; everybody gets its own.
    pub fn sync(
        &mut self,
        id: &str,
        generation: i32,
        assignments: Vec<(String, Bytes)>,
        now: Instant,
    ) -> Reply<Answer<Bytes>> {
        let phase = self.phase;
        let is_leader = id == self.leader;
        let member = match self.member(id, generation) {
            Ok(member) => member,
            Err(error) => return Reply::Now(Err(error)),
        };
        match phase {
            Phase::Empty => return Reply::Now(Err(ResponseError::UnknownMemberId)),
            Phase::Joining { .. } => return Reply::Now(Err(ResponseError::RebalanceInProgress)),
            Phase::Stable => return Reply::Now(Ok(member.assignment.clone())),
            Phase::Syncing { .. } if !is_leader => {
                let (answer, later) = oneshot::channel();
                member.syncing = Some(answer);
                return Reply::Later(later);
            }
            Phase::Syncing { .. } => {}
        }
        for (to, assignment) in assignments {
            if let Some(member) = self.members.get_mut(&to) {
                member.assignment = assignment;
            }
        }
        self.phase = Phase::Stable;
        for member in self.members.values_mut() {
            if let Some(waiting) = member.syncing.take() {
                member.expires = now + member.session;
                let _ = waiting.send(Ok(member.assignment.clone()));
            }
        }
        Reply::Now(Ok(self.members.get(id).map(|member| member.assignment.clone()).unwrap_or_default()))
    }
}
