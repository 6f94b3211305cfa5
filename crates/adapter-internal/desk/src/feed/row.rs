//! One row to one change. What a row is, and who may see it, is a list: what is not on it stays inside.

use super::{outward, programme};
use crate::api::Api;
use crate::wire::{Author, Change as Row};
use domain::document::outward::{Standing, begun_in};
use domain::file::{BlobId, FileClaim, clean_name};
use domain::outcome::FieldHash;
use domain::{
    Actor, ContentHash, Environment, InternalEvent, Marked, NativeId, PartnerId, Side, Subject, TicketEvent, Timestamp,
    UseCase, Visibility, issue,
};
use ports::{Change, News};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// The custom field that says which use case a ticket is of; one without is an issue.
pub const USE_CASE: &str = "TG Use Case";

/// Of one value of a field.
const MAX_VALUE: usize = 64 * 1024;
/// Of one message.
const MAX_TEXT: usize = 256 * 1024;
/// Extra values longer than this are left out: they are a convenience, and the log's records are bounded.
const MAX_EXTRA: usize = 32 * 1024;

/// `None` where the row does not even say what it is about.
pub fn change(api: &Api, value: Value, standing: Option<Standing>) -> Option<Change<InternalEvent>> {
    let (ticket, id) = (value.get("ticket_id")?.as_u64()?, value.get("id")?.as_u64()?);
    let row = match Row::deserialize(&value) {
        Ok(row) => row,
        Err(_) => return Some(unreadable(api, ticket, id, &value)),
    };
    let programme = programme::of(&row, api.system());
    // A document of the house's own begins with its ticket.
    let own = standing.as_ref().map(|_| begun_in(api.system(), &native(ticket)));
    let subject = programme.clone().or(own).or_else(|| Subject::try_from(row.ticket.external_id.clone()).ok());
    let (news, visibility, field) = match subject {
        None => (News::Skipped { rule: "not-ours" }, Visibility::Host, None),
        Some(_) if programme.is_some() => programme::told(&row, &value),
        Some(_) => match standing {
            Some(standing) => outward::told(&row, standing, &value),
            None => told(&row, &value),
        },
    };
    let ours = api.is_ours(&row.author.name);
    let production = row.environment == Environment::Production.as_str();
    Some(Change {
        // A change of a task is one of its programme: all of it lies at one place, in order.
        entity: native(if programme.is_some() && row.ticket.parent != 0 { row.ticket.parent } else { ticket }),
        id: id.to_string(),
        marker: (ours && !row.marker.is_empty()).then(|| row.marker.clone()),
        partner_id: subject.as_ref().and_then(|_| PartnerId::new(row.ticket.partner_id.clone()).ok()),
        ext: if subject.is_some() { extras(&row) } else { BTreeMap::new() },
        subject,
        field,
        occurred_at: Timestamp(row.at),
        version: id.to_string(),
        by_us: Some(ours),
        actor: Actor { id: row.author.name.chars().take(200).collect(), side: side(&row.author) },
        visibility,
        // The more cautious of the two words.
        environment: if production { api.ready.environment } else { Environment::Test },
        news,
    })
}

fn unreadable(api: &Api, ticket: u64, id: u64, value: &Value) -> Change<InternalEvent> {
    Change {
        entity: native(ticket),
        id: id.to_string(),
        marker: None,
        subject: None,
        partner_id: None,
        field: None,
        occurred_at: Timestamp(0),
        version: id.to_string(),
        by_us: None,
        actor: Actor::default(),
        visibility: Visibility::Host,
        environment: api.ready.environment,
        ext: BTreeMap::new(),
        news: malformed(value, "the change is not as described"),
    }
}

fn side(author: &Author) -> Side {
    match author.role.as_str() {
        "partner-voice" => Side::Partner,
        "agent" | "pipeline" => Side::Internal,
        _ => Side::System,
    }
}

fn extras(row: &Row) -> BTreeMap<String, String> {
    let fields = row.ticket.fields.iter().filter(|(_, value)| !value.is_empty() && value.len() <= MAX_EXTRA);
    let mut ext: BTreeMap<_, _> = fields.map(|(name, value)| (format!("cf.{name}"), value.clone())).collect();
    let priority = row.ticket.priority.to_string();
    for (name, value) in [("queue", &row.ticket.queue), ("priority", &priority), ("owner", &row.ticket.owner)] {
        ext.insert(name.to_owned(), value.clone());
    }
    ext
}

#[derive(Deserialize)]
pub(super) struct Text {
    text: String,
    #[serde(default)]
    pub(super) files: Vec<File>,
}

#[derive(Deserialize)]
pub(super) struct File {
    id: String,
    name: String,
    #[serde(default)]
    media_type: String,
    size: u64,
    sha256: String,
}

#[derive(Deserialize)]
struct Question {
    question: String,
    due_at: Option<i64>,
    to: String,
}

#[derive(Deserialize)]
pub(super) struct Moved {
    #[serde(default)]
    field: String,
    pub(super) from: String,
    pub(super) to: String,
}

#[derive(Deserialize)]
struct Priority {
    from: u8,
    to: u8,
}

#[derive(Deserialize)]
struct Made {
    queue: String,
    status: String,
}

pub(super) type Told = (News<InternalEvent>, Visibility, Option<FieldHash>);

fn told(row: &Row, value: &Value) -> Told {
    let use_case = UseCase::from_word(row.ticket.fields.get(USE_CASE).map_or("", String::as_str));
    match heard(row) {
        Ok(Some((event, visibility, field))) => match use_case.says(event) {
            Some(event) => (News::Event(event), visibility, field),
            None => skipped("not-ours"),
        },
        Ok(None) => (malformed(value, UNLIKE), Visibility::Host, None),
        Err(rule) => skipped(rule),
    }
}

pub(super) const UNLIKE: &str = "the change is not as described, or too long";

pub(super) const fn skipped(rule: &'static str) -> Told {
    (News::Skipped { rule }, Visibility::Host, None)
}

/// What happened, who may see it, and the field it set; `None` where the row is not as described, else the rule by which
/// it is nobody's news.
pub(super) type Heard = Option<(TicketEvent, Visibility, Option<FieldHash>)>;

pub(super) fn heard(row: &Row) -> Result<Heard, &'static str> {
    let inside = |event| (event, Visibility::Host, None);
    let public = |event| (event, Visibility::Partner, None);
    let told = match row.kind.as_str() {
        "created" => payload(row).map(|made: Made| {
            inside(TicketEvent::Created(issue::Created {
                record_id: row.ticket_id.to_string(),
                number: row.ticket_id.to_string(),
                queue: made.queue,
                status: made.status,
            }))
        }),
        "replied" => message(row).map(|Text { text, files }| {
            public(TicketEvent::PublicCommentAdded(issue::PublicCommentAdded {
                note_id: row.id.to_string(),
                author: row.author.name.clone(),
                text: Marked::new(text, Visibility::Partner),
                format: "plain".to_owned(),
                files: files.into_iter().map(claim).collect(),
            }))
        }),
        // Its files are not even named: what is said inside stays inside, whole.
        "noted" => message(row).map(|Text { text, .. }| {
            inside(TicketEvent::InternalNoteAdded(issue::InternalNoteAdded {
                note_id: row.id.to_string(),
                author: row.author.name.clone(),
                text: Marked::new(text, Visibility::Host),
            }))
        }),
        "asked" => payload(row).filter(|q: &Question| q.question.len() <= MAX_TEXT).map(|asked| {
            let event = TicketEvent::InformationRequired(issue::InformationRequired {
                question: Marked::new(asked.question, Visibility::Partner),
                due_at: asked.due_at.map(Timestamp),
                status: asked.to,
            });
            public(event)
        }),
        "status-changed" => moved(row).map(|m| {
            let field = hash("status", &m.to);
            let event = issue::StatusChanged {
                from: m.from,
                to: m.to,
                reason: Marked::default(),
                expected_resolution_at: None,
            };
            with(inside(TicketEvent::StatusChanged(event)), field)
        }),
        "field-changed" => moved(row).map(|m| {
            let field = hash(&m.field, &m.to);
            let event = issue::FieldChanged {
                field: m.field,
                from: Marked::new(m.from, Visibility::Host),
                to: Marked::new(m.to, Visibility::Host),
            };
            with(inside(TicketEvent::FieldChanged(event)), field)
        }),
        "priority-changed" => payload(row).map(|p: Priority| {
            let (from, to) = (p.from.to_string(), p.to.to_string());
            inside(TicketEvent::PriorityChanged(issue::PriorityChanged { from, to }))
        }),
        "owner-changed" => {
            moved(row).map(|m| inside(TicketEvent::Assigned(issue::Assigned { owner: m.to, group: String::new() })))
        }
        "queue-changed" => return Err("queue-moved"),
        "title-changed" => return Err("title-of-the-house"),
        "due-changed" => return Err("due-date-of-the-house"),
        "linked" | "unlinked" => return Err("link"),
        _ => return Err("kind-not-carried"),
    };
    Ok(told)
}

fn payload<T: DeserializeOwned>(row: &Row) -> Option<T> {
    T::deserialize(&row.payload).ok()
}

pub(super) fn message(row: &Row) -> Option<Text> {
    payload::<Text>(row).filter(|said| said.text.len() <= MAX_TEXT)
}

/// A file of a public reply; without a usable name it is withheld.
pub(super) fn claim(file: File) -> FileClaim<Marked<String>> {
    let name = Marked::new(clean_name(&file.name).unwrap_or_default(), Visibility::Partner);
    let media_type: String = file.media_type.chars().filter(|c| !c.is_control()).take(127).collect();
    let told = BlobId::parse(&file.sha256).map(|id| id.as_str().to_owned()).unwrap_or_default();
    let size = i64::try_from(file.size).unwrap_or(i64::MAX);
    FileClaim { sha256: told, ..FileClaim::named(file.id, name, media_type, size) }
}

pub(super) fn moved(row: &Row) -> Option<Moved> {
    payload::<Moved>(row).filter(|m| m.from.len() <= MAX_VALUE && m.to.len() <= MAX_VALUE)
}

type With = (TicketEvent, Visibility, Option<FieldHash>);

fn with((event, visibility, _): With, field: FieldHash) -> With {
    (event, visibility, Some(field))
}

fn hash(field: &str, value: &str) -> FieldHash {
    FieldHash { field: field.to_owned(), hash: ContentHash::of_bytes(value.as_bytes()) }
}

pub(super) fn malformed(value: &Value, reason: &str) -> News<InternalEvent> {
    News::Malformed { reason: reason.to_owned(), bytes: serde_json::to_vec(value).unwrap_or_default() }
}

fn native(ticket: u64) -> NativeId {
    // Digits are always a native id.
    NativeId::new(ticket.to_string()).unwrap_or_else(|_| unreachable!("a number is a native id"))
}
