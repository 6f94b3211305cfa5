//! The rules as a pure model: `decide` what a request changes, `apply` a change. No I/O and no clock.
//!
//! The state is the fold of all changes, so replaying the journal gives the same state.

mod decide;
pub mod onboarding;

use super::wire::{Change, Link, State, Ticket, What};
use crate::files::File;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

pub use decide::{Decided, Refusal};

/// A change, and what its ticket was right after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub change: Change,
    pub state: Arc<State>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    tickets: BTreeMap<u64, Ticket>,
    log: Vec<Recorded>,
    by_external_id: HashMap<String, Vec<u64>>,
    by_marker: HashMap<String, Vec<usize>>,
}

impl Model {
    pub fn ticket(&self, id: u64) -> Option<&Ticket> {
        self.tickets.get(&id)
    }

    /// By ascending id, those above `id`.
    pub fn tickets_after(&self, id: u64) -> impl Iterator<Item = &Ticket> {
        self.tickets.range((Bound::Excluded(id), Bound::Unbounded)).map(|(_, ticket)| ticket)
    }

    /// By descending id, those below `id`.
    pub fn tickets_before(&self, id: u64) -> impl Iterator<Item = &Ticket> {
        self.tickets.range(..id).rev().map(|(_, ticket)| ticket)
    }

    /// By ascending id. Exactly that id, letter by letter.
    pub fn by_external_id(&self, external_id: &str) -> impl Iterator<Item = &Ticket> {
        self.by_external_id.get(external_id).into_iter().flatten().filter_map(|id| self.tickets.get(id))
    }

    pub fn by_marker(&self, marker: &str) -> impl Iterator<Item = &Recorded> {
        self.by_marker.get(marker).into_iter().flatten().filter_map(|at| self.log.get(*at))
    }

    /// In the order of commits; the position is the feed's cursor.
    pub fn log(&self) -> &[Recorded] {
        &self.log
    }

    /// What the ticket is that this change makes another a member of.
    fn joined(&self, what: &What) -> Option<(u64, Arc<State>)> {
        let What::Linked { relation, to } = what else { return None };
        let parent = self.ticket(to.parse().ok()?).filter(|_| relation == onboarding::MEMBER)?;
        Some((parent.id, Arc::clone(&parent.state)))
    }

    /// By ascending id.
    pub fn members(&self, of: u64) -> impl Iterator<Item = &Ticket> {
        self.tickets.values().filter(move |ticket| of != 0 && ticket.state.parent == of)
    }

    pub fn change(&self, id: u64) -> Option<&Recorded> {
        self.log.get(usize::try_from(id).ok()?.checked_sub(1)?)
    }

    pub fn history<'a>(&'a self, ticket: &'a Ticket) -> impl Iterator<Item = &'a Recorded> {
        ticket.changes.iter().filter_map(|at| self.log.get(*at))
    }

    /// A file of a reply or a note: its id begins with that of the change.
    pub fn file(&self, id: &str) -> Option<&File> {
        let (change, _) = id.split_once('-')?;
        match &self.change(change.parse().ok()?)?.change.what {
            What::Replied { files, .. } | What::Noted { files, .. } => files.iter().find(|file| file.id == id),
            What::Created(_)
            | What::Asked { .. }
            | What::StatusChanged { .. }
            | What::FieldChanged { .. }
            | What::PriorityChanged { .. }
            | What::OwnerChanged { .. }
            | What::QueueChanged { .. }
            | What::TitleChanged { .. }
            | What::DueChanged { .. }
            | What::Linked { .. }
            | What::Unlinked { .. } => None,
        }
    }

    /// Ids are positions: nothing is ever removed.
    pub fn next_change_id(&self) -> u64 {
        self.log.len() as u64 + 1
    }

    fn next_ticket_id(&self) -> u64 {
        self.tickets.last_key_value().map_or(1, |(id, _)| id + 1)
    }

    /// Takes a change over. Total: a change of an unknown ticket changes no ticket.
    pub fn apply(&mut self, change: Change) {
        let at = self.log.len();
        if !change.marker.is_empty() {
            self.by_marker.entry(change.marker.clone()).or_default().push(at);
        }
        if let What::Created(new) = &change.what {
            let ticket = Ticket {
                id: change.ticket_id,
                state: Arc::new(new.state.clone()),
                description: new.description.clone(),
                requestor: new.requestor.clone(),
                links: Vec::new(),
                version: change.id,
                created_at: change.at,
                updated_at: change.at,
                changes: Vec::new(),
            };
            if !new.state.external_id.is_empty() {
                self.by_external_id.entry(new.state.external_id.clone()).or_default().push(ticket.id);
            }
            self.tickets.insert(ticket.id, ticket);
        }
        let joined = self.joined(&change.what);
        let mut state = Arc::default();
        if let Some(ticket) = self.tickets.get_mut(&change.ticket_id) {
            fold(ticket, &change);
            if let Some(of) = joined {
                onboarding::join(Arc::make_mut(&mut ticket.state), &of);
            }
            ticket.version = change.id;
            ticket.updated_at = change.at;
            ticket.changes.push(at);
            state = Arc::clone(&ticket.state);
        }
        self.log.push(Recorded { change, state });
    }
}

fn fold(ticket: &mut Ticket, change: &Change) {
    let mut set = |f: &mut dyn FnMut(&mut State)| f(Arc::make_mut(&mut ticket.state));
    match &change.what {
        What::Created(_) | What::Replied { .. } | What::Noted { .. } => {}
        What::Asked { to, .. } | What::StatusChanged { to, .. } => set(&mut |s| s.status.clone_from(to)),
        What::FieldChanged { field, to, .. } if to.is_empty() => set(&mut |s| {
            s.fields.remove(field);
        }),
        What::FieldChanged { field, to, .. } => set(&mut |s| {
            s.fields.insert(field.clone(), to.clone());
        }),
        What::PriorityChanged { to, .. } => set(&mut |s| s.priority = *to),
        What::OwnerChanged { to, .. } => set(&mut |s| s.owner.clone_from(to)),
        What::QueueChanged { to, .. } => set(&mut |s| s.queue.clone_from(to)),
        What::TitleChanged { to, .. } => set(&mut |s| s.title.clone_from(to)),
        What::DueChanged { to, .. } => set(&mut |s| s.due_at.clone_from(to)),
        What::Linked { relation, to } => {
            ticket.links.push(Link { id: change.id, relation: relation.clone(), to: to.clone() });
        }
        What::Unlinked { link, .. } => ticket.links.retain(|l| l.id != *link),
    }
}

#[cfg(test)]
mod tests;
