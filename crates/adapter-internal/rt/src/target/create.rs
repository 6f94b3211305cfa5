//! A ticket for a subject: found by its external id, or made with it in the same request.

use super::{applied, clean};
use crate::api::{Api, id_of};
use crate::error::{after_write, before_write, of_write};
use crate::http::{Failure, User};
use crate::query;
use crate::wire::Ticket;
use domain::{Envelope, InternalCommand, Meta, UseCase, issue::CreateCase};
use ports::{Applied, CallError, Look};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

/// Bytes, not characters: RT cuts a subject here without saying so.
const SUBJECT: usize = 200;

pub async fn apply(
    api: &Api,
    command: &Envelope<InternalCommand>,
    case: &CreateCase,
    by: Instant,
) -> Result<Applied, CallError> {
    let meta = &command.meta;
    let external = meta.subject.as_str();
    // Also on the first attempt: RT has no unique key that holds against two writers.
    if let Some(found) = find(api, external, by).await.map_err(before_write)? {
        return Ok(found);
    }
    let ready = &api.ready;
    // RT would make the ticket and drop what its queue does not have; without the external id nobody finds it again.
    let queue = match api.queue(User::Partner, &case.route, by).await {
        Ok(queue) => queue,
        Err(Failure::Status { status: 403 | 404, message, .. }) => return Err(no_queue(message)),
        Err(other) => return Err(before_write(other)),
    };
    let has = |name: &str| queue.ticket_custom_fields.iter().any(|f| f.name == name);
    if !has(&ready.external_id_field) || !has(&ready.partner_id_field) {
        return Err(CallError::Misconfigured {
            reason: format!(
                "queue `{}` lacks custom field `{}` or `{}`, or the partner user may not see it",
                case.route, ready.external_id_field, ready.partner_id_field
            ),
        });
    }
    let use_case = use_case(command);
    // A ticket that does not say its use case would be read as an issue, whose rules are others.
    if use_case.is_some() && !has(&ready.use_case_field) {
        return Err(CallError::Misconfigured {
            reason: format!(
                "queue `{}` lacks custom field `{}`: run deploy/rt/seed.pl",
                case.route, ready.use_case_field
            ),
        });
    }
    let body = body(api, meta, use_case, case);
    let sent = api.write(User::Partner, Method::POST, "/ticket", body, None, by).await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(Failure::Status { status: 403, message, .. }) => return Err(no_queue(message)),
        Err(other) => return Err(of_write(other)),
    };
    let id = id_of(&answer.location)
        .ok_or_else(|| CallError::Unknown { reason: "RT made a ticket and did not say which".into() })?;
    let ticket = api.ticket(User::Sync, id, by).await.map_err(after_write)?;
    if ticket.value(&ready.external_id_field) != external {
        return dropped(api, external, id, by).await;
    }
    if let Some(word) = use_case.filter(|word| ticket.value(&ready.use_case_field) != *word) {
        return Err(CallError::Misconfigured {
            reason: format!("RT dropped the use case of ticket {id}: repair the field, and set `{word}` there"),
        });
    }
    warn_of_dropped(&ticket, case);
    // A second one can only come from another writer at the same moment; both then report the lower number.
    match find(api, external, by).await.map_err(after_write)? {
        Some(found) => Ok(found),
        None => Err(CallError::Unknown { reason: format!("ticket {id} is not found by its external id yet") }),
    }
}

pub async fn look(api: &Api, meta: &Meta, by: Instant) -> Result<Look, CallError> {
    let found = find(api, meta.subject.as_str(), by).await.map_err(before_write)?;
    Ok(found.map_or(Look::Absent, Look::Applied))
}

/// The ticket with this external id; of several the one with the lowest number, loudly.
async fn find(api: &Api, external: &str, by: Instant) -> Result<Option<Applied>, Failure> {
    let hits = api.by_external_id(external, by).await?;
    let Some(first) = hits.first() else { return Ok(None) };
    if hits.len() > 1 {
        let others: Vec<u64> = hits[1..].iter().map(|t| t.id).collect();
        tracing::error!(ticket = first.id, ?others, "several tickets bear one external id; the lowest number is used");
    }
    let sql = format!("{} AND Type = 'Create'", query::rows_of(first.id));
    let made = api.rows(&sql, by).await?.0;
    let ours = made.iter().filter(|row| row.creator.id == api.ready.partner_user).map(|row| row.id);
    let ours: Vec<u64> = ours.collect();
    let newest = api.ticket(User::Sync, first.id, by).await?.version;
    Ok(Some(applied(first.id, ours, newest)))
}

/// RT made the ticket and left the external id out: somebody else has it (the field is unique), or the field, its
/// right or its place on the queue went away a moment ago.
async fn dropped(api: &Api, external: &str, orphan: u64, by: Instant) -> Result<Applied, CallError> {
    match find(api, external, by).await.map_err(after_write)? {
        Some(found) => {
            tracing::error!(orphan, ticket = found.native_id, "a second ticket was made without external id: close it");
            Ok(found)
        }
        // Not `Unknown`: the look would say "absent", and every attempt would leave one more such ticket.
        None => Err(CallError::Misconfigured {
            reason: format!(
                "RT dropped the external id of ticket {orphan}: repair the field, and set `{external}` there"
            ),
        }),
    }
}

fn no_queue(detail: String) -> CallError {
    CallError::Refused { reason: "the queue is unknown, or the partner user may not create in it".into(), detail }
}

/// The word that the ticket bears; an issue needs none: it is what a ticket without is.
fn use_case(command: &Envelope<InternalCommand>) -> Option<&'static str> {
    match command.payload.use_case() {
        UseCase::Issue => None,
        other @ (UseCase::Discrepancy | UseCase::Document | UseCase::Onboarding) => Some(other.as_str()),
    }
}

/// As RT keeps it: in one line, and short; with the whole of it where it had to be cut.
pub fn title(case: &CreateCase) -> (String, Option<String>) {
    let title: String = case.title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.len() <= SUBJECT {
        return (clean(&title), None);
    }
    (clean(&format!("{}…", head(&title, SUBJECT - '…'.len_utf8()))), Some(title))
}

fn body(api: &Api, meta: &Meta, use_case: Option<&str>, case: &CreateCase) -> Value {
    let ready = &api.ready;
    let (subject, whole) = title(case);
    let content = whole.map_or_else(|| case.description.clone(), |whole| format!("{whole}\n\n{}", case.description));
    let mut fields: Map<String, Value> = Map::new();
    for (name, value) in &case.fields {
        if name != "Owner" {
            fields.insert(name.clone(), json!(clean(value)));
        }
    }
    if let Some(partner) = &meta.partner_id {
        fields.insert(ready.partner_id_field.clone(), json!(partner.as_str()));
    }
    // Last: no field of a bundle takes the place of the external id or the use case.
    if let Some(word) = use_case {
        fields.insert(ready.use_case_field.clone(), json!(word));
    }
    fields.insert(ready.external_id_field.clone(), json!(meta.subject.as_str()));
    let mut body = json!({
        "Queue": case.route,
        "Subject": subject,
        "Requestor": ready.partner_user,
        "Content": clean(&content),
        "ContentType": "text/plain",
        "CustomFields": fields,
    });
    for (name, value) in
        [("Status", Some(&case.status)), ("Priority", Some(&case.priority)), ("Owner", case.fields.get("Owner"))]
    {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            body[name] = json!(value);
        }
    }
    body
}

/// The longest beginning of at most `bytes` that ends between two characters.
fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The case exists and is delivered; what RT did not take of it is named for the operator, and shows as an empty field.
fn warn_of_dropped(ticket: &Ticket, case: &CreateCase) {
    let mut dropped: Vec<&str> = Vec::new();
    for (name, value) in case.fields.iter().filter(|(_, v)| !v.is_empty()) {
        let there = match name.as_str() {
            "Owner" => ticket.owner.id == *value,
            _ => ticket.field(name).is_some_and(|f| f.texts().any(|v| v == value)),
        };
        if !there {
            dropped.push(name);
        }
    }
    if !case.status.is_empty() && ticket.status != case.status {
        dropped.push("Status");
    }
    if !case.priority.is_empty() && ticket.priority != case.priority {
        dropped.push("Priority");
    }
    if !dropped.is_empty() {
        tracing::warn!(ticket = ticket.id, fields = ?dropped, "RT made the ticket without these fields");
    }
}
