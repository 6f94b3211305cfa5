//! The model with its journal and the idempotency keys: one request at a time, durable before it is visible.

use super::action::Action;
use super::model::{Model, Refusal, Who};
use super::wire::Change;
use crate::journal::{Journal, JournalError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// How long a key answers for its request: 24 hours, in milliseconds. The contract states it.
pub const KEY_WINDOW: i64 = 24 * 60 * 60 * 1000;

/// A change with what is needed to answer a repeat of the request that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `host` or `partner/<id>`: idempotency keys of different tokens are independent.
    pub scope: String,
    /// SHA-256 of method, path and body.
    pub fingerprint: String,
    pub change: Change,
}

/// A state-changing request.
#[derive(Clone, Debug)]
pub struct Write {
    pub who: Who,
    pub case_id: Option<String>,
    pub action: Action,
    pub key: Option<String>,
    pub fingerprint: String,
    /// The version the caller decided on.
    pub if_match: Option<u64>,
    pub now: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    New(Change),
    /// The key was used for the same request before; nothing was done.
    Repeat(Change),
}

#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error("the case is at version {current}")]
    Stale { current: u64 },
    #[error("the journal cannot be written")]
    Journal(#[from] std::io::Error),
}

#[derive(Debug)]
struct Used {
    fingerprint: String,
    change_id: String,
    at: i64,
}

#[derive(Debug)]
pub struct Store {
    model: Model,
    journal: Journal,
    keys: HashMap<(String, String), Used>,
    environment: String,
}

fn scope(who: &Who) -> String {
    match who {
        Who::Host => "host".to_owned(),
        Who::Partner(id) => format!("partner/{id}"),
    }
}

impl Store {
    pub fn open(folder: &Path, environment: &str) -> Result<Self, JournalError> {
        let (journal, entries) = Journal::open(folder)?;
        let mut store =
            Self { model: Model::default(), journal, keys: HashMap::new(), environment: environment.to_owned() };
        for entry in entries {
            store.take(entry);
        }
        Ok(store)
    }

    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// Refusals are not remembered: the same key may succeed later.
    pub fn write(&mut self, write: Write) -> Result<Written, WriteError> {
        let scope = scope(&write.who);
        if let Some(used) = write.key.as_ref().and_then(|k| self.keys.get(&(scope.clone(), k.clone())))
            && write.now.saturating_sub(used.at) < KEY_WINDOW
        {
            if used.fingerprint != write.fingerprint {
                return Err(WriteError::KeyReused);
            }
            if let Some(change) = self.model.change(&used.change_id) {
                return Ok(Written::Repeat(change.clone()));
            }
        }
        let draft = self.model.decide(&write.who, write.case_id.as_deref(), write.action, write.now)?;
        if let Some(version) = write.if_match
            && version + 1 != draft.version
        {
            return Err(WriteError::Stale { current: draft.version - 1 });
        }
        let change = draft.into_change(self.model.next_change_id(), write.now, &self.environment, write.key);
        let entry = Entry { scope, fingerprint: write.fingerprint, change: change.clone() };
        self.journal.append(&entry)?;
        self.take(entry);
        Ok(Written::New(change))
    }

    fn take(&mut self, entry: Entry) {
        let Entry { scope, fingerprint, change } = entry;
        if let Some(key) = &change.idempotency_key {
            let used = Used { fingerprint, change_id: change.id.clone(), at: change.occurred_at };
            self.keys.insert((scope, key.clone()), used);
        }
        self.model.apply(change);
    }
}

#[cfg(test)]
mod tests;
