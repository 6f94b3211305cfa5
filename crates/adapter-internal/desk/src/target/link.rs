//! A link to the ticket of a case, with our marker in it.

use super::Call;
use crate::error::{before_write, of_write};
use crate::http::User;
use domain::document::LinkCase;
use domain::{Envelope, InternalCommand};
use ports::{Applied, CallError};
use reqwest::Method;
use serde_json::json;

pub async fn apply(
    call: &Call<'_>,
    command: &Envelope<InternalCommand>,
    id: u64,
    link: &LinkCase,
) -> Result<Applied, CallError> {
    let hits = call.api.by_external_id(&link.case, call.terms.by).await.map_err(before_write)?;
    let Some(case) = hits.first() else { return Err(CallError::LeftAlone { rule: "case-without-ticket" }) };
    // To the ticket of the command's own partner, and of nobody else.
    if command.meta.partner_id.as_ref().is_none_or(|partner| partner.as_str() != case.state.partner_id) {
        let reason = "the ticket of the case is another partner's".to_owned();
        return Err(CallError::Refused { reason, detail: String::new() });
    }
    let (number, to) = (id.to_string(), case.id.to_string());
    let before = call.api.ticket(id, call.terms.by).await.map_err(before_write)?;
    if before.links.iter().any(|link| link.relation == RELATION && link.to == to) {
        return Ok(call.applied(id, &[], before.version));
    }
    let body = json!({ "relation": RELATION, "to": to, "marker": call.context.marker });
    let sent = call.api.write(User::Sync, Method::POST, &["tickets", &number, "links"], body, call.terms).await;
    let written = sent.map_err(of_write)?;
    if written.ticket_id == id {
        return Ok(call.applied(id, &written.changes, written.version));
    }
    Err(CallError::Unknown { reason: "the answer is about another ticket".into() })
}

const RELATION: &str = "refers-to";
