//! A ticket for a subject: found by its external id, or made with it in the same request.

use super::Call;
use crate::error::{after_write, before_write, of_write};
use crate::feed::USE_CASE;
use crate::http::{Failure, User};
use domain::{Envelope, InternalCommand, Meta, UseCase, issue::CreateCase};
use ports::{Applied, CallError, Look};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Bytes that the case system takes as a title.
const TITLE: usize = 1024;

pub async fn apply(
    call: &Call<'_>,
    command: &Envelope<InternalCommand>,
    case: &CreateCase,
) -> Result<Applied, CallError> {
    let meta = &command.meta;
    // Also on the first attempt: the external id is no unique key there.
    if let Some(found) = find(call, meta.subject.as_str()).await.map_err(before_write)? {
        return Ok(found);
    }
    let body = body(call, command, case)?;
    let sent = call.api.write(User::Partner, Method::POST, &["tickets"], body, call.terms).await;
    let written = sent.map_err(of_write)?;
    let made = call.applied(written.ticket_id, &written.changes, written.version);
    // A second one can only come from another writer at the same moment; both then report the lower number. A search
    // that lags behind finds none yet: the answer to the write is proof enough.
    Ok(find(call, meta.subject.as_str()).await.map_err(after_write)?.unwrap_or(made))
}

pub async fn look(call: &Call<'_>, meta: &Meta) -> Result<Look, CallError> {
    let found = find(call, meta.subject.as_str()).await.map_err(before_write)?;
    Ok(found.map_or(Look::Absent, Look::Applied))
}

/// The ticket with this external id; of several the one with the lowest number, loudly.
async fn find(call: &Call<'_>, external: &str) -> Result<Option<Applied>, Failure> {
    let hits = call.api.by_external_id(external, call.terms.by).await?;
    let Some(first) = hits.first() else { return Ok(None) };
    if hits.len() > 1 {
        let others: Vec<u64> = hits[1..].iter().map(|t| t.id).collect();
        tracing::error!(ticket = first.id, ?others, "several tickets bear one external id; the lowest number is used");
    }
    let origin = call.api.origin(first.id, call.terms.by).await?;
    Ok(Some(call.applied(first.id, &origin, first.version)))
}

fn body(call: &Call<'_>, command: &Envelope<InternalCommand>, case: &CreateCase) -> Result<Value, CallError> {
    let meta = &command.meta;
    let title: String = case.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = title.len() <= TITLE;
    let description = if fits { case.description.clone() } else { format!("{title}\n\n{}", case.description) };
    let title = if fits { title } else { format!("{}…", head(&title, TITLE - '…'.len_utf8())) };
    let priority = super::revise::priority(&case.priority)?;
    let fields = case.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut fields: BTreeMap<_, _> = fields.filter(|(name, _)| *name != "Owner").collect();
    // Last: no field of a bundle takes its place. An issue needs none: it is what a ticket without is.
    match command.payload.use_case() {
        UseCase::Issue => {}
        other @ (UseCase::Discrepancy | UseCase::Document | UseCase::Onboarding) => {
            fields.insert(USE_CASE, other.as_str());
        }
    }
    Ok(json!({
        "queue": case.route,
        "title": title,
        "description": description,
        "status": case.status,
        "priority": priority,
        "owner": case.fields.get("Owner").map_or("", String::as_str),
        "external_id": meta.subject.as_str(),
        "partner_id": meta.partner_id.as_ref().map_or("", |p| p.as_str()),
        "fields": fields,
        "marker": call.context.marker,
    }))
}

/// The longest beginning of at most `bytes` that ends between two characters.
fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
