//! A command carried out before under another mapping: only what the ticket still holds as we put it is put right.

use super::Call;
use super::update::patch;
use crate::error::before_write;
use crate::wire::Ticket;
use domain::ContentHash;
use domain::issue::CreateCase;
use ports::{Applied, CallError, Look, Revision};
use serde_json::{Map, Value, json};

/// Statuses of a ticket that nobody works on any more.
const CLOSED: [&str; 4] = ["resolved", "closed", "rejected", "cancelled"];

const OWNER: &str = "Owner";

/// The write is taken only where the ticket is still the version that was judged.
pub async fn apply(
    call: &Call<'_>,
    id: u64,
    wanted: &[(&str, &str)],
    revision: &Revision,
) -> Result<Applied, CallError> {
    let before = call.api.ticket(id, call.terms.by).await.map_err(before_write)?;
    guard(&before, revision)?;
    let ours: Vec<_> = wanted.iter().filter(|(name, _)| revision.allows(name, &hash(&before, name))).collect();
    if ours.is_empty() {
        return Err(CallError::LeftAlone { rule: "changed-since" });
    }
    let mut body = json!({ "marker": call.context.marker });
    let mut fields = Map::new();
    for (name, value) in ours {
        match *name {
            CreateCase::PRIORITY => body["priority"] = json!(priority(value)?),
            OWNER => body["owner"] = json!(value),
            custom => {
                fields.insert(custom.to_owned(), json!(value));
            }
        }
    }
    body["fields"] = Value::Object(fields);
    let terms = crate::http::Terms { if_match: Some(before.version), ..call.terms };
    let written = patch(call, id, body, terms).await?;
    Ok(call.applied(id, &written.changes, written.version))
}

/// By the marker, which a revision has for itself.
pub async fn look(call: &Call<'_>, id: u64) -> Result<Look, CallError> {
    Ok(call.marked(id).await?.map_or(Look::Absent, Look::Applied))
}

pub fn guard(ticket: &Ticket, revision: &Revision) -> Result<(), CallError> {
    if CLOSED.contains(&ticket.state.status.as_str()) && !revision.closed_too {
        return Err(CallError::LeftAlone { rule: "closed" });
    }
    Ok(())
}

/// As a number of the interface: nothing is 0.
pub fn priority(text: &str) -> Result<u8, CallError> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| CallError::Refused {
        reason: "the priority is no number from 0 to 100".into(),
        detail: text.to_owned(),
    })
}

fn hash(ticket: &Ticket, name: &str) -> ContentHash {
    let state = &ticket.state;
    match name {
        CreateCase::PRIORITY => ContentHash::of_bytes(state.priority.to_string().as_bytes()),
        OWNER => ContentHash::of_bytes(state.owner.as_bytes()),
        custom => ContentHash::of_bytes(state.fields.get(custom).map_or("", String::as_str).as_bytes()),
    }
}
