//! A command carried out before under another mapping: only what the ticket still holds as we put it is put right.

use super::{applied, clean, history};
use crate::api::Api;
use crate::error::{after_write, before_write, of_write};
use crate::http::User;
use crate::wire::Ticket;
use domain::ContentHash;
use domain::issue::CreateCase;
use ports::{Applied, CallError, Look, Revision};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

/// Inactive in the lifecycle that `deploy/rt` installs, and in RT's own.
const CLOSED: [&str; 5] = ["resolved", "closed", "rejected", "cancelled", "deleted"];

/// The owner, named as if it were a custom field.
const OWNER: &str = "Owner";

/// Names and values that the command would give the ticket now.
pub type Wanted<'a> = Vec<(&'a str, &'a str)>;

pub async fn apply(
    api: &Api,
    id: u64,
    wanted: &Wanted<'_>,
    revision: &Revision,
    by: Instant,
) -> Result<Applied, CallError> {
    let before = history::ticket(api, User::Sync, id, by).await.map_err(before_write)?;
    guard(&before, revision)?;
    let ours: Wanted<'_> =
        wanted.iter().copied().filter(|(name, _)| revision.allows(name, &hash(&before, name))).collect();
    if ours.is_empty() {
        return Err(CallError::LeftAlone { rule: "changed-since" });
    }
    let path = format!("/ticket/{id}");
    api.write(User::Sync, Method::PUT, &path, body(&ours), None, by).await.map_err(of_write)?;
    let after = api.ticket(User::Sync, id, by).await.map_err(after_write)?;
    let rows = history::own_rows_after(api, id, before.newest(), by).await.map_err(after_write)?;
    let missing: Vec<&str> = ours.iter().filter(|w| !holds(&after, w)).map(|(name, _)| *name).collect();
    if missing.is_empty() || !rows.is_empty() {
        // One subject has one call under way: every row of our user since then is this call's.
        return Ok(applied(id, rows.iter().map(|row| row.id), after.version));
    }
    Err(CallError::Refused { reason: "RT did not take these fields".into(), detail: missing.join(", ") })
}

/// Nothing left that holds the former value, and something that holds the new one.
pub async fn look(
    api: &Api,
    id: u64,
    wanted: &Wanted<'_>,
    revision: &Revision,
    by: Instant,
) -> Result<Look, CallError> {
    let ticket = history::ticket(api, User::Sync, id, by).await.map_err(before_write)?;
    let named = |name: &str| revision.fields.iter().any(|field| field.field == name);
    let former = wanted.iter().any(|(name, _)| revision.allows(name, &hash(&ticket, name)));
    let there = wanted.iter().any(|w| named(w.0) && holds(&ticket, w));
    if former || !there {
        return Ok(Look::Absent);
    }
    let rows = history::own_rows(api, id, by).await.map_err(before_write)?;
    // Newest first: of each field the row that gave it its value of now.
    let of_ours = rows.iter().filter(|row| wanted.iter().any(|(name, value)| named(name) && row.new_value == *value));
    Ok(Look::Applied(applied(id, of_ours.map(|row| row.id), ticket.version)))
}

/// What a create would set now that its ticket is there.
pub fn of_create(case: &CreateCase) -> Wanted<'_> {
    case.settable().collect()
}

/// Is the ticket still one to be corrected unasked?
pub fn guard(ticket: &Ticket, revision: &Revision) -> Result<(), CallError> {
    if CLOSED.contains(&ticket.status.as_str()) && !revision.closed_too {
        return Err(CallError::LeftAlone { rule: "closed" });
    }
    Ok(())
}

fn value<'a>(ticket: &'a Ticket, name: &str) -> &'a str {
    match name {
        CreateCase::PRIORITY => &ticket.priority,
        OWNER => &ticket.owner.id,
        custom => ticket.value(custom),
    }
}

fn hash(ticket: &Ticket, name: &str) -> ContentHash {
    ContentHash::of_bytes(value(ticket, name).as_bytes())
}

fn holds(ticket: &Ticket, wanted: &(&str, &str)) -> bool {
    value(ticket, wanted.0) == clean(wanted.1)
}

fn body(wanted: &Wanted<'_>) -> Value {
    let mut fields = Map::new();
    let mut body = json!({});
    for (name, value) in wanted {
        match *name {
            CreateCase::PRIORITY | OWNER => body[*name] = json!(value),
            // An empty text would be stored as a value of its own in a field with many.
            custom => {
                let value = if value.is_empty() { Value::Null } else { json!(clean(value)) };
                fields.insert(custom.to_owned(), value);
            }
        }
    }
    if !fields.is_empty() {
        body["CustomFields"] = Value::Object(fields);
    }
    body
}
