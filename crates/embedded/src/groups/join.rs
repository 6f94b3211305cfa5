//! Joining: members gather, and when all have come, or the time is up, a generation begins.

use super::{Group, Member, Phase, Reply};
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Sessions may be between these, as on the local Apache Kafka.
const SESSIONS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(1800);
/// Nobody waits longer for the others, whatever they ask for.
const REBALANCE: Duration = Duration::from_secs(600);

/// Who wants to join.
pub struct Join {
    /// Empty for whoever has no id yet.
    pub id: String,
    pub client: String,
    pub host: String,
    pub session: Duration,
    pub rebalance: Duration,
    pub kind: String,
    pub protocols: Vec<(String, Bytes)>,
}

/// What joining came to.
#[derive(Debug, Default)]
pub struct Joined {
    pub error: Option<ResponseError>,
    pub generation: i32,
    pub protocol: String,
    pub leader: String,
    pub member: String,
    /// For the leader alone: what each member said of itself.
    pub members: Vec<(String, Bytes)>,
}

fn refused(error: ResponseError, member: String) -> Reply<Joined> {
    Reply::Now(Joined { error: Some(error), generation: -1, member, ..Joined::default() })
}

impl Group {
    pub fn join(&mut self, join: Join, now: Instant) -> Reply<Joined> {
        if !SESSIONS.contains(&join.session) {
            return refused(ResponseError::InvalidSessionTimeout, join.id);
        }
        if !self.agrees(&join) {
            return refused(ResponseError::InconsistentGroupProtocol, join.id);
        }
        if join.id.is_empty() {
            let id = format!("{}-{}", join.client, Uuid::new_v4());
            self.pending.insert(id.clone(), now + join.session);
            return refused(ResponseError::MemberIdRequired, id);
        }
        let id = join.id.clone();
        let again = self.members.get(&id).map(|member| member.protocols == join.protocols);
        if again.is_none() && self.pending.remove(&id).is_none() {
            return refused(ResponseError::UnknownMemberId, id);
        }
        let unchanged = again == Some(true);
        match self.phase {
            // The answer was lost, or a follower asks without reason.
            Phase::Syncing { .. } if unchanged => return Reply::Now(self.joined(&id)),
            Phase::Stable if unchanged && id != self.leader => return Reply::Now(self.joined(&id)),
            Phase::Empty | Phase::Joining { .. } | Phase::Syncing { .. } | Phase::Stable => {}
        }
        let (answer, later) = oneshot::channel();
        let assignment = self.members.remove(&id).map(|member| member.assignment).unwrap_or_default();
        let member = Member {
            client: join.client,
            host: join.host,
            session: join.session,
            rebalance: join.rebalance.min(REBALANCE),
            protocols: join.protocols,
            assignment,
            expires: now + join.session,
            joining: Some(answer),
            syncing: None,
        };
        self.kind = join.kind;
        self.members.insert(id, member);
        match self.phase {
            Phase::Joining { .. } => self.try_complete(now),
            Phase::Empty | Phase::Syncing { .. } | Phase::Stable => self.prepare(now),
        }
        Reply::Later(later)
    }

    /// Whether a protocol is left that everybody speaks.
    fn agrees(&self, join: &Join) -> bool {
        let others = || self.members.iter().filter(|(id, _)| **id != join.id);
        let common = |name: &str| others().all(|(_, m)| m.protocols.iter().any(|(known, _)| known == name));
        let same_kind = others().next().is_none() || self.kind == join.kind;
        !join.kind.is_empty() && same_kind && join.protocols.iter().any(|(name, _)| common(name))
    }

    /// Asks every member to join again.
    pub(super) fn prepare(&mut self, now: Instant) {
        for member in self.members.values_mut() {
            if let Some(waiting) = member.syncing.take() {
                member.expires = now + member.session;
                let _ = waiting.send(Err(ResponseError::RebalanceInProgress));
            }
        }
        let patience = self.members.values().map(|member| member.rebalance).max().unwrap_or_default();
        self.phase = Phase::Joining { until: now + patience };
        self.try_complete(now);
    }

    pub(super) fn try_complete(&mut self, now: Instant) {
        let joining = matches!(self.phase, Phase::Joining { .. });
        if joining && self.pending.is_empty() && self.members.values().all(|member| member.joining.is_some()) {
            self.complete(now);
        }
    }

    /// Begins a generation with those who have come.
    pub(super) fn complete(&mut self, now: Instant) {
        self.members.retain(|_, member| member.joining.is_some());
        self.generation += 1;
        let Some(first) = self.members.keys().next() else {
            self.phase = Phase::Empty;
            self.protocol.clear();
            return;
        };
        if !self.members.contains_key(&self.leader) {
            self.leader = first.clone();
        }
        self.protocol = self.elected();
        let patience = self.members.values().map(|member| member.rebalance).max().unwrap_or_default();
        self.phase = Phase::Syncing { until: now + patience };
        for id in self.members.keys().cloned().collect::<Vec<_>>() {
            let joined = self.joined(&id);
            if let Some(member) = self.members.get_mut(&id) {
                member.expires = now + member.session;
                member.assignment = Bytes::new();
                // Whoever is gone misses its session.
                let _ = member.joining.take().map(|waiting| waiting.send(joined));
            }
        }
    }

    /// Each member votes for the first of its protocols that all speak.
    fn elected(&self) -> String {
        let common = |name: &str| self.members.values().all(|m| m.protocols.iter().any(|(known, _)| known == name));
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            if let Some((name, _)) = member.protocols.iter().find(|(name, _)| common(name)) {
                *votes.entry(name).or_default() += 1;
            }
        }
        votes.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name.to_owned()).unwrap_or_default()
    }

    fn joined(&self, id: &str) -> Joined {
        let all = || self.members.iter().map(|(id, member)| (id.clone(), member.metadata(&self.protocol))).collect();
        Joined {
            error: None,
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            member: id.to_owned(),
            members: if id == self.leader { all() } else { Vec::new() },
        }
    }
}
