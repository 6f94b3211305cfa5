//! Members of consumer groups (the classic protocol): joining, generations, assignments, sessions. None of it survives
//! a restart: members then meet an unknown id and join again. Offsets do survive, see `meta.rs`.

mod join;
mod sync;

pub use join::{Join, Joined};

use crate::state::Answer;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// An answer at once, or when the others have come.
pub enum Reply<T> {
    Now(T),
    Later(oneshot::Receiver<T>),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Empty,
    /// Waiting for the members to join again.
    Joining {
        until: Instant,
    },
    /// Waiting for the leader's assignment.
    Syncing {
        until: Instant,
    },
    Stable,
}

pub struct Member {
    pub client: String,
    pub host: String,
    session: Duration,
    rebalance: Duration,
    /// By name, the preferred first; what is in them is the members' own affair.
    protocols: Vec<(String, Bytes)>,
    pub assignment: Bytes,
    expires: Instant,
    joining: Option<oneshot::Sender<Joined>>,
    syncing: Option<oneshot::Sender<Answer<Bytes>>>,
}

#[derive(Default)]
pub struct Group {
    pub phase: Phase,
    pub generation: i32,
    /// What kind of members these are: `consumer`.
    pub kind: String,
    /// The protocol that all of them agreed on.
    pub protocol: String,
    leader: String,
    pub members: BTreeMap<String, Member>,
    /// Ids that were given out and have not been used yet, until then.
    pending: BTreeMap<String, Instant>,
}

impl Member {
    pub fn metadata(&self, protocol: &str) -> Bytes {
        self.protocols.iter().find(|(name, _)| name == protocol).map(|(_, data)| data.clone()).unwrap_or_default()
    }
}

impl Group {
    pub const fn state(&self) -> &'static str {
        match self.phase {
            Phase::Empty => "Empty",
            Phase::Joining { .. } => "PreparingRebalance",
            Phase::Syncing { .. } => "CompletingRebalance",
            Phase::Stable => "Stable",
        }
    }

    /// Nobody is in it, and nobody is about to be.
    pub fn is_idle(&self) -> bool {
        self.members.is_empty() && self.pending.is_empty()
    }

    /// Members, and those who were given an id.
    pub fn crowd(&self) -> usize {
        self.members.len() + self.pending.len()
    }

    fn member(&mut self, id: &str, generation: i32) -> Answer<&mut Member> {
        let current = self.generation;
        let member = self.members.get_mut(id).ok_or(ResponseError::UnknownMemberId)?;
        if generation == current { Ok(member) } else { Err(ResponseError::IllegalGeneration) }
    }

    pub fn heartbeat(&mut self, id: &str, generation: i32, now: Instant) -> Answer<()> {
        let phase = self.phase;
        let member = self.member(id, generation)?;
        member.expires = now + member.session;
        match phase {
            Phase::Joining { .. } => Err(ResponseError::RebalanceInProgress),
            Phase::Empty | Phase::Syncing { .. } | Phase::Stable => Ok(()),
        }
    }

    /// Whether offsets may be committed in this name. Whoever gives no name may do so while nobody is a member, or in a
    /// transaction, whose producer is checked instead.
    pub fn may_commit(&mut self, id: &str, generation: i32, transactional: bool, now: Instant) -> Answer<()> {
        if id.is_empty() && generation < 0 {
            let free = transactional || self.members.is_empty();
            return if free { Ok(()) } else { Err(ResponseError::UnknownMemberId) };
        }
        let phase = self.phase;
        let member = self.member(id, generation)?;
        member.expires = now + member.session;
        match phase {
            // The new assignment is not known yet, so the partition may be somebody else's.
            Phase::Syncing { .. } => Err(ResponseError::RebalanceInProgress),
            Phase::Empty | Phase::Joining { .. } | Phase::Stable => Ok(()),
        }
    }

    pub fn leave(&mut self, id: &str, now: Instant) -> Answer<()> {
        if self.pending.remove(id).is_none() && self.members.remove(id).is_none() {
            return Err(ResponseError::UnknownMemberId);
        }
        self.without_somebody(now);
        Ok(())
    }

    fn without_somebody(&mut self, now: Instant) {
        match self.phase {
            Phase::Empty => {}
            Phase::Joining { .. } => self.try_complete(now),
            Phase::Syncing { .. } | Phase::Stable => self.prepare(now),
        }
    }

    /// Removes members that were silent for too long, and ends phases that took too long.
    pub fn tick(&mut self, now: Instant) {
        self.pending.retain(|_, until| *until > now);
        let before = self.members.len();
        self.members.retain(|_, m| m.joining.is_some() || m.syncing.is_some() || m.expires > now);
        match self.phase {
            Phase::Joining { until } if until <= now => self.complete(now),
            Phase::Joining { .. } => self.try_complete(now),
            Phase::Syncing { until } if until <= now => {
                self.members.retain(|_, member| member.syncing.is_some());
                self.prepare(now);
            }
            Phase::Syncing { .. } | Phase::Stable if self.members.len() < before => self.prepare(now),
            Phase::Empty | Phase::Syncing { .. } | Phase::Stable => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: Duration = Duration::from_secs(6);

    fn request(id: &str, data: &'static [u8]) -> Join {
        Join {
            id: id.to_owned(),
            client: "c".to_owned(),
            host: "h".to_owned(),
            session: SESSION,
            rebalance: SESSION,
            kind: "consumer".to_owned(),
            protocols: vec![("range".to_owned(), Bytes::from_static(data))],
        }
    }
    fn admitted(group: &mut Group, now: Instant) -> (String, oneshot::Receiver<Joined>) {
        let Reply::Now(first) = group.join(request("", b""), now) else { panic!("an id comes at once") };
        assert_eq!(first.error, Some(ResponseError::MemberIdRequired));
        let Reply::Later(answer) = group.join(request(&first.member, b""), now) else { panic!("joins are awaited") };
        (first.member, answer)
    }

    #[test]
    fn a_member_that_falls_silent_is_replaced_and_its_generation_is_worth_nothing() {
        let (mut group, now) = (Group::default(), Instant::now());
        let (one, mut joined) = admitted(&mut group, now);
        let generation = joined.try_recv().unwrap().generation;
        let mine = vec![(one.clone(), Bytes::from_static(b"p0"))];
        assert!(matches!(group.sync(&one, generation, mine, now), Reply::Now(Ok(data)) if &*data == b"p0"));
        assert_eq!(group.heartbeat(&one, generation, now), Ok(()));

        let (two, mut joined) = admitted(&mut group, now);
        assert_eq!(group.heartbeat(&one, generation, now), Err(ResponseError::RebalanceInProgress));
        group.tick(now + SESSION + Duration::from_millis(1));
        let answer = joined.try_recv().unwrap();
        assert_eq!((answer.leader, answer.members.len()), (two.clone(), 1));
        assert_eq!(group.may_commit(&one, generation, true, now), Err(ResponseError::UnknownMemberId));
        assert_eq!(group.heartbeat(&two, generation, now), Err(ResponseError::IllegalGeneration));
    }

    #[test]
    fn a_follower_that_joins_with_nothing_new_disturbs_nobody() {
        let (mut group, now) = (Group::default(), Instant::now());
        let (one, _joined) = admitted(&mut group, now);
        let (two, mut second) = admitted(&mut group, now);
        let Reply::Later(mut first) = group.join(request(&one, b""), now) else { panic!() };
        let (a, b) = (first.try_recv().unwrap(), second.try_recv().unwrap());
        assert_eq!((a.generation, &a.leader, a.members.len()), (b.generation, &one, 2));
        assert!(matches!(group.sync(&two, a.generation, vec![], now), Reply::Later(_)));
        assert!(matches!(group.sync(&one, a.generation, vec![], now), Reply::Now(Ok(_))));
        assert!(matches!(group.join(request(&two, b""), now), Reply::Now(j) if j.generation == a.generation));
        assert!(matches!(group.join(request(&two, b"other"), now), Reply::Later(_)));
    }

    #[test]
    fn a_leader_that_never_assigns_is_removed() {
        let (mut group, now) = (Group::default(), Instant::now());
        let (one, mut joined) = admitted(&mut group, now);
        let generation = joined.try_recv().unwrap().generation;
        for second in 1..7 {
            let _ = group.heartbeat(&one, generation, now + Duration::from_secs(second));
        }
        group.tick(now + SESSION);
        assert_eq!((group.phase, group.members.len()), (Phase::Empty, 0));
    }
}
