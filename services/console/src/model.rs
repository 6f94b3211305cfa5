//! The timeline, shared between who reads the log and who looks at it.

use crate::timeline::{History, Letter, Line, Timeline, Totals, read};
use codec::{Codec, DecodeError};
use runtime::tail::Record;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};

/// Pages that may listen at once.
pub const MAX_LISTENERS: usize = 64;
/// Changes a slow page may be behind; one that is further behind is told to look at everything.
const BEHIND: usize = 256;

/// Something that a page may want to look at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Case(Arc<str>),
    /// A role was started, ended or restarted.
    Roles,
    /// Everything: the log has been read to its end.
    All,
}

/// A cheap clone of one shared read model.
#[derive(Clone)]
pub struct Model(Arc<Inner>);

struct Inner {
    timeline: RwLock<Timeline>,
    changes: broadcast::Sender<Change>,
    caught_up: watch::Sender<bool>,
    ended: watch::Sender<bool>,
    listeners: Arc<Semaphore>,
}

impl Default for Model {
    fn default() -> Self {
        Self::new()
    }
}

impl Model {
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            timeline: RwLock::default(),
            changes: broadcast::Sender::new(BEHIND),
            caught_up: watch::Sender::new(false),
            ended: watch::Sender::new(false),
            listeners: Arc::new(Semaphore::new(MAX_LISTENERS)),
        }))
    }

    /// Takes a record in. `UnknownSchema` asks for the schema and for the same record again; any other error is final,
    /// and the record is counted as unreadable.
    pub fn take(&self, codec: &Codec, record: &Record) -> Result<(), DecodeError> {
        let read = match read(codec, record) {
            Ok(read) => read,
            Err(error) if error.missing_schema().is_some() => return Err(error),
            Err(error) => {
                self.pass(record, &error.to_string());
                return Err(error);
            }
        };
        let subject = self.write().fold(record, read);
        if let Some(subject) = subject.filter(|_| self.is_caught_up()) {
            let _ = self.0.changes.send(Change::Case(subject.into()));
        }
        Ok(())
    }

    /// Counts a record that cannot be read.
    pub fn pass(&self, record: &Record, reason: &str) {
        tracing::warn!(topic = record.topic, partition = record.partition, offset = record.offset, reason, "not read");
        self.write().unreadable();
    }

    /// The log has been read to the end it had; until then pages are told nothing.
    pub fn caught_up(&self) {
        self.0.caught_up.send_replace(true);
        let _ = self.0.changes.send(Change::All);
    }

    pub fn is_caught_up(&self) -> bool {
        *self.0.caught_up.borrow()
    }

    /// Tells pages that the state of a role changed; for who starts and ends them.
    pub fn roles_changed(&self) {
        let _ = self.0.changes.send(Change::Roles);
    }

    /// Ends the streams of all pages, which would otherwise hold up the end of the process.
    pub fn end(&self) {
        self.0.ended.send_replace(true);
    }

    pub fn board(&self) -> Vec<Line> {
        self.read().board()
    }
    pub fn with_reference(&self, number: &str) -> Vec<Line> {
        self.read().with_reference(number)
    }
    pub fn history(&self, subject: &str) -> Option<History> {
        self.read().history(subject)
    }
    pub fn letters(&self) -> Vec<Letter> {
        self.read().letters()
    }
    pub fn totals(&self) -> Totals {
        self.read().totals()
    }

    /// `None` where too many listen already.
    pub(crate) fn listen(&self) -> Option<Listener> {
        let slot = self.0.listeners.clone().try_acquire_owned().ok()?;
        Some(Listener { changes: self.0.changes.subscribe(), ended: self.0.ended.subscribe(), _slot: slot })
    }

    fn read(&self) -> RwLockReadGuard<'_, Timeline> {
        self.0.timeline.read().unwrap_or_else(PoisonError::into_inner)
    }
    fn write(&self) -> RwLockWriteGuard<'_, Timeline> {
        self.0.timeline.write().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct Listener {
    changes: broadcast::Receiver<Change>,
    ended: watch::Receiver<bool>,
    _slot: OwnedSemaphorePermit,
}

impl Listener {
    /// The next changes, at least one; `None` at the end. What was missed counts as everything.
    pub async fn next(&mut self) -> Option<Vec<Change>> {
        let heard = |result| match result {
            Ok(change) => Some(change),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Change::All),
            Err(broadcast::error::RecvError::Closed) => None,
        };
        let first = tokio::select! {
            _ = self.ended.wait_for(|ended| *ended) => None,
            result = self.changes.recv() => heard(result),
        }?;
        let mut changes = vec![first];
        loop {
            let next = match self.changes.try_recv() {
                Ok(change) => change,
                Err(broadcast::error::TryRecvError::Lagged(_)) => Change::All,
                Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed) => break,
            };
            if !changes.contains(&next) {
                changes.push(next);
            }
        }
        Some(changes)
    }
}
