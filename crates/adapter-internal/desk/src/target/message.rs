//! What is said on a ticket: for the partner in the partner's voice, or inside.

use super::Call;
use crate::error::of_write;
use crate::http::User;
use domain::issue::{AddInternalNote, AddPublicComment};
use ports::{Applied, CallError, Look};
use reqwest::Method;
use serde_json::{Value, json};

pub async fn reply(call: &Call<'_>, ticket: u64, comment: &AddPublicComment) -> Result<Applied, CallError> {
    let files = comment.files.iter().map(|file| {
        json!({ "name": file.file_name, "media_type": file.media_type, "size": file.size, "sha256": file.sha256 })
    });
    let body = json!({
        "text": comment.text,
        "on_behalf_of": comment.author,
        "marker": call.context.marker,
        "files": files.collect::<Vec<_>>(),
    });
    say(call, ticket, User::Partner, "replies", body).await
}

pub async fn note(call: &Call<'_>, ticket: u64, note: &AddInternalNote) -> Result<Applied, CallError> {
    say(call, ticket, User::Sync, "notes", json!({ "text": note.text, "marker": call.context.marker })).await
}

async fn say(call: &Call<'_>, ticket: u64, user: User, place: &str, body: Value) -> Result<Applied, CallError> {
    let id = ticket.to_string();
    let sent = call.api.write(user, Method::POST, &["tickets", &id, place], body, call.terms).await;
    let written = sent.map_err(of_write)?;
    let said = call.applied(ticket, &written.changes, written.version);
    if written.ticket_id == ticket && !said.effects.is_empty() {
        return Ok(said);
    }
    Err(CallError::Unknown { reason: "the answer does not name what was said".into() })
}

pub async fn look(call: &Call<'_>, ticket: u64) -> Result<Look, CallError> {
    let Some(found) = call.marked(ticket).await? else { return Ok(Look::Absent) };
    if found.effects.len() > 1 {
        tracing::error!(ticket, messages = found.effects.len(), "one message was delivered several times");
    }
    Ok(Look::Applied(found))
}
