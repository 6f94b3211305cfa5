//! Custom fields by name. RT answers 200 and `[]` to a field it does not know, and sets the others: each is read back.

use super::{applied, clean, history};
use crate::api::Api;
use crate::error::{after_write, before_write, of_write};
use crate::http::User;
use crate::wire::{Row, Ticket};
use domain::issue::UpdateFields;
use ports::{Applied, CallError, Look};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

pub async fn apply(api: &Api, id: u64, update: &UpdateFields, by: Instant) -> Result<Applied, CallError> {
    let ready = &api.ready;
    let tied = [&ready.external_id_field, &ready.partner_id_field, &ready.use_case_field];
    if update.fields.keys().any(|name| tied.contains(&name)) {
        return Err(CallError::Refused {
            reason: "the fields that tie a ticket to its subject are never rewritten".into(),
            detail: String::new(),
        });
    }
    let before = history::ticket(api, User::Sync, id, by).await.map_err(before_write)?;
    // A field RT does not know is refused before anything is set: half an update is harder to see than none.
    let unknown: Vec<&str> = update.fields.keys().map(String::as_str).filter(|n| before.field(n).is_none()).collect();
    if !unknown.is_empty() {
        return Err(refused("the ticket's queue does not have these fields", &unknown));
    }
    if missing(update, &before, &[]).is_empty() {
        return Ok(applied(id, [], before.version));
    }
    let mut fields = Map::new();
    for (name, value) in &update.fields {
        // An empty text would be stored as a value of its own in a field with many.
        fields.insert(name.clone(), if value.is_empty() { Value::Null } else { json!(clean(value)) });
    }
    let path = format!("/ticket/{id}");
    api.write(User::Sync, Method::PUT, &path, json!({ "CustomFields": fields }), None, by).await.map_err(of_write)?;
    let after = api.ticket(User::Sync, id, by).await.map_err(after_write)?;
    let rows = history::own_rows_after(api, id, before.newest(), by).await.map_err(after_write)?;
    let ours: Vec<&Row> = rows.iter().filter(|row| is_ours(row, update, &after)).collect();
    let missing = missing(update, &after, &ours);
    if missing.is_empty() {
        Ok(applied(id, ours.iter().map(|r| r.id), after.version))
    } else {
        Err(refused("RT did not take these fields", &missing))
    }
}

pub async fn look(api: &Api, id: u64, update: &UpdateFields, by: Instant) -> Result<Look, CallError> {
    let ticket = history::ticket(api, User::Sync, id, by).await.map_err(before_write)?;
    if !missing(update, &ticket, &[]).is_empty() {
        return Ok(Look::Absent);
    }
    let sql = format!(
        "{} AND Type = 'CustomField' AND Creator = {}",
        crate::query::rows_of(id),
        crate::query::quoted(&api.ready.sync_user)
    );
    let (rows, _) = api.newest_rows(&sql, "100", by).await.map_err(before_write)?;
    // Newest first: the first row of each field is the one that gave it its value of now.
    let mut seen: Vec<&str> = Vec::new();
    let mut effects = Vec::new();
    for row in &rows {
        if !seen.contains(&row.field.as_str()) {
            seen.push(&row.field);
            effects.extend(is_ours(row, update, &ticket).then_some(row.id));
        }
    }
    Ok(Look::Applied(applied(id, effects, ticket.version)))
}

/// Fields that neither hold the value nor were given it by one of `rows`, after which somebody else may have changed it.
fn missing<'a>(update: &'a UpdateFields, ticket: &Ticket, rows: &[&Row]) -> Vec<&'a str> {
    let holds = |name: &str, value: &str| {
        let Some(field) = ticket.field(name) else { return false };
        let mut texts = field.texts();
        let (first, second) = (texts.next(), texts.next());
        let now = second.is_none() && first.unwrap_or_default() == clean(value);
        now || rows.iter().any(|row| row.field == field.id && row.new_value == clean(value))
    };
    update.fields.iter().filter(|(name, value)| !holds(name, value)).map(|(name, _)| name.as_str()).collect()
}

/// A row that gives one of the fields our value, or takes an older value away to make room for it.
fn is_ours(row: &Row, update: &UpdateFields, ticket: &Ticket) -> bool {
    row.r#type == "CustomField"
        && update.fields.iter().any(|(name, value)| {
            ticket.field(name).is_some_and(|f| f.id == row.field)
                && (row.new_value == clean(value) || row.new_value.is_empty())
        })
}

fn refused(reason: &str, fields: &[&str]) -> CallError {
    CallError::Refused { reason: reason.into(), detail: fields.join(", ") }
}
