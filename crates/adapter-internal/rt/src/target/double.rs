//! A second ticket of one subject. RT goes on with a create whose caller has gone, and neither a unique field nor
//! `If-Match` is atomic there: what cannot be prevented is found later, and closed.
//!
//! RT leaves the external id out of a ticket where another one bears it already, so such a ticket is known by its author,
//! its partner and its title.

use super::create::title;
use super::message::{self, Message};
use crate::api::Api;
use crate::error::{before_write, of_write};
use crate::http::User;
use crate::query;
use crate::wire::Ticket;
use domain::Meta;
use domain::issue::CreateCase;
use ports::{CallError, Doubles};
use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

/// Where a double ends: inactive, and never shown to a partner, because nothing ties the ticket to a subject any more.
const CLOSED: &str = "rejected";

/// RT's own hand.
const SYSTEM: &str = "RT_System";

pub async fn close(api: &Api, meta: &Meta, case: &CreateCase, kept: u64, by: Instant) -> Result<Doubles, CallError> {
    let mut found = Doubles::default();
    for double in find(api, meta, case, kept, by).await? {
        let marker = format!("double.{kept}.{}", double.id);
        let told = matches!(message::look(api, double.id, &marker, by).await?, ports::Look::Applied(_));
        let untouched = is_untouched(api, double.id, by).await?;
        if !told {
            let text = format!(
                "This is a second ticket of {}; #{kept} is the one that counts. It was made by a request that took effect \
                 after its sender had given it up.{}",
                meta.subject,
                if untouched { "" } else { " Somebody has worked on it: please merge it by hand." }
            );
            message::apply(api, double.id, &Message::inside(&text, &marker), None, by).await?;
        }
        if !untouched {
            found.left += usize::from(!told);
            continue;
        }
        // First the tie, then the status: the feed must not report the end of this ticket as the end of the case.
        let path = format!("/ticket/{}", double.id);
        let untie = json!({ "CustomFields": { &api.ready.external_id_field: null } });
        for body in [untie, json!({ "Status": CLOSED })] {
            api.write(User::Sync, Method::PUT, &path, body, None, by).await.map_err(of_write)?;
        }
        found.closed += 1;
    }
    Ok(found)
}

async fn find(api: &Api, meta: &Meta, case: &CreateCase, kept: u64, by: Instant) -> Result<Vec<Ticket>, CallError> {
    let ready = &api.ready;
    let mut found = api.by_external_id(meta.subject.as_str(), by).await.map_err(before_write)?;
    if let Some(partner) = &meta.partner_id {
        let sql = format!(
            "id > {kept} AND Creator = {} AND Status != '{CLOSED}' AND {} AND Subject = {}",
            query::quoted(&ready.partner_user),
            query::by_field(&ready.partner_id_field, partner.as_str()),
            query::quoted(&title(case).0),
        );
        let alike = api.tickets(&sql, by).await.map_err(before_write)?;
        found.extend(alike.into_iter().filter(|ticket| ticket.value(&ready.external_id_field).is_empty()));
    }
    found.retain(|ticket| ticket.id != kept);
    Ok(found)
}

/// Nobody but us and RT itself has left a trace.
async fn is_untouched(api: &Api, ticket: u64, by: Instant) -> Result<bool, CallError> {
    let rows = api.rows(&query::rows_of(ticket), by).await.map_err(before_write)?.0;
    let ours = [api.ready.sync_user.as_str(), api.ready.partner_user.as_str(), SYSTEM];
    Ok(rows.iter().all(|row| ours.contains(&row.creator.id.as_str())))
}
