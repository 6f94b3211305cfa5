//! Status moves. RT answers 200 to a move it refuses, so the ticket is read before and after.

use super::{applied, history};
use crate::api::Api;
use crate::error::{after_write, before_write, of_write};
use crate::http::User;
use crate::wire::{Row, Ticket};
use domain::{MessageId, OnlyIf, Subject, issue::StatusWrite};
use ports::{Applied, CallError, Look, Revision};
use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

pub async fn apply(
    api: &Api,
    id: u64,
    subject: &Subject,
    write: &StatusWrite,
    revision: Option<&Revision>,
    by: Instant,
) -> Result<Applied, CallError> {
    let before = history::ticket(api, User::Sync, id, by).await.map_err(before_write)?;
    if let Some(revision) = revision {
        super::revise::guard(&before, revision)?;
        if !revision.allows("status", &domain::ContentHash::of_bytes(before.status.as_bytes())) {
            return Err(CallError::LeftAlone { rule: "changed-since" });
        }
    }
    if before.status == write.to {
        return Ok(applied(id, [], before.version));
    }
    if let Some(condition) = &write.only_if {
        judge(condition, &before)?;
        if !condition.set_by.is_empty() {
            judge_origin(api, condition, &before, subject, by).await?;
        }
    }
    // `If-Match` is not atomic in RT (of four at once, two to four passed), yet it narrows the time in which an
    // agent's change could slip between our read and our write.
    let version = format!("\"{}\"", before.version);
    let path = format!("/ticket/{id}");
    let answer = api
        .write(User::Sync, Method::PUT, &path, json!({ "Status": write.to }), Some(&version), by)
        .await
        .map_err(of_write)?;
    let after = api.ticket(User::Sync, id, by).await.map_err(after_write)?;
    let rows = history::own_rows_after(api, id, before.newest(), by).await.map_err(after_write)?;
    let effects: Vec<u64> = rows.iter().filter(|row| sets(row, &write.to)).map(|row| row.id).collect();
    if effects.is_empty() && after.status != write.to {
        let said: String = String::from_utf8_lossy(&answer.body).chars().take(500).collect();
        return Err(CallError::Refused {
            reason: format!("RT does not allow status `{}` from `{}`", write.to, before.status),
            detail: said,
        });
    }
    Ok(applied(id, effects, after.version))
}

/// By the state itself: a status holds no marker. Where somebody has moved the ticket on since, the answer is "absent"
/// and the command's own condition decides anew.
pub async fn look(api: &Api, id: u64, write: &StatusWrite, by: Instant) -> Result<Look, CallError> {
    let ticket = history::ticket(api, User::Sync, id, by).await.map_err(before_write)?;
    if ticket.status != write.to {
        return Ok(Look::Absent);
    }
    let sql = format!("{} AND Type = 'Status'", crate::query::rows_of(id));
    let (rows, _) = api.newest_rows(&sql, "1", by).await.map_err(before_write)?;
    let ours = rows.iter().filter(|row| sets(row, &write.to) && row.creator.id == api.ready.sync_user);
    Ok(Look::Applied(applied(id, ours.map(|row| row.id), ticket.version)))
}

fn sets(row: &Row, to: &str) -> bool {
    row.r#type == "Status" && row.new_value == to
}

/// Judges a condition of a command that does not move a status.
pub async fn holds(api: &Api, id: u64, condition: &OnlyIf, by: Instant) -> Result<(), CallError> {
    judge(condition, &history::ticket(api, User::Sync, id, by).await.map_err(before_write)?)
}

fn judge(condition: &OnlyIf, ticket: &Ticket) -> Result<(), CallError> {
    let actual = match condition.field.as_str() {
        "status" => &ticket.status,
        field if ticket.field(field).is_some() => ticket.value(field),
        field => {
            return Err(CallError::Refused {
                reason: format!("the condition names `{field}`, which the ticket does not have"),
                detail: String::new(),
            });
        }
    };
    if condition.one_of.iter().any(|value| value == actual) {
        return Ok(());
    }
    Err(CallError::ConditionNotMet { actual: format!("{} is `{actual}`", condition.field) })
}

/// Is it still the status that the event told of? An event's id derives from the row that it tells of.
async fn judge_origin(
    api: &Api,
    condition: &OnlyIf,
    ticket: &Ticket,
    subject: &Subject,
    by: Instant,
) -> Result<(), CallError> {
    let sql = format!("{} AND Type = 'Status'", crate::query::rows_of(ticket.id));
    let (rows, _) = api.newest_rows(&sql, "1", by).await.map_err(before_write)?;
    let told = rows.first().filter(|row| row.new_value == ticket.status).map(|row| {
        MessageId::of_event(&api.ready.system, &ticket.id.to_string(), &row.id.to_string(), subject).to_string()
    });
    if told.as_ref() == Some(&condition.set_by) {
        return Ok(());
    }
    Err(CallError::ConditionNotMet { actual: format!("status is `{}` by another change", ticket.status) })
}
