//! Custom fields and moves of the status.

use super::Call;
use crate::error::{before_write, of_write};
use crate::http::{Terms, User};
use crate::wire::{Ticket, Written};
use domain::issue::{StatusWrite, UpdateFields};
use domain::{ContentHash, MessageId, OnlyIf, Subject};
use ports::{Applied, CallError, Look};
use reqwest::Method;
use serde_json::{Value, json};

/// All of them or none; an unknown one is refused. Whoever else sets other fields meanwhile is not in the way.
pub async fn fields(call: &Call<'_>, id: u64, update: &UpdateFields) -> Result<Applied, CallError> {
    let body = json!({ "fields": update.fields, "marker": call.context.marker });
    let written = patch(call, id, body, call.terms).await?;
    Ok(call.applied(id, &written.changes, written.version))
}

pub async fn look_fields(call: &Call<'_>, id: u64, update: &UpdateFields) -> Result<Look, CallError> {
    if let Some(found) = call.marked(id).await? {
        return Ok(Look::Applied(found));
    }
    // A write that found everything so already leaves no change and no marker.
    let ticket = call.api.ticket(id, call.terms.by).await.map_err(before_write)?;
    let holds = |(name, value): (&String, &String)| value == ticket.state.fields.get(name).map_or("", String::as_str);
    Ok(if update.fields.iter().all(holds) {
        Look::Applied(call.applied(id, &[], ticket.version))
    } else {
        Look::Absent
    })
}

/// The condition is judged on a reading, and the write is taken only where the ticket is still that version.
pub async fn status(call: &Call<'_>, id: u64, subject: &Subject, write: &StatusWrite) -> Result<Applied, CallError> {
    let before = call.api.ticket(id, call.terms.by).await.map_err(before_write)?;
    if let Some(revision) = &call.context.revision {
        super::revise::guard(&before, revision)?;
        if !revision.allows("status", &ContentHash::of_bytes(before.state.status.as_bytes())) {
            return Err(CallError::LeftAlone { rule: "changed-since" });
        }
    }
    if before.state.status == write.to {
        return Ok(call.applied(id, &[], before.version));
    }
    if let Some(condition) = &write.only_if {
        judge(condition, &before)?;
        if !condition.set_by.is_empty() {
            judge_origin(call, condition, &before, subject).await?;
        }
    }
    let terms = Terms { if_match: Some(before.version), ..call.terms };
    let body = json!({ "status": write.to, "marker": call.context.marker });
    let written = patch(call, id, body, terms).await?;
    Ok(call.applied(id, &written.changes, written.version))
}

/// By the marker, so that it is found also after somebody has moved the ticket on.
pub async fn look_status(call: &Call<'_>, id: u64, write: &StatusWrite) -> Result<Look, CallError> {
    if let Some(found) = call.marked(id).await? {
        return Ok(Look::Applied(found));
    }
    let ticket = call.api.ticket(id, call.terms.by).await.map_err(before_write)?;
    Ok(if ticket.state.status == write.to {
        Look::Applied(call.applied(id, &[], ticket.version))
    } else {
        Look::Absent
    })
}

pub async fn patch(call: &Call<'_>, id: u64, body: Value, terms: Terms) -> Result<Written, CallError> {
    let number = id.to_string();
    let sent = call.api.write(User::Sync, Method::PATCH, &["tickets", &number], body, terms).await;
    let written = sent.map_err(of_write)?;
    if written.ticket_id == id {
        return Ok(written);
    }
    Err(CallError::Unknown { reason: "the answer is about another ticket".into() })
}

/// Judges a condition of a command that does not move a status.
pub async fn holds(call: &Call<'_>, id: u64, condition: &OnlyIf) -> Result<(), CallError> {
    judge(condition, &call.api.ticket(id, call.terms.by).await.map_err(before_write)?)
}

fn judge(condition: &OnlyIf, ticket: &Ticket) -> Result<(), CallError> {
    let actual = match condition.field.as_str() {
        "status" => ticket.state.status.as_str(),
        field => ticket.state.fields.get(field).map_or("", String::as_str),
    };
    if condition.one_of.iter().any(|value| value == actual) {
        return Ok(());
    }
    Err(CallError::ConditionNotMet { actual: format!("{} is `{actual}`", condition.field) })
}

/// Is it still the status that the event told of? An event's id derives from the change that it tells of.
async fn judge_origin(
    call: &Call<'_>,
    condition: &OnlyIf,
    ticket: &Ticket,
    subject: &Subject,
) -> Result<(), CallError> {
    let newest = call.api.newest_move(ticket.id, call.terms.by).await.map_err(before_write)?;
    let told = newest.map(|change| {
        let (entity, change) = (ticket.id.to_string(), change.id.to_string());
        MessageId::of_event(call.api.system(), &entity, &change, subject).to_string()
    });
    if told.as_ref() == Some(&condition.set_by) {
        return Ok(());
    }
    Err(CallError::ConditionNotMet { actual: format!("status is `{}` by another change", ticket.state.status) })
}
