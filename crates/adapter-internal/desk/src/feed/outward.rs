//! Documents of the house's own, which agents share by a custom field: tickets without a subject of the community's, told
//! from the first gesture on. The history says when that was; it does not change, so every reading says the same.

use super::row::{self, Told, UNLIKE, USE_CASE, claim, heard, malformed, skipped};
use crate::api::Api;
use crate::http::Failure;
use crate::wire::Change as Row;
use domain::document::outward::{SHARE, Standing, says};
use domain::{InternalEvent, Visibility};
use ports::News;
use serde_json::Value;

/// May it be one? What bears a subject is somebody's case.
fn may_be(row: &Row) -> bool {
    let state = &row.ticket;
    let use_case = state.fields.get(USE_CASE).map_or("", String::as_str);
    state.external_id.is_empty() && !state.partner_id.is_empty() && ["", "document"].contains(&use_case)
}

fn is_gesture(row: &Row) -> bool {
    let text = |name: &str| row.payload.get(name).and_then(Value::as_str).unwrap_or_default();
    row.kind == "field-changed" && text("field") == SHARE && !text("to").trim().is_empty()
}

/// How the ticket of a row stands at it; `None` where it is nobody's but the house's, and will be until a gesture.
pub async fn standing(api: &Api, row: &Row) -> Result<Option<Standing>, Failure> {
    if !may_be(row) {
        return Ok(None);
    }
    let history = api.history_before(row.ticket_id, row.id).await?;
    if is_gesture(row) {
        // What its partner sent stands there in the partner's voice.
        let replies = history.iter().rev().filter(|one| one.kind == "replied" && !api.is_ours(&one.author.name));
        let files = replies.filter_map(row::message).map(|said| said.files).find(|files| !files.is_empty());
        let files = files.unwrap_or_default().into_iter().map(claim).collect();
        return Ok(Some(Standing::Gesture(files)));
    }
    Ok(history.iter().any(is_gesture).then_some(Standing::Shared))
}

pub fn told(row: &Row, standing: Standing, value: &Value) -> Told {
    match heard(row) {
        Ok(Some((event, _, field))) => match says(event, standing) {
            Ok((event, visibility)) => (News::Event(InternalEvent::Document(event)), visibility, field),
            Err(rule) => skipped(rule),
        },
        Ok(None) => (malformed(value, UNLIKE), Visibility::Host, None),
        Err(rule) => skipped(rule),
    }
}
