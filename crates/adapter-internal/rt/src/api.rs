//! The calls we make, each once and by name.

use crate::config::Ready;
use crate::http::{Answer, Client, Failure, Request, User};
use crate::query;
use crate::wire::{About, Attachment, Collection, Queue, Row, Ticket, UserRecord};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

/// RT cuts a page at this many rows, whatever it is asked for.
pub const PAGE: usize = 100;
const ROW_FIELDS: &str = "Type,Field,OldValue,NewValue,Creator,Created,ObjectId,Data";
const TICKET_FIELDS: &str = "Subject,Status,Priority,Queue,Owner,Due,CustomFields";

/// What a command leaves in the subject of a message. RT copies the subject into the transaction's own row, so that
/// the message and its marker are there together or not at all.
pub fn marked_subject(marker: &str) -> String {
    format!("causeway:{marker}")
}

/// The marker of a row, only where the whole subject is ours: "Re: causeway:..." is somebody's answer to it.
pub fn marker_of(row: &Row) -> Option<&str> {
    row.data.strip_suffix('\n').unwrap_or(&row.data).strip_prefix("causeway:").filter(|m| !m.is_empty())
}

pub struct Api {
    pub client: Client,
    pub ready: Ready,
}

impl Api {
    pub fn new(ready: Ready) -> Result<Self, String> {
        Ok(Self { client: Client::new(&ready)?, ready })
    }

    pub fn deadline(&self, limit: std::time::Duration) -> Instant {
        self.client.deadline(limit)
    }

    pub fn default_deadline(&self) -> Instant {
        self.client.deadline(self.ready.timeout)
    }

    async fn read<T: DeserializeOwned>(&self, request: Request<'_>, by: Instant) -> Result<(T, Answer), Failure> {
        let answer = self.client.send(request, by).await?;
        let value = serde_json::from_slice(&answer.body)
            .map_err(|e| Failure::Unusable(format!("not the JSON we expect ({:?} at {})", e.classify(), e.column())))?;
        Ok((value, answer))
    }

    /// `id` of a merged ticket gives the one it was merged into: compare.
    pub async fn ticket(&self, user: User, id: u64, by: Instant) -> Result<Ticket, Failure> {
        let path = format!("/ticket/{id}");
        let request = Request { user, ..Request::get(&path, &[("fields[Queue]", "Name")]) };
        let (mut ticket, answer): (Ticket, _) = self.read(request, by).await?;
        ticket.version = answer.etag.trim_matches('"').to_owned();
        Ok(ticket)
    }

    /// Tickets found by a search: no deleted ones, no merged ones, at most [`PAGE`].
    pub async fn tickets(&self, sql: &str, by: Instant) -> Result<Vec<Ticket>, Failure> {
        let query = [
            ("query", sql),
            ("fields", TICKET_FIELDS),
            ("fields[Queue]", "Name"),
            ("orderby", "id"),
            ("order", "ASC"),
            ("per_page", "100"),
        ];
        Ok(self.read::<Collection<_>>(Request::get("/tickets", &query), by).await?.0.items)
    }

    /// The tickets with exactly this external id, lowest first. RT's search ignores case, so every hit is compared.
    pub async fn by_external_id(&self, external: &str, by: Instant) -> Result<Vec<Ticket>, Failure> {
        let field = &self.ready.external_id_field;
        let mut hits = self.tickets(&query::by_field(field, external), by).await?;
        hits.retain(|t| t.value(field) == external);
        hits.sort_by_key(|t| t.id);
        Ok(hits)
    }

    /// Rows by ascending id, and the server's clock when the request began.
    pub async fn rows(&self, sql: &str, by: Instant) -> Result<(Vec<Row>, Option<i64>), Failure> {
        self.rows_ordered(sql, "ASC", "100", by).await
    }

    pub async fn newest_rows(&self, sql: &str, count: &str, by: Instant) -> Result<(Vec<Row>, Option<i64>), Failure> {
        self.rows_ordered(sql, "DESC", count, by).await
    }

    async fn rows_ordered(
        &self,
        sql: &str,
        order: &str,
        count: &str,
        by: Instant,
    ) -> Result<(Vec<Row>, Option<i64>), Failure> {
        let query = [("query", sql), ("orderby", "id"), ("order", order), ("per_page", count), ("fields", ROW_FIELDS)];
        let (page, answer): (Collection<Row>, _) = self.read(Request::get("/transactions", &query), by).await?;
        Ok((page.items, answer.began))
    }

    /// What a message consists of, without its bytes.
    pub async fn parts(&self, row: u64, by: Instant) -> Result<Vec<Attachment>, Failure> {
        let path = format!("/transaction/{row}/attachments");
        let query = [("fields", "ContentType,ContentLength,Filename"), ("per_page", "100")];
        Ok(self.read::<Collection<_>>(Request::get(&path, &query), by).await?.0.items)
    }

    pub async fn part(&self, id: u64, by: Instant) -> Result<Attachment, Failure> {
        Ok(self.read(Request::get(&format!("/attachment/{id}"), &[]), by).await?.0)
    }

    pub async fn user_name(&self, id: &str, by: Instant) -> Result<String, Failure> {
        Ok(self.read::<UserRecord>(Request::get(&format!("/user/{id}"), &[]), by).await?.0.name)
    }

    pub async fn queue(&self, user: User, name: &str, by: Instant) -> Result<Queue, Failure> {
        let path = format!("/queue/{}", segment(name));
        Ok(self.read(Request { user, ..Request::get(&path, &[]) }, by).await?.0)
    }

    pub async fn about(&self, user: User, by: Instant) -> Result<About, Failure> {
        Ok(self.read(Request { user, ..Request::get("/rt", &[]) }, by).await?.0)
    }

    /// Changes something. The body of the answer is RT's words, for a `detail` only.
    pub async fn write(
        &self,
        user: User,
        method: Method,
        path: &str,
        body: Value,
        if_match: Option<&str>,
        by: Instant,
    ) -> Result<Answer, Failure> {
        self.client.send(Request { user, method, path, query: &[], body: Some(body), if_match }, by).await
    }
}

/// One path segment, percent-encoded.
fn segment(name: &str) -> String {
    use std::fmt::Write;
    name.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}

/// The number at the end of a `Location`.
pub fn id_of(location: &str) -> Option<u64> {
    location.rsplit('/').next()?.parse().ok()
}
