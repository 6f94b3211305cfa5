//! The transaction coordinator: who owns a transactional id, what its transaction holds, and how it ends.
//!
//! An outcome is journaled before its first marker is written. All of it happens under the state's lock, so that no
//! client ever meets a transaction that is half ended, unless the disk fails in between; then whoever asks next goes on
//! with it, and a restart does so in any case.

use crate::meta::{Event, Phase, Place, Position, Transaction};
use crate::state::{Answer, State, now_ms};
use kafka_protocol::error::ResponseError;

/// As in Kafka.
const LONGEST_MS: i64 = 900_000;
/// Transactional ids; none is ever forgotten.
const MOST: usize = 10_000;

/// A producer as it shows itself: id and epoch.
pub type Claim = (i64, i16);

impl State {
    /// Makes the caller the only owner of the transactional id: what the one before left open is aborted, and its epoch
    /// is worth nothing from now on. `claim` is what the caller believes to own, if anything.
    pub fn own(&mut self, id: &str, timeout_ms: i64, claim: Option<Claim>) -> Answer<Claim> {
        if !(1..=LONGEST_MS).contains(&timeout_ms) {
            return Err(ResponseError::InvalidTransactionTimeout);
        }
        self.complete(id)?;
        let (producer, epoch) = match self.meta.transactions.get(id) {
            None if self.meta.transactions.len() >= MOST => return Err(ResponseError::PolicyViolation),
            None => (self.new_producer()?, 0),
            Some(known) if claim.is_some_and(|claim| claim != (known.producer, known.epoch)) => {
                return Err(ResponseError::ProducerFenced);
            }
            Some(known) if known.epoch >= i16::MAX - 1 => {
                self.abort(id)?;
                (self.new_producer()?, 0)
            }
            Some(known) => {
                let next = (known.producer, known.epoch + 1);
                self.abort(id)?;
                next
            }
        };
        let id = id.to_owned();
        self.record(vec![Event::Transactional { id, producer, epoch, timeout_ms }])?;
        Ok((producer, epoch))
    }

    /// Aborts the open transaction with a new epoch, which fences whoever writes it.
    fn abort(&mut self, id: &str) -> Answer<()> {
        match self.meta.transactions.get(id) {
            Some(Transaction { phase: Phase::Open { .. }, epoch, .. }) => {
                let epoch = epoch.saturating_add(1);
                self.record(vec![Event::Outcome { id: id.to_owned(), epoch, commit: false }])?;
                self.complete(id)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn owned(&self, id: &str, claim: Claim) -> Answer<&Transaction> {
        match self.meta.transactions.get(id) {
            Some(known) if known.producer == claim.0 && known.epoch == claim.1 => Ok(known),
            // What the versions that are spoken here say for a fenced producer.
            Some(known) if known.producer == claim.0 => Err(ResponseError::InvalidProducerEpoch),
            Some(_) | None => Err(ResponseError::InvalidProducerIdMapping),
        }
    }

    /// Whether a transaction may grow: one that is decided must be completed first.
    fn growing(&mut self, id: &str, claim: Claim) -> Answer<&Transaction> {
        self.owned(id, claim)?;
        self.complete(id)?;
        self.owned(id, claim)
    }

    pub fn enlist(&mut self, id: &str, claim: Claim, mut partitions: Vec<Place>) -> Answer<()> {
        if let Phase::Open { partitions: known, .. } = &self.growing(id, claim)?.phase {
            partitions.retain(|place| !known.contains(place));
            if partitions.is_empty() {
                return Ok(());
            }
        }
        self.record(vec![Event::Enlisted { id: id.to_owned(), partitions, at_ms: now_ms() }])
    }

    /// Offsets that count when the transaction commits.
    pub fn pend(&mut self, id: &str, claim: Claim, group: &str, offsets: Vec<Position>) -> Answer<()> {
        self.growing(id, claim)?;
        self.record(vec![Event::Pending { id: id.to_owned(), group: group.to_owned(), offsets, at_ms: now_ms() }])
    }

    /// Whether this producer may write a transactional batch there.
    pub fn admits(&self, id: Option<&str>, claim: Claim, place: &Place) -> Answer<()> {
        match &self.owned(id.ok_or(ResponseError::InvalidTxnState)?, claim)?.phase {
            Phase::Open { partitions, .. } if partitions.contains(place) => Ok(()),
            Phase::Open { .. } | Phase::Idle | Phase::Decided { .. } | Phase::Ended { .. } => {
                Err(ResponseError::InvalidTxnState)
            }
        }
    }

    /// Commits or aborts. The same answer for the same question again.
    pub fn end(&mut self, id: &str, claim: Claim, commit: bool) -> Answer<()> {
        match &self.owned(id, claim)?.phase {
            Phase::Open { .. } => {
                self.record(vec![Event::Outcome { id: id.to_owned(), epoch: claim.1, commit }])?;
                self.complete(id)
            }
            Phase::Decided { commit: decided, .. } if *decided == commit => self.complete(id),
            Phase::Ended { commit: ended } if *ended == commit => Ok(()),
            Phase::Idle | Phase::Decided { .. } | Phase::Ended { .. } => Err(ResponseError::InvalidTxnState),
        }
    }

    /// Writes the markers of a decided transaction; nothing to do for any other. Writes none twice.
    pub fn complete(&mut self, id: &str) -> Answer<()> {
        let Some(Transaction { producer, epoch, phase: Phase::Decided { commit, partitions }, .. }) =
            self.meta.transactions.get(id)
        else {
            return Ok(());
        };
        let (producer, epoch, commit) = (*producer, *epoch, *commit);
        for (topic, partition) in partitions.clone() {
            self.mark(&topic, partition, producer, epoch, commit)?;
        }
        self.record(vec![Event::Marked { id: id.to_owned() }])
    }

    /// Ends what the producer has open on a partition. A topic that was deleted needs no marker.
    pub fn mark(&mut self, topic: &str, partition: i32, producer: i64, epoch: i16, commit: bool) -> Answer<()> {
        let Ok(shape) = self.topic(topic).map(crate::topics::Topic::shape) else { return Ok(()) };
        let log = self.log_mut(topic, partition)?;
        log.mark(producer, epoch, commit, now_ms(), &shape).map_err(crate::log::storage)
    }

    /// Aborts transactions that took longer than their producers allowed. True where there was one.
    pub fn expire_transactions(&mut self, now_ms: i64) -> bool {
        let over = self.meta.transactions.iter().filter(|(_, transaction)| match transaction.phase {
            Phase::Open { since_ms, .. } => now_ms.saturating_sub(since_ms) > transaction.timeout_ms,
            Phase::Idle | Phase::Decided { .. } | Phase::Ended { .. } => false,
        });
        let over: Vec<String> = over.map(|(id, _)| id.clone()).collect();
        for id in &over {
            tracing::info!(transactional_id = id, "aborting a transaction that took too long");
            if let Err(error) = self.abort(id) {
                tracing::error!(%error, transactional_id = id, "cannot abort");
            }
        }
        !over.is_empty()
    }

    /// Whether an open transaction may still move the group's offset there.
    pub fn is_pending(&self, group: &str, place: &Place) -> bool {
        self.meta.transactions.values().any(|transaction| match &transaction.phase {
            Phase::Open { offsets, .. } => offsets.get(group).is_some_and(|pending| pending.contains_key(place)),
            Phase::Idle | Phase::Decided { .. } | Phase::Ended { .. } => false,
        })
    }
}
