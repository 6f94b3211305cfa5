//! The model with its journal: one request at a time, durable before it is visible.

use super::model::{Model, Refusal, onboarding};
use super::request::Action;
use super::setup::{Author, Rules};
use super::wire::Change;
use crate::journal::{Journal, JournalError};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// All that one request changed: a line of the journal, there whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub changes: Vec<Change>,
}

/// A state-changing request.
#[derive(Clone, Debug)]
pub struct Write {
    pub who: Author,
    pub ticket_id: Option<u64>,
    pub action: Action,
    /// The version of the ticket that the caller decided on.
    pub if_match: Option<u64>,
    /// Unix milliseconds after which the caller does not want it any more.
    pub not_after: Option<i64>,
}

/// What was done: no changes where everything was so already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    pub ticket_id: u64,
    /// Of the ticket after it.
    pub version: u64,
    pub changes: Vec<Change>,
}

#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the ticket is at version {current}")]
    Stale { current: u64 },
    #[error("the caller did not want it any more")]
    TooLate,
    #[error("the journal cannot be written")]
    Journal(#[from] std::io::Error),
}

#[derive(Debug)]
pub struct Store {
    model: Model,
    journal: Journal,
    rules: Rules,
    environment: String,
}

impl Store {
    pub fn open(folder: &Path, rules: Rules, environment: &str) -> Result<Self, JournalError> {
        let (journal, entries) = Journal::open::<Entry>(folder)?;
        let mut model = Model::default();
        entries.into_iter().flat_map(|entry| entry.changes).for_each(|change| model.apply(change));
        Ok(Self { model, journal, rules, environment: environment.to_owned() })
    }

    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// Judges and does it in one step: nobody else's write can come between. `now` is the moment of the write itself.
    pub fn write(&mut self, write: Write, now: i64) -> Result<Written, WriteError> {
        let Write { who, ticket_id, action, if_match, not_after } = write;
        if not_after.is_some_and(|limit| now > limit) {
            return Err(WriteError::TooLate);
        }
        if let (Some(version), Some(ticket)) = (if_match, ticket_id.and_then(|id| self.model.ticket(id)))
            && ticket.version != version
        {
            return Err(WriteError::Stale { current: ticket.version });
        }
        let marker = action.marker().to_owned();
        let decided = self.model.decide(&self.rules, &who, ticket_id, action)?;
        let first = self.model.next_change_id();
        let changes: Vec<Change> = (first..)
            .zip(decided.changes)
            .map(|(id, (author, what))| Change {
                id,
                ticket_id: decided.ticket_id,
                what,
                // What this system does by itself in answer to a write is not the write.
                marker: if author == who { marker.clone() } else { String::new() },
                author,
                at: now,
                environment: self.environment.clone(),
            })
            .collect();
        if !changes.is_empty() {
            self.take(Entry { changes: changes.clone() })?;
            self.follow(decided.ticket_id, now)?;
        }
        let version = self.model.ticket(decided.ticket_id).map_or(0, |ticket| ticket.version);
        Ok(Written { ticket_id: decided.ticket_id, version, changes })
    }

    fn take(&mut self, entry: Entry) -> std::io::Result<()> {
        self.journal.append(&entry)?;
        entry.changes.into_iter().for_each(|change| self.model.apply(change));
        Ok(())
    }

    /// What this system does by itself at another ticket: a programme's readiness follows its tasks.
    fn follow(&mut self, ticket_id: u64, now: i64) -> std::io::Result<()> {
        let Some((programme, changes)) = onboarding::readiness(&self.model, ticket_id) else { return Ok(()) };
        let first = self.model.next_change_id();
        let changes = (first..).zip(changes).map(|(id, what)| Change {
            id,
            ticket_id: programme,
            what,
            author: Author::system(),
            at: now,
            marker: String::new(),
            environment: self.environment.clone(),
        });
        self.take(Entry { changes: changes.collect() })
    }
}

#[cfg(test)]
mod tests;
