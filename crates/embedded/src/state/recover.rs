//! Starting on what an earlier broker left, however it ended.

use super::{REWRITE, State};
use crate::journal::Journal;
use crate::log::PartitionLog;
use crate::meta::{Event, Meta, Phase};
use crate::options::{Durability, Limits, StartError};
use crate::topics::Topic;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;
use uuid::Uuid;

pub fn open(folder: &Path, durability: Durability, limits: Limits) -> Result<State, StartError> {
    let failed = || StartError::storage(folder);
    std::fs::create_dir_all(folder).map_err(failed())?;
    let lock = File::create(folder.join("lock")).map_err(failed())?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StartError::InUse { folder: folder.to_owned() },
        TryLockError::Error(source) => StartError::Storage { path: folder.to_owned(), source },
    })?;
    let mut meta = Meta::default();
    let mut deleted = Vec::new();
    let mut journal = Journal::open(&folder.join("journal"), durability, |event| {
        if let Event::TopicDeleted { name, id } = &event {
            deleted.push(Topic::folder(name, *id));
        }
        meta.apply(event);
    })?;
    for name in deleted {
        // It may have been deleted before, or not wholly.
        let _ = std::fs::remove_dir_all(folder.join(name));
    }
    let mut logs = BTreeMap::new();
    for (name, topic) in &meta.topics {
        let home = folder.join(Topic::folder(name, topic.id));
        let open = |partition: i32| PartitionLog::open(&home.join(partition.to_string()), durability);
        logs.insert(name.clone(), (0..topic.partitions).map(open).collect::<Result<Vec<_>, _>>()?);
    }
    if meta.cluster.is_empty() {
        meta.cluster = Uuid::new_v4().simple().to_string();
    }
    if journal.length() > REWRITE || journal.length() == 0 {
        journal.rewrite(meta.events().into_iter()).map_err(failed())?;
    }
    let rewritten = journal.length();
    let groups = BTreeMap::new();
    let folder = folder.to_owned();
    let mut state = State { folder, durability, limits, journal, rewritten, meta, logs, groups, closed: false, lock };
    complete(&mut state)
        .map_err(|error| StartError::Storage { path: state.folder.clone(), source: std::io::Error::other(error) })?;
    Ok(state)
}

/// Writes the markers that are missing, and aborts what nobody can end any more.
fn complete(state: &mut State) -> Result<(), ResponseError> {
    let decided = state.meta.transactions.iter().filter(|(_, t)| matches!(t.phase, Phase::Decided { .. }));
    for id in decided.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
        tracing::info!(transactional_id = id, "completing a transaction that was decided before the restart");
        state.complete(&id)?;
    }
    for (topic, partition, producer, epoch) in orphans(state) {
        // Only after the journal has lost its end: in a power cut, or because somebody deleted it.
        tracing::warn!(topic, partition, producer, "aborting a transaction that the journal does not know");
        state.mark(&topic, partition, producer, epoch, false)?;
    }
    Ok(())
}

fn orphans(state: &State) -> Vec<(String, i32, i64, i16)> {
    let is_owned = |place: &(String, i32), producer| {
        state.meta.transactions.values().any(|transaction| match &transaction.phase {
            Phase::Open { partitions, .. } => transaction.producer == producer && partitions.contains(place),
            Phase::Idle | Phase::Decided { .. } | Phase::Ended { .. } => false,
        })
    };
    let mut found = Vec::new();
    for (topic, logs) in &state.logs {
        for (partition, log) in (0..).zip(logs) {
            let place = (topic.clone(), partition);
            let open = log.producers().open().filter(|(producer, _)| !is_owned(&place, *producer));
            found.extend(open.map(|(producer, epoch)| (topic.clone(), partition, producer, epoch)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{self, Head};
    use crate::state::now_ms;
    use crate::topics::Settings;

    fn opened(folder: &Path) -> State {
        State::open(folder, Durability::System, Limits::default()).unwrap()
    }

    /// A transaction with a record in each of two partitions, as its coordinator and its logs know it.
    fn begun(folder: &Path) -> (State, (i64, i16)) {
        let mut state = opened(folder);
        let topic = Topic { id: Uuid::new_v4(), partitions: 2, settings: Settings::new() };
        state.put_topic("t", topic).unwrap();
        let claim = state.own("x", 60_000, None).unwrap();
        state.enlist("x", claim, vec![("t".to_owned(), 0), ("t".to_owned(), 1)]).unwrap();
        let shape = state.topic("t").unwrap().shape();
        for partition in 0..2 {
            // A marker's record serves as any other once the batch does not say that it is one.
            let mut bytes = batch::marker(claim.0, claim.1, true, now_ms());
            bytes[21..23].copy_from_slice(&0x10_i16.to_be_bytes());
            bytes[53..57].copy_from_slice(&0_i32.to_be_bytes());
            let crc = crc32c::crc32c(&bytes[21..]);
            bytes[17..21].copy_from_slice(&crc.to_be_bytes());
            let head = Head::checked(&bytes).unwrap();
            state.log_mut("t", partition).unwrap().append(&mut bytes, &head, &shape).unwrap();
        }
        (state, claim)
    }

    fn ends(state: &State) -> Vec<(i64, i64)> {
        (0..2).map(|partition| state.log("t", partition).unwrap()).map(|log| (log.stable(), log.end())).collect()
    }

    #[test]
    fn what_was_decided_is_completed_after_a_kill_before_between_and_after_its_markers() {
        for commit in [true, false] {
            for written in 0..=2 {
                let folder = tempfile::tempdir().unwrap();
                let (mut state, claim) = begun(folder.path());
                state.record(vec![Event::Outcome { id: "x".to_owned(), epoch: claim.1, commit }]).unwrap();
                for partition in 0..written {
                    state.mark("t", partition, claim.0, claim.1, commit).unwrap();
                }
                drop(state);
                let state = opened(folder.path());
                assert_eq!(ends(&state), [(2, 2), (2, 2)], "one record and one marker each");
                let hidden = (0..2).map(|p| state.log("t", p).unwrap().aborted(0, 2).count()).sum::<usize>();
                assert_eq!(hidden, if commit { 0 } else { 2 });
                assert_eq!(state.meta.transactions["x"].phase, Phase::Ended { commit });
            }
        }
    }

    #[test]
    fn an_outcome_is_journaled_before_its_first_marker() {
        let folder = tempfile::tempdir().unwrap();
        let (mut state, claim) = begun(folder.path());
        // The second marker cannot be written.
        let _ = state.logs.get_mut("t").map(Vec::pop);
        assert!(state.end("x", claim, true).is_err());
        drop(state);
        assert_eq!(ends(&opened(folder.path())), [(2, 2), (2, 2)], "whole, not torn");
    }

    #[test]
    fn an_undecided_transaction_stays_open_and_can_be_ended() {
        let folder = tempfile::tempdir().unwrap();
        let (state, claim) = begun(folder.path());
        drop(state);
        let mut state = opened(folder.path());
        assert_eq!(ends(&state), [(0, 1), (0, 1)]);
        state.end("x", claim, true).unwrap();
        assert_eq!(ends(&state), [(2, 2), (2, 2)]);
        state.end("x", claim, true).unwrap();
        assert_eq!(state.end("x", claim, false), Err(ResponseError::InvalidTxnState));
    }

    #[test]
    fn a_transaction_that_the_journal_does_not_know_is_aborted() {
        let folder = tempfile::tempdir().unwrap();
        let (mut state, claim) = begun(folder.path());
        let own = |id: &str| Event::Transactional { id: id.to_owned(), producer: 99, epoch: 0, timeout_ms: 1 };
        state.record(vec![own("x")]).unwrap();
        drop(state);
        let state = opened(folder.path());
        assert_eq!(ends(&state), [(2, 2), (2, 2)]);
        assert_eq!(state.log("t", 0).unwrap().aborted(0, 2).next().map(|aborted| aborted.producer), Some(claim.0));
    }

    #[test]
    fn a_newer_owner_fences_the_older_and_a_late_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (mut state, old) = begun(folder.path());
        let new = state.own("x", 60_000, None).unwrap();
        assert_eq!((new.0, new.1), (old.0, old.1 + 1));
        assert_eq!(ends(&state), [(2, 2), (2, 2)]);
        assert_eq!(state.end("x", old, true), Err(ResponseError::InvalidProducerEpoch));
        assert_eq!(state.own("x", 60_000, Some(old)), Err(ResponseError::ProducerFenced));
        assert!(!state.expire_transactions(i64::MAX) && state.own("x", 0, None).is_err());
    }
}
