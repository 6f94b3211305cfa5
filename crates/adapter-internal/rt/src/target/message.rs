//! Messages. The marker is the message's subject, which lands in the transaction's own row: both are there or neither.

use super::{applied, clean, history};
use crate::api::{Api, id_of, marked_subject, marker_of};
use crate::error::{before_write, gone, of_write};
use crate::http::{Failure, User};
use crate::query;
use domain::FileClaim;
use domain::issue::AddPublicComment;
use ports::{Applied, BlobStore, CallError, Look};
use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

pub struct Message {
    user: User,
    /// `correspond` is what requestors may read; `comment` stays inside.
    verb: &'static str,
    text: String,
    subject: String,
    files: Vec<FileClaim>,
}

impl Message {
    /// In the partner's voice. Always plain text: RT would store a partner's markup as it is, scripts included.
    pub fn reply(comment: &AddPublicComment, marker: &str) -> Self {
        let text = if comment.author.is_empty() {
            comment.text.clone()
        } else {
            format!("{}:\n\n{}", comment.author, comment.text)
        };
        let (text, subject) = (clean(&text), marked_subject(marker));
        Self { user: User::Partner, verb: "correspond", text, subject, files: comment.files.clone() }
    }

    /// Stays among the agents.
    pub fn inside(text: &str, marker: &str) -> Self {
        let (text, subject) = (clean(text), marked_subject(marker));
        Self { user: User::Sync, verb: "comment", text, subject, files: Vec::new() }
    }
}

/// `store` holds the bytes of the message's files.
pub async fn apply(
    api: &Api,
    ticket: u64,
    message: &Message,
    store: Option<&dyn BlobStore>,
    by: Instant,
) -> Result<Applied, CallError> {
    // RT follows a merge in silence and answers 400 alike to a missing ticket and a missing right: read first.
    history::ticket(api, message.user, ticket, by).await.map_err(before_write)?;
    let path = format!("/ticket/{ticket}/{}", message.verb);
    let body = json!({ "Subject": message.subject, "Content": message.text, "ContentType": "text/plain" });
    let sent = match (message.files.as_slice(), store) {
        ([], _) => api.write(message.user, Method::POST, &path, body, None, by).await,
        (files, Some(store)) => api.client.send_with_files(message.user, &path, &body, files, store, by).await,
        (_, None) => {
            return Err(CallError::Refused { reason: "no-store".into(), detail: "no blob store is configured".into() });
        }
    };
    let answer = match sent {
        Ok(answer) => answer,
        Err(Failure::Status { status: 400, message, .. }) => {
            return Err(CallError::Refused { reason: "RT did not take the message".into(), detail: message });
        }
        Err(Failure::Status { status: status @ (403 | 404), message, .. }) => return Err(gone(status, message)),
        Err(other) => return Err(of_write(other)),
    };
    // 201 and the row's number: RT answers them only after the commit.
    match id_of(&answer.location) {
        Some(row) => Ok(applied(ticket, [row], row.to_string())),
        None => Err(CallError::Unknown { reason: "RT took the message and did not say as what".into() }),
    }
}

pub async fn look(api: &Api, ticket: u64, marker: &str, by: Instant) -> Result<Look, CallError> {
    let subject = marked_subject(marker);
    let sql = format!("{} AND Data LIKE {}", query::rows_of(ticket), query::quoted(&subject));
    let (mut rows, _) = api.rows(&sql, by).await.map_err(before_write)?;
    let ours = [&api.ready.sync_user, &api.ready.partner_user];
    rows.retain(|row| marker_of(row) == Some(marker) && ours.contains(&&row.creator.id));
    let Some(first) = rows.first() else { return Ok(Look::Absent) };
    if rows.len() > 1 {
        tracing::error!(ticket, rows = rows.len(), "one message was delivered several times");
    }
    Ok(Look::Applied(applied(ticket, rows.iter().map(|r| r.id), first.id.to_string())))
}
