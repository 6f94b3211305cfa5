//! Programmes in the case system: a ticket with tasks, which are tickets of their own there and parts of it here.

use super::{Ticket, internal};
use crate::scenario::{Agent, NewTask};
use domain::issue::{Created, FieldChanged, InternalNoteAdded, PublicCommentAdded, StatusChanged};
use domain::onboarding::{
    DEPENDS_ON, DOCUMENT_TYPE, DUE, INSTRUCTIONS, MANDATORY, OWNER_SIDE, PUBLIC_REASON, READINESS_LINES, Record, SHOWN,
    TITLE,
};
use domain::{InternalEvent, Marked, TicketEvent as T, Visibility};
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) status: String,
    pub(super) due_at: String,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) internal: Vec<(&'static str, String)>,
}

pub(super) type Told = (InternalEvent, Visibility);

fn created(id: &str, status: &str) -> T {
    let (record_id, number) = (id.to_owned(), id.to_owned());
    T::Created(Created { record_id, number, queue: "Partner Onboarding".to_owned(), status: status.to_owned() })
}

/// A moment as Request Tracker tells it, from a calendar date.
fn moment(date: &str) -> String {
    if date.len() == 10 { format!("{date}T00:00:00Z") } else { date.to_owned() }
}

impl Task {
    fn is(&self, field: &str, value: &str) -> bool {
        self.fields.get(field).is_some_and(|v| v == value)
    }

    fn is_shown(&self) -> bool {
        self.is(OWNER_SIDE, "PARTNER") || self.is(SHOWN, "yes")
    }

    fn says(&self, event: T) -> Told {
        let (id, title, status, due_at) = (&self.id, &self.title, &self.status, &self.due_at);
        let record = Record { id, title, status, due_at, is_task: true, fields: &self.fields };
        let (event, visibility) = record.says(event).unwrap_or_else(|rule| panic!("no word for it: {rule}"));
        (InternalEvent::Onboarding(event), visibility)
    }
}

impl Ticket {
    /// Of a programme's own ticket.
    pub(super) fn as_programme(&self, event: T) -> Told {
        let record = Record {
            id: &self.id,
            title: &self.title,
            status: &self.status,
            due_at: "",
            is_task: false,
            fields: &self.fields,
        };
        let (event, visibility) = record.says(event).unwrap_or_else(|rule| panic!("no word for it: {rule}"));
        (InternalEvent::Onboarding(event), visibility)
    }

    pub(super) fn starts(&self) -> Told {
        self.as_programme(created(&self.id, &self.status))
    }

    pub(super) fn adds(&mut self, new: &NewTask) -> Told {
        let mut fields = BTreeMap::new();
        for (name, value) in [
            (OWNER_SIDE, &new.side),
            (MANDATORY, &new.mandatory),
            (DOCUMENT_TYPE, &new.document),
            (DEPENDS_ON, &new.depends_on),
            (SHOWN, &new.shown),
            (INSTRUCTIONS, &new.instructions),
        ] {
            if !value.is_empty() {
                fields.insert(name.to_owned(), value.clone());
            }
        }
        let mut task = Task {
            id: new.task.clone(),
            title: new.title.clone(),
            status: "new".to_owned(),
            due_at: moment(&new.due),
            fields,
            internal: Vec::new(),
        };
        if !task.is_shown() {
            task.title = internal(&task.title);
        }
        let told = task.says(created(&task.id, "new"));
        self.tasks.push(task);
        told
    }

    /// What an agent does at a task.
    pub(super) fn act_at(&mut self, id: &str, act: &Agent, note_id: String) -> Told {
        let task = self.task(id).unwrap_or_else(|| panic!("nobody acts at a task that is not there: {id}"));
        let author = "agent1".to_owned();
        match act {
            Agent::Replies { text } => {
                let text = Marked::new(text.clone(), Visibility::Partner);
                let format = "plain".to_owned();
                task.says(T::PublicCommentAdded(PublicCommentAdded {
                    note_id,
                    author,
                    text,
                    format,
                    files: Vec::new(),
                }))
            }
            Agent::Notes { text } => {
                task.internal.push(("agent", text.clone()));
                let text = Marked::new(internal(text), Visibility::Host);
                task.says(T::InternalNoteAdded(InternalNoteAdded { note_id, author, text }))
            }
            Agent::SetsStatus { to, reason } => {
                if !reason.is_empty() {
                    task.fields.insert(PUBLIC_REASON.to_owned(), reason.clone());
                }
                let from = std::mem::replace(&mut task.status, to.clone());
                let (to, reason) = (to.clone(), Marked::default());
                task.says(T::StatusChanged(StatusChanged { from, to, reason, expected_resolution_at: None }))
            }
            Agent::SetsField { field, value, shared } => {
                let value = if *shared { value.clone() } else { internal(value) };
                let from = match field.as_str() {
                    DUE => std::mem::replace(&mut task.due_at, moment(&value)),
                    TITLE => std::mem::replace(&mut task.title, value.clone()),
                    name => task.fields.insert(name.to_owned(), value.clone()).unwrap_or_default(),
                };
                let (from, to) = (Marked::new(from, Visibility::Host), Marked::new(value, Visibility::Host));
                task.says(T::FieldChanged(FieldChanged { field: field.clone(), from, to }))
            }
            Agent::Assigns { .. }
            | Agent::ChangesPriority { .. }
            | Agent::Merges { .. }
            | Agent::HearsOfExpiry { .. }
            | Agent::OpensOwnTicket { .. }
            | Agent::StartsProgramme(_)
            | Agent::BeginsDocument(_)
            | Agent::PutsFile { .. }
            | Agent::SendsFiles { .. }
            | Agent::AddsTask(_)
            | Agent::AtTask { .. }
            | Agent::RequiresInformation { .. }
            | Agent::Resolves { .. }
            | Agent::Closes
            | Agent::Reopens { .. } => panic!("nobody does that at a task: {act:?}"),
        }
    }

    pub(super) fn task(&mut self, id: &str) -> Option<&mut Task> {
        self.tasks.iter_mut().find(|task| task.id == id)
    }

    /// What the case system computes by itself after its agents, where it changed.
    pub(super) fn computes(&mut self) -> Option<Told> {
        if self.tasks.is_empty() {
            return None;
        }
        let gone = |task: &&Task| ["cancelled", "deleted"].contains(&task.status.as_str());
        let wanted: Vec<&Task> = self.tasks.iter().filter(|t| !gone(t) && !t.is(MANDATORY, "no")).collect();
        let is_done = |task: &&&Task| ["resolved", "closed", "rejected"].contains(&task.status.as_str());
        let done = wanted.iter().filter(is_done).count();
        let ready = !wanted.is_empty() && done == wanted.len();
        let mut text = format!("{} {done}/{}", if ready { "READY" } else { "NOT_READY" }, wanted.len());
        let mut hidden = 0;
        for task in wanted.iter().filter(|task| !is_done(task)) {
            if task.is_shown() {
                let document = task.fields.get(DOCUMENT_TYPE).map_or("-", String::as_str);
                let _ = write!(text, "\n{} {document}", task.id);
            } else {
                hidden += 1;
            }
        }
        if hidden > 0 {
            let _ = write!(text, "\n+{hidden}");
        }
        let from = self.fields.insert(READINESS_LINES.to_owned(), text.clone()).unwrap_or_default();
        if from == text {
            return None;
        }
        let (field, from, to) = (READINESS_LINES.to_owned(), Marked::default(), Marked::new(text, Visibility::Host));
        Some(self.as_programme(T::FieldChanged(FieldChanged { field, from, to })))
    }
}
