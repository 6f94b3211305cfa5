//! A link to the ticket of a case. RT keeps one link however often it is added, and lists it at the ticket.

use super::{applied, history};
use crate::api::Api;
use crate::error::{after_write, before_write, of_write};
use crate::http::User;
use crate::wire::Ticket;
use domain::document::LinkCase;
use domain::{Envelope, InternalCommand, PartnerId};
use ports::{Applied, CallError, Look};
use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

pub async fn apply(
    api: &Api,
    command: &Envelope<InternalCommand>,
    id: u64,
    link: &LinkCase,
    by: Instant,
) -> Result<Applied, CallError> {
    let case = case(api, command.meta.partner_id.as_ref(), link, by).await?;
    let before = history::ticket(api, User::Sync, id, by).await.map_err(before_write)?;
    if refers_to(&before, case) || case == id {
        return Ok(applied(id, [], before.version));
    }
    let path = format!("/ticket/{id}");
    let body = json!({ "AddRefersTo": case.to_string() });
    let answer = api.write(User::Sync, Method::PUT, &path, body, None, by).await.map_err(of_write)?;
    let after = api.ticket(User::Sync, id, by).await.map_err(after_write)?;
    let rows = history::own_rows_after(api, id, before.newest(), by).await.map_err(after_write)?;
    if refers_to(&after, case) {
        let ours = rows.iter().filter(|row| row.r#type == "AddLink");
        return Ok(applied(id, ours.map(|row| row.id), after.version));
    }
    // RT answers 200 to what it refuses.
    let said: String = String::from_utf8_lossy(&answer.body).chars().take(500).collect();
    Err(CallError::Refused { reason: "RT did not take the link".into(), detail: said })
}

pub async fn look(
    api: &Api,
    command: &Envelope<InternalCommand>,
    id: u64,
    link: &LinkCase,
    by: Instant,
) -> Result<Look, CallError> {
    let case = match case(api, command.meta.partner_id.as_ref(), link, by).await {
        Ok(case) => case,
        // Whatever is in the way now was not linked to.
        Err(CallError::LeftAlone { .. } | CallError::Refused { .. }) => return Ok(Look::Absent),
        Err(other) => return Err(other),
    };
    let ticket = history::ticket(api, User::Sync, id, by).await.map_err(before_write)?;
    let there = refers_to(&ticket, case);
    Ok(if there { Look::Applied(applied(id, [], ticket.version)) } else { Look::Absent })
}

/// The ticket of the case, where it has one: that of the command's own partner, and of nobody else.
async fn case(api: &Api, partner: Option<&PartnerId>, link: &LinkCase, by: Instant) -> Result<u64, CallError> {
    let hits = api.by_external_id(&link.case, by).await.map_err(before_write)?;
    let Some(found) = hits.first() else { return Err(CallError::LeftAlone { rule: "case-without-ticket" }) };
    let whose = found.value(&api.ready.partner_id_field);
    if partner.is_none_or(|partner| partner.as_str() != whose) {
        let reason = "the ticket of the case is another partner's".to_owned();
        return Err(CallError::Refused { reason, detail: String::new() });
    }
    Ok(found.id)
}

fn refers_to(ticket: &Ticket, case: u64) -> bool {
    ticket.links.iter().any(|link| link.kind == "refers-to" && link.id == case.to_string())
}
