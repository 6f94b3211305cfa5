//! Which transactions a write of ours made. RT does not say, so its history is read after the write.

use crate::api::Api;
use crate::http::{Failure, User};
use crate::query;
use crate::wire::{Row, Ticket};
use tokio::time::Instant;

/// The ticket itself. A merged one answers under the number of the winner, whose partner may be another one: nothing that
/// was meant for the first is ever written there.
pub async fn ticket(api: &Api, user: User, id: u64, by: Instant) -> Result<Ticket, Failure> {
    let ticket = api.ticket(user, id, by).await?;
    if ticket.id == id {
        return Ok(ticket);
    }
    Err(Failure::Merged(ticket.id))
}

/// Rows that the sync user made after `version`, ascending. More than a page of them is nobody's single write.
pub async fn own_rows_after(api: &Api, ticket: u64, version: u64, by: Instant) -> Result<Vec<Row>, Failure> {
    let sql =
        format!("{} AND id > {version} AND Creator = {}", query::rows_of(ticket), query::quoted(&api.ready.sync_user));
    Ok(api.rows(&sql, by).await?.0)
}

/// The newest rows that the sync user made, newest first.
pub async fn own_rows(api: &Api, ticket: u64, by: Instant) -> Result<Vec<Row>, Failure> {
    let sql = format!("{} AND Creator = {}", query::rows_of(ticket), query::quoted(&api.ready.sync_user));
    Ok(api.newest_rows(&sql, "100", by).await?.0)
}
