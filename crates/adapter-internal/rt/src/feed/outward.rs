//! Documents of the house's own, which agents share by a custom field: tickets without a subject of the community's, told
//! from the first gesture on. The history says when that was; it does not change, so every reading says the same.

use super::record::Known;
use super::row::{Extra, Heard, Told, claim, heard, malformed, skipped};
use super::text;
use crate::api::Api;
use crate::config::Ready;
use crate::http::Failure;
use crate::query;
use crate::wire::{Attachment, Row, Ticket};
use domain::InternalEvent;
use domain::document::outward::{SHARE, Standing, says};
use ports::News;

/// Replies that are looked at for a file, the newest first.
const REPLIES: usize = 30;

/// May it be one? The field is in every queue of ours; what bears a subject is somebody's case.
fn may_be(ready: &Ready, ticket: &Ticket) -> bool {
    ticket.value(&ready.external_id_field).is_empty()
        && !ticket.value(&ready.partner_id_field).is_empty()
        && ["", "document"].contains(&ticket.value(&ready.use_case_field))
}

/// The row of the first gesture; `None` where there is none, and the ticket is nobody's but the house's.
pub async fn first_gesture(api: &Api, ticket: &Ticket) -> Result<Option<u64>, Failure> {
    let Some(field) = ticket.field(SHARE).filter(|_| may_be(&api.ready, ticket)) else { return Ok(None) };
    let of_field = query::quoted(&field.id);
    let sql = format!("{} AND Type = 'CustomField' AND Field = {of_field}", query::rows_of(ticket.id));
    let (rows, _) = api.rows(&sql, api.default_deadline()).await?;
    Ok(rows.iter().find(|row| is_gesture(row, &field.id)).map(|row| row.id))
}

fn is_gesture(row: &Row, field: &str) -> bool {
    row.r#type == "CustomField" && row.field == field && !row.new_value.trim().is_empty()
}

/// The row shares a version of this ticket.
pub fn shares(row: &Row, known: &Known) -> bool {
    known.outward.is_some() && known.ticket.field(SHARE).is_some_and(|field| is_gesture(row, &field.id))
}

/// The files of the newest public reply of an agent before the row that brought any.
pub async fn files(api: &Api, row: &Row) -> Result<Vec<Attachment>, Failure> {
    let sql = format!("{} AND Type = 'Correspond' AND id < {}", query::rows_of(row.object_id), row.id);
    let (rows, _) = api.newest_rows(&sql, "100", api.default_deadline()).await?;
    let ours = [&api.ready.sync_user, &api.ready.partner_user];
    // What its partner sent stands there in the partner's voice.
    for reply in rows.iter().filter(|reply| !ours.contains(&&reply.creator.id)).take(REPLIES) {
        let files = text::files(api, reply.id).await?;
        if !files.is_empty() {
            return Ok(files);
        }
    }
    Ok(Vec::new())
}

pub fn told(row: &Row, known: &Known, extra: Extra) -> Told {
    let first = known.outward.unwrap_or(u64::MAX);
    if row.id < first {
        return skipped("before-sharing");
    }
    let (standing, extra) = match extra {
        Extra::Gesture(files) => (Standing::Gesture(files.into_iter().map(claim).collect()), Extra::Nothing),
        other @ (Extra::Nothing | Extra::Text(..) | Extra::Owner(_)) => (Standing::Shared, other),
    };
    match heard(row, known, extra) {
        Heard::Event(event, _, field) => match says(event, standing) {
            Ok((event, visibility)) => (News::Event(InternalEvent::Document(event)), visibility, field),
            Err(rule) => skipped(rule),
        },
        Heard::Skipped(rule) => skipped(rule),
        Heard::Malformed(reason) => malformed(row, reason),
    }
}
