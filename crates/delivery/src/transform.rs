//! When a transformer's batch is committed, and what happens to what was read ahead when it is not.
//!
//! One batch is committed on a helper thread while the next one fills. `K` names a partition that is read (a
//! transformer reads several topics), `R` is an encoded output.

use domain::Timestamp;
use std::collections::BTreeMap;

/// When a batch is closed; the first that is reached.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Milliseconds from a batch's first input.
    pub interval: i64,
    pub records: usize,
    pub bytes: usize,
}

#[derive(Clone, Debug)]
pub enum Input<K, R> {
    /// The partition is ours, from its committed offset on.
    Assigned {
        partition: K,
        committed: i64,
    },
    /// One input was mapped; `outputs` may be empty. `bytes` is the size of the outputs together.
    Mapped {
        partition: K,
        next_offset: i64,
        outputs: Vec<R>,
        bytes: usize,
    },
    Committed,
    /// The transaction was aborted.
    Failed,
    /// These partitions go away; the answer says what has to be waited for before they may.
    Revoked {
        partitions: Vec<K>,
    },
    Tick,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<K, R> {
    /// Produce these, send these offsets, commit; then say `Committed` or `Failed`.
    Commit {
        records: Vec<R>,
        offsets: BTreeMap<K, i64>,
    },
    /// Read on from here; what was read ahead has been dropped.
    SeekBack {
        offsets: BTreeMap<K, i64>,
    },
    /// The buffer is full while a commit is under way: do not read before the next `Commit` or `SeekBack`.
    Pause,
    /// Reading may go on.
    Resume,
    /// Wait for the commit under way and report it before the revoke is acknowledged.
    Join,
    WakeAt(Timestamp),
}

#[derive(Debug)]
struct Buffer<K, R> {
    records: Vec<R>,
    offsets: BTreeMap<K, i64>,
    bytes: usize,
    inputs: usize,
    since: Option<Timestamp>,
}

/// The buffer of one transformer.
#[derive(Debug)]
pub struct Batch<K, R> {
    limits: Limits,
    filling: Buffer<K, R>,
    /// Offsets of the commit under way.
    committing: Option<BTreeMap<K, i64>>,
    committed: BTreeMap<K, i64>,
    paused: bool,
}

impl<K, R> Buffer<K, R> {
    const fn new() -> Self {
        Self { records: Vec::new(), offsets: BTreeMap::new(), bytes: 0, inputs: 0, since: None }
    }
}

impl<K: Ord + Clone, R> Batch<K, R> {
    pub const fn new(limits: Limits) -> Self {
        let committed = BTreeMap::new();
        Self { limits, filling: Buffer::new(), committing: None, committed, paused: false }
    }

    /// Nothing is collected and nothing under way: no tick changes anything.
    pub const fn is_idle(&self) -> bool {
        self.filling.since.is_none() && self.committing.is_none()
    }

    pub fn step(&mut self, now: Timestamp, input: Input<K, R>) -> Vec<Action<K, R>> {
        let mut actions = Vec::new();
        match input {
            Input::Assigned { partition, committed } => {
                self.committed.insert(partition, committed);
            }
            Input::Mapped { partition, next_offset, outputs, bytes } => {
                // Read ahead before a seek and delivered after it: not in the order of the log, not ours to take.
                if self.committed.contains_key(&partition) {
                    self.take(now, partition, next_offset, outputs, bytes, &mut actions);
                }
            }
            Input::Committed => {
                for (partition, offset) in self.committing.take().unwrap_or_default() {
                    if let Some(committed) = self.committed.get_mut(&partition) {
                        *committed = offset;
                    }
                }
                self.close_if_due(now, &mut actions);
            }
            Input::Failed => {
                self.committing = None;
                self.filling = Buffer::new();
                actions.push(Action::SeekBack { offsets: self.committed.clone() });
                self.resume(&mut actions);
            }
            Input::Revoked { partitions } => self.revoke(&partitions, &mut actions),
            Input::Tick => self.close_if_due(now, &mut actions),
        }
        actions
    }

    fn take(
        &mut self,
        now: Timestamp,
        partition: K,
        next_offset: i64,
        outputs: Vec<R>,
        bytes: usize,
        actions: &mut Vec<Action<K, R>>,
    ) {
        self.filling.records.extend(outputs);
        self.filling.offsets.insert(partition, next_offset);
        self.filling.bytes = self.filling.bytes.saturating_add(bytes);
        self.filling.inputs += 1;
        if self.filling.since.is_none() {
            self.filling.since = Some(now);
            actions.push(Action::WakeAt(now.plus_millis(self.limits.interval)));
        }
        self.close_if_due(now, actions);
        if self.is_full() && !self.paused {
            self.paused = true;
            actions.push(Action::Pause);
        }
    }

    /// What was mapped for the partitions that stay is dropped too: it is in one buffer with what goes away, and the
    /// next owner of those must find neither it nor its offsets.
    fn revoke(&mut self, partitions: &[K], actions: &mut Vec<Action<K, R>>) {
        if self.committing.is_some() {
            actions.push(Action::Join);
        }
        for partition in partitions {
            self.committed.remove(partition);
        }
        if self.filling.offsets.is_empty() {
            return;
        }
        self.filling = Buffer::new();
        let mut offsets = self.committed.clone();
        // A commit that is under way counts: should it fail, `Failed` seeks further back.
        for (partition, offset) in self.committing.iter().flatten() {
            if let Some(position) = offsets.get_mut(partition) {
                *position = *offset;
            }
        }
        if !offsets.is_empty() {
            actions.push(Action::SeekBack { offsets });
        }
        self.resume(actions);
    }

    const fn is_full(&self) -> bool {
        self.filling.inputs >= self.limits.records
            || self.filling.records.len() >= self.limits.records
            || self.filling.bytes >= self.limits.bytes
    }

    fn close_if_due(&mut self, now: Timestamp, actions: &mut Vec<Action<K, R>>) {
        let due = self.filling.since.is_some_and(|since| now.millis_since(since) >= self.limits.interval);
        if self.committing.is_some() || self.filling.offsets.is_empty() || !(due || self.is_full()) {
            return;
        }
        let batch = std::mem::replace(&mut self.filling, Buffer::new());
        self.committing = Some(batch.offsets.clone());
        actions.push(Action::Commit { records: batch.records, offsets: batch.offsets });
        self.resume(actions);
    }

    fn resume(&mut self, actions: &mut Vec<Action<K, R>>) {
        if std::mem::take(&mut self.paused) {
            actions.push(Action::Resume);
        }
    }
}

#[cfg(test)]
mod tests;
