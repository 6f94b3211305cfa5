//! Programmes and their tasks: begun here, told under the programme's own subject.

use super::row::{Told, UNLIKE, USE_CASE, heard, malformed, moved, skipped};
use crate::wire::Change as Row;
use domain::onboarding::{DUE, Record, TITLE, task_field};
use domain::outcome::FieldHash;
use domain::{
    InternalEvent, Marked, NativeId, Subject, SubjectKind, SystemId, TicketEvent, UseCase, Visibility, issue,
};
use ports::News;
use serde_json::Value;

/// The subject of a row about a programme or one of its tasks.
pub fn of(row: &Row, system: &SystemId) -> Option<Subject> {
    let use_case = row.ticket.fields.get(USE_CASE)?;
    if UseCase::from_word(use_case) != UseCase::Onboarding {
        return None;
    }
    let id = if row.ticket.parent == 0 { row.ticket_id } else { row.ticket.parent };
    Some(Subject::new(SubjectKind::Onboarding, system, &NativeId::new(id.to_string()).ok()?))
}

pub fn told(row: &Row, value: &Value) -> Told {
    let state = &row.ticket;
    let (id, is_task) = (row.ticket_id.to_string(), state.parent != 0);
    let event = match row.kind.as_str() {
        // A ticket that becomes a member is a task from then on.
        "linked" if is_task => Ok(Some((created(row), Visibility::Host, None))),
        "title-changed" | "due-changed" => Ok(moved(row).map(|moved| {
            let field = if row.kind == "due-changed" { DUE } else { TITLE }.to_owned();
            let (from, to) = (Marked::new(moved.from, Visibility::Host), Marked::new(moved.to, Visibility::Host));
            (TicketEvent::FieldChanged(issue::FieldChanged { field, from, to }), Visibility::Host, None)
        })),
        _ => heard(row),
    };
    let (event, field) = match event {
        Ok(Some((event, _, field))) => (event, field),
        Ok(None) => return (malformed(value, UNLIKE), Visibility::Host, None),
        Err(rule) => return skipped(rule),
    };
    let (title, due_at, fields) = (state.title.as_str(), state.due_at.as_str(), &state.fields);
    let record = Record { id: &id, title, status: &state.status, due_at, is_task, fields };
    match record.says(event) {
        Ok((event, visibility)) => {
            let event = InternalEvent::Onboarding(event);
            (News::Event(event), visibility, field.map(|field| at(&id, is_task, field)))
        }
        Err(rule) => skipped(rule),
    }
}

fn created(row: &Row) -> TicketEvent {
    TicketEvent::Created(issue::Created {
        record_id: row.ticket_id.to_string(),
        number: row.ticket_id.to_string(),
        queue: row.ticket.queue.clone(),
        status: row.ticket.status.clone(),
    })
}

/// As a command about a task calls the field it sets.
fn at(id: &str, is_task: bool, field: FieldHash) -> FieldHash {
    if is_task { FieldHash { field: task_field(id, &field.field), ..field } } else { field }
}
