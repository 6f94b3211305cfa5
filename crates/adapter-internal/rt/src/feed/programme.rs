//! Programmes and their tasks: begun here, told under the programme's own subject.

use super::record::Known;
use super::row::{Extra, Heard, Told, heard, malformed, skipped};
use crate::wire::Row;
use domain::onboarding::{DUE, Record, TITLE, task_field};
use domain::outcome::FieldHash;
use domain::{InternalEvent, Marked, TicketEvent, Visibility, issue};
use ports::News;
use std::collections::BTreeMap;

/// From the moment that this field says so a ticket is told: the scrip sets it last.
const USE_CASE: &str = "TG Use Case";

pub fn told(row: &Row, known: &Known, extra: Extra) -> Told {
    let ticket = &known.ticket;
    let (id, is_task) = (ticket.id.to_string(), known.task_of.is_some());
    let changed = |field: &str| {
        let (from, to) = (Marked::new(row.old_value.clone(), Visibility::Host), Marked::default());
        Heard::Event(
            TicketEvent::FieldChanged(issue::FieldChanged { field: field.to_owned(), from, to }),
            Visibility::Host,
            None,
        )
    };
    let heard = match (row.r#type.as_str(), row.field.as_str()) {
        ("Set", "Subject") => changed(TITLE),
        ("Set", "Due") => changed(DUE),
        _ => heard(row, known, extra),
    };
    let (event, field) = match heard {
        Heard::Event(event, _, field) => (event, field),
        Heard::Skipped(rule) => return skipped(rule),
        Heard::Malformed(reason) => return malformed(row, reason),
    };
    let event = match event {
        TicketEvent::FieldChanged(e) if e.field == USE_CASE => TicketEvent::Created(issue::Created {
            record_id: id.clone(),
            number: id.clone(),
            queue: known.ext.get("queue").cloned().unwrap_or_default(),
            status: ticket.status.clone(),
        }),
        other @ (TicketEvent::Created(_)
        | TicketEvent::StatusChanged(_)
        | TicketEvent::PublicCommentAdded(_)
        | TicketEvent::InformationRequired(_)
        | TicketEvent::InternalNoteAdded(_)
        | TicketEvent::Merged(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::FieldChanged(_)) => other,
    };
    let fields: BTreeMap<String, String> = ticket
        .custom_fields
        .iter()
        .map(|field| (field.name.clone(), field.texts().collect::<Vec<_>>().join("\n").replace("\r\n", "\n")))
        .collect();
    // Where none is set RT says the beginning of its time.
    let due_at = if ticket.due.starts_with("1970-01-01") { "" } else { ticket.due.as_str() };
    let (title, status) = (ticket.subject.as_str(), ticket.status.as_str());
    let record = Record { id: &id, title, status, due_at, is_task, fields: &fields };
    match record.says(event) {
        Ok((event, visibility)) => {
            let field = field.map(|field| match is_task {
                true => FieldHash { field: task_field(&id, &field.field), ..field },
                false => field,
            });
            (News::Event(InternalEvent::Onboarding(event)), visibility, field)
        }
        Err(rule) => skipped(rule),
    }
}
