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
