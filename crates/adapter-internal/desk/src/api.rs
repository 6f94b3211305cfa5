//! The calls we make, each once and by name.

use crate::config::Ready;
use crate::http::{Client, Failure, Request, Terms, User};
use crate::wire::{Change, CursorNow, History, Page, Setup, Ticket, Tickets, Written};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// Kinds of changes that give a ticket its status.
const MOVES: [&str; 3] = ["created", "status-changed", "asked"];

pub struct Api {
    pub client: Client,
    pub ready: Ready,
}

impl Api {
    pub fn new(ready: Ready) -> Result<Self, String> {
        Ok(Self { client: Client::new(&ready)?, ready })
    }

    pub fn deadline(&self, limit: Duration) -> Instant {
        self.client.deadline(limit)
    }

    pub fn soon(&self) -> Instant {
        self.client.deadline(self.ready.timeout)
    }

    async fn answer<T: DeserializeOwned>(&self, request: Request<'_>, by: Instant) -> Result<T, Failure> {
        let body = self.client.send(request, by).await?;
        serde_json::from_slice(&body).map_err(|_| Failure::Unusable("not the JSON we expect"))
    }

    async fn read<T: DeserializeOwned>(
        &self,
        user: User,
        segments: &[&str],
        query: &[(&str, &str)],
        by: Instant,
    ) -> Result<T, Failure> {
        let request = Request { user, method: Method::GET, segments, query, body: None, terms: None };
        self.answer(request, by).await
    }

    pub async fn ticket(&self, id: u64, by: Instant) -> Result<Ticket, Failure> {
        self.read(User::Sync, &["tickets", &id.to_string()], &[], by).await
    }

    /// The tickets with exactly this external id, lowest first. The search may lag behind.
    pub async fn by_external_id(&self, external: &str, by: Instant) -> Result<Vec<Ticket>, Failure> {
        let query = [("external_id", external), ("limit", "500")];
        let mut hits = self.read::<Tickets>(User::Sync, &["tickets"], &query, by).await?.tickets;
        hits.retain(|ticket| ticket.state.external_id == external);
        hits.sort_by_key(|ticket| ticket.id);
        Ok(hits)
    }

    /// The first change of a ticket: the one that made it.
    pub async fn origin(&self, ticket: u64, by: Instant) -> Result<Vec<Change>, Failure> {
        let (id, query) = (ticket.to_string(), [("limit", "1")]);
        Ok(self.read::<History>(User::Sync, &["tickets", &id, "history"], &query, by).await?.changes)
    }

    /// The changes of a ticket before this one, in their order.
    pub async fn history_before(&self, ticket: u64, change: u64) -> Result<Vec<Change>, Failure> {
        let id = ticket.to_string();
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let after_text = after.to_string();
            let query = [("after", after_text.as_str()), ("limit", "500")];
            let page =
                self.read::<History>(User::Sync, &["tickets", &id, "history"], &query, self.soon()).await?.changes;
            let Some(last) = page.last().map(|change| change.id).filter(|last| *last > after) else { return Ok(all) };
            after = last;
            all.extend(page.into_iter().filter(|one| one.id < change));
        }
    }

    /// The changes of a ticket that bear the marker, by whomever. Never lags behind.
    pub async fn marked(&self, ticket: u64, marker: &str, by: Instant) -> Result<Vec<Change>, Failure> {
        let (id, query) = (ticket.to_string(), [("marker", marker)]);
        let mut changes = self.read::<History>(User::Sync, &["tickets", &id, "history"], &query, by).await?.changes;
        changes.retain(|change| change.marker == marker && !marker.is_empty());
        Ok(changes)
    }

    pub const fn system(&self) -> &domain::SystemId {
        &self.ready.system
    }

    /// The last change of a ticket that gave it a status.
    pub async fn newest_move(&self, ticket: u64, by: Instant) -> Result<Option<Change>, Failure> {
        let id = ticket.to_string();
        let (mut newest, mut after) = (None, 0);
        loop {
            let after_text = after.to_string();
            let query = [("after", after_text.as_str()), ("limit", "500")];
            let page = self.read::<History>(User::Sync, &["tickets", &id, "history"], &query, by).await?.changes;
            let Some(last) = page.last().map(|change| change.id).filter(|last| *last > after) else {
                return Ok(newest);
            };
            after = last;
            newest = page.into_iter().rfind(|change| MOVES.contains(&change.kind.as_str())).or(newest);
        }
    }

    /// Changes something: the one request of a call that does.
    pub async fn write(
        &self,
        user: User,
        method: Method,
        segments: &[&str],
        body: Value,
        terms: Terms,
    ) -> Result<Written, Failure> {
        let request = Request { user, method, segments, query: &[], body: Some(body), terms: Some(terms) };
        self.answer(request, terms.by).await
    }

    /// Our own changes among these, by id. What the case system does by itself in answer is news, not ours.
    pub fn ours<'a>(&'a self, changes: &'a [Change]) -> impl Iterator<Item = &'a Change> {
        changes.iter().filter(|c| self.is_ours(&c.author.name))
    }

    pub fn is_ours(&self, name: &str) -> bool {
        name == self.ready.sync_user || name == self.ready.partner_user
    }

    pub async fn cursor(&self) -> Result<CursorNow, Failure> {
        self.read(User::Sync, &["cursor"], &[], self.soon()).await
    }

    pub async fn changes(&self, after: &str) -> Result<Page, Failure> {
        let limit = self.ready.page_size.to_string();
        self.read(User::Sync, &["changes"], &[("after", after), ("limit", &limit)], self.soon()).await
    }

    pub async fn change(&self, id: &str) -> Result<Value, Failure> {
        self.read(User::Sync, &["changes", id], &[], self.soon()).await
    }

    pub async fn setup(&self, user: User) -> Result<Setup, Failure> {
        self.read(user, &["setup"], &[], self.soon()).await
    }
}
