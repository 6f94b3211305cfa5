//! One row to one change. What a row is, and who may see it, is a list: what is not on it stays inside.

use super::record::{Known, Merged, Record};
use super::text::Text;
use super::{outward, programme};
use crate::api::marker_of;
use crate::config::Ready;
use crate::time;
use crate::wire::{Attachment, Row};
use domain::file::{FileClaim, clean_name};
use domain::outcome::FieldHash;
use domain::{
    Actor, ContentHash, InternalEvent, Marked, NativeId, Side, TicketEvent, Timestamp, UseCase, Visibility, issue,
};
use ports::{Change, News};
use std::collections::BTreeMap;

/// Of one value in one row.
const MAX_VALUE: usize = 64 * 1024;

/// What a row still needs before it can be mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    Text,
    /// The name of the user with the id in `NewValue`.
    Owner,
}

pub fn needs(row: &Row) -> Needs {
    match (row.r#type.as_str(), row.field.as_str()) {
        ("Correspond" | "Comment", _) => Needs::Text,
        ("Set", "Owner") => Needs::Owner,
        _ => Needs::Nothing,
    }
}

/// What was fetched for it.
pub enum Extra {
    Nothing,
    Text(Text, Vec<Attachment>),
    Owner(String),
    /// Of the gesture that shares a document: the files it is about.
    Gesture(Vec<Attachment>),
}

pub fn change(ready: &Ready, row: &Row, record: &Record, extra: Extra) -> Change<InternalEvent> {
    let known = match record {
        Record::Ours(known) => Some(known.as_ref()),
        Record::Merged(_) | Record::Not(_) => None,
    };
    let (news, visibility, field) = match (known, record) {
        (_, Record::Merged(merged)) => (put_together(row, merged), Visibility::Host, None),
        (_, Record::Not(rule)) => (News::Skipped { rule }, Visibility::Host, None),
        (Some(known), _) if known.outward.is_some() => outward::told(row, known, extra),
        (Some(known), _) if known.use_case == UseCase::Onboarding => programme::told(row, known, extra),
        (Some(known), _) => told(row, known, extra),
        (None, Record::Ours(_)) => (News::Skipped { rule: "not-ours" }, Visibility::Host, None),
    };
    let ours = row.creator.id == ready.sync_user || row.creator.id == ready.partner_user;
    Change {
        // A change of a task is one of its programme: all of it lies at one place, in order.
        entity: native(known.and_then(|k| k.task_of).unwrap_or(row.object_id)),
        id: row.id.to_string(),
        marker: marker_of(row).filter(|_| ours).map(str::to_owned),
        subject: known.map(|k| k.subject.clone()),
        partner_id: known.and_then(|k| k.partner_id.clone()),
        field,
        occurred_at: Timestamp(time::of_w3c(&row.created).unwrap_or(0).saturating_mul(1000)),
        version: row.id.to_string(),
        by_us: Some(ours),
        actor: Actor { id: row.creator.id.chars().take(200).collect(), side: side(ready, &row.creator.id) },
        visibility,
        environment: ready.environment,
        ext: known.map_or_else(BTreeMap::new, |k| k.ext.clone()),
        news,
    }
}

/// The one row of a merged ticket that still means something. The subject comes from the bond: the ticket's own fields
/// are not to be had any more.
fn put_together(row: &Row, merged: &Merged) -> News<InternalEvent> {
    match (row.r#type.as_str(), row.field.as_str(), merged.use_case) {
        ("AddLink", "MergedInto", use_case) => {
            let into_partner = merged.partner_id.as_ref().map(ToString::to_string).unwrap_or_default();
            let merged = issue::Merged { into_record: merged.into.to_string(), into_partner };
            // Tasks and programmes are not to be merged: no partner's record ends with one.
            use_case.says(TicketEvent::Merged(merged)).map_or(News::Skipped { rule: "merged" }, News::Event)
        }
        _ => News::Skipped { rule: "merged" },
    }
}

/// A row that RT made by a scrip in answer to ours is RT's own doing, and news.
fn side(ready: &Ready, user: &str) -> Side {
    if user == "RT_System" {
        Side::System
    } else if user == ready.partner_user {
        Side::Partner
    } else {
        Side::Internal
    }
}

pub(super) type Told = (News<InternalEvent>, Visibility, Option<FieldHash>);

fn told(row: &Row, known: &Known, extra: Extra) -> Told {
    match heard(row, known, extra) {
        Heard::Event(event, visibility, field) => match known.use_case.says(event) {
            Some(event) => (News::Event(event), visibility, field),
            None => skipped("not-ours"),
        },
        Heard::Skipped(rule) => skipped(rule),
        Heard::Malformed(reason) => malformed(row, reason),
    }
}

pub(super) const fn skipped(rule: &'static str) -> Told {
    (News::Skipped { rule }, Visibility::Host, None)
}

/// What a row says, whatever the use case: what happened, who may see it, and the field it set.
pub(super) enum Heard {
    Event(TicketEvent, Visibility, Option<FieldHash>),
    Skipped(&'static str),
    Malformed(String),
}

pub(super) fn heard(row: &Row, known: &Known, extra: Extra) -> Heard {
    let inside = |event| Heard::Event(event, Visibility::Host, None);
    let skipped = Heard::Skipped;
    let malformed = |_: &Row, reason: String| Heard::Malformed(reason);
    if row.old_value.len() > MAX_VALUE || row.new_value.len() > MAX_VALUE || time::of_w3c(&row.created).is_none() {
        return malformed(row, format!("a value longer than {MAX_VALUE} bytes, or no date of creation"));
    }
    match (row.r#type.as_str(), row.field.as_str(), extra) {
        ("Create", _, _) => inside(TicketEvent::Created(issue::Created {
            record_id: row.object_id.to_string(),
            number: row.object_id.to_string(),
            queue: known.ext.get("queue").cloned().unwrap_or_default(),
            status: known.ticket.status.clone(),
        })),
        ("Status", _, _) => Heard::Event(
            TicketEvent::StatusChanged(issue::StatusChanged {
                from: row.old_value.clone(),
                to: row.new_value.clone(),
                reason: Marked::default(),
                expected_resolution_at: None,
            }),
            Visibility::Host,
            Some(hash("status", &row.new_value)),
        ),
        ("Correspond", _, Extra::Text(text, files)) if said(&text, &files) => Heard::Event(
            TicketEvent::PublicCommentAdded(issue::PublicCommentAdded {
                note_id: row.id.to_string(),
                author: row.creator.id.clone(),
                text: Marked::new(plain(text), Visibility::Partner),
                format: "plain".to_owned(),
                files: files.into_iter().map(claim).collect(),
            }),
            Visibility::Partner,
            None,
        ),
        // Its files are not even named: what is said inside stays inside, whole.
        ("Comment", _, Extra::Text(Text::Plain(text), _)) => {
            inside(TicketEvent::InternalNoteAdded(issue::InternalNoteAdded {
                note_id: row.id.to_string(),
                author: row.creator.id.clone(),
                text: Marked::new(text, Visibility::Host),
            }))
        }
        ("Correspond" | "Comment", _, Extra::Text(Text::Unusable(reason), _)) => malformed(row, reason),
        ("Correspond" | "Comment", _, _) => skipped("message-without-text"),
        ("Set", "Owner", extra) => {
            let owner = if let Extra::Owner(name) = extra { name } else { row.new_value.clone() };
            inside(TicketEvent::Assigned(issue::Assigned { owner, group: String::new() }))
        }
        ("Set", "Priority", _) => inside(TicketEvent::PriorityChanged(issue::PriorityChanged {
            from: row.old_value.clone(),
            to: row.new_value.clone(),
        })),
        ("CustomField", id, _) => {
            let name = known.ticket.custom_fields.iter().find(|f| f.id == id).map(|f| f.name.clone());
            let name = name.unwrap_or_else(|| format!("custom-field-{id}"));
            let field = hash(&name, &row.new_value);
            let event = TicketEvent::FieldChanged(issue::FieldChanged {
                field: name,
                from: Marked::new(row.old_value.clone(), Visibility::Host),
                to: Marked::new(row.new_value.clone(), Visibility::Host),
            });
            Heard::Event(event, Visibility::Host, Some(field))
        }
        ("Set", "Due" | "Starts" | "Started" | "Resolved" | "LastUpdated" | "Told" | "SLA", _) => {
            skipped("clock-of-rt")
        }
        ("SLA", _, _) => skipped("clock-of-rt"),
        ("Set", "Queue", _) => skipped("queue-moved"),
        ("Set", "Subject", _) => skipped("title-of-rt"),
        ("AddWatcher" | "DelWatcher" | "SetWatcher", _, _) => skipped("watcher"),
        ("AddLink" | "DeleteLink", _, _) => skipped("link"),
        ("EmailRecord" | "CommentEmailRecord", _, _) => skipped("mail"),
        _ => skipped("kind-not-carried"),
    }
}

/// There is something to tell: words, or files.
fn said(text: &Text, files: &[Attachment]) -> bool {
    match text {
        Text::Plain(_) => true,
        Text::None => !files.is_empty(),
        Text::Unusable(_) => false,
    }
}

fn plain(text: Text) -> String {
    match text {
        Text::Plain(text) => text,
        Text::None | Text::Unusable(_) => String::new(),
    }
}

/// A file of a message that partners may read; without a usable name it is withheld.
pub(super) fn claim(part: Attachment) -> FileClaim<Marked<String>> {
    let name = if part.filename.is_empty() { format!("attachment-{}", part.id) } else { part.filename };
    let name = Marked::new(clean_name(&name).unwrap_or_default(), Visibility::Partner);
    let media_type: String = part.content_type.chars().filter(|c| !c.is_control()).take(127).collect();
    let size = part.content_length.parse().ok().filter(|size| *size >= 0).unwrap_or(-1);
    FileClaim::named(part.id.to_string(), name, media_type, size)
}

fn hash(field: &str, value: &str) -> FieldHash {
    FieldHash { field: field.to_owned(), hash: ContentHash::of_bytes(value.as_bytes()) }
}

pub(super) fn malformed(row: &Row, reason: String) -> Told {
    let bytes = serde_json::to_vec(row).unwrap_or_default();
    (News::Malformed { reason, bytes }, Visibility::Host, None)
}

fn native(ticket: u64) -> NativeId {
    // Digits are always a native id.
    NativeId::new(ticket.to_string()).unwrap_or_else(|_| unreachable!("a number is a native id"))
}
