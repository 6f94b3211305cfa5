//! One attempt at one request: bounded in time, size and number; no retries, no redirects, no proxy.

mod content;
mod files;

use crate::config::Ready;
use bytes::{Bytes, BytesMut};
use ports::Secret;
use reqwest::header::{AUTHORIZATION, DATE, ETAG, IF_MATCH, LOCATION, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// An answer larger than this is not read to its end.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Which of the two service users asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    Sync,
    Partner,
}

pub struct Request<'a> {
    pub user: User,
    pub method: Method,
    /// Below `/REST/2.0`.
    pub path: &'a str,
    pub query: &'a [(&'a str, &'a str)],
    pub body: Option<Value>,
    pub if_match: Option<&'a str>,
}

impl<'a> Request<'a> {
    pub const fn get(path: &'a str, query: &'a [(&'a str, &'a str)]) -> Self {
        Self { user: User::Sync, method: Method::GET, path, query, body: None, if_match: None }
    }
}

/// A 2xx answer.
#[derive(Debug)]
pub struct Answer {
    pub etag: String,
    pub location: String,
    /// The server's clock when the request *began*, as well as it can be told: seconds since 1970.
    pub began: Option<i64>,
    pub body: Bytes,
}

/// Why there was none. Holds no payload: RT's own words only where a caller puts them into a `detail`.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing was sent.
    #[error("{0}")]
    NotSent(String),
    /// It was sent, or may have been.
    #[error("{0}")]
    Unclear(String),
    #[error("answered {status}")]
    Status { status: u16, message: String, retry_after: Option<Duration> },
    /// The ticket was put into this other one.
    #[error("merged into {0}")]
    Merged(u64),
    /// A 2xx answer that cannot be used.
    #[error("unusable answer: {0}")]
    Unusable(String),
}

pub struct Client {
    http: reqwest::Client,
    slots: Arc<Semaphore>,
    base: String,
    sync: Secret,
    partner: Secret,
    timeout: Duration,
}

impl Client {
    /// Keeps no idle connection: each would hold one of RT's workers while it idles, and with fewer workers than kept
    /// connections every call waits for its timeout. Nor can a request be written into a connection that RT has just
    /// closed (Starman does after one idle second). A connect costs little beside RT's own 30 to 100 ms.
    ///
    /// Fails only where the TLS or resolver back end cannot be set up.
    pub fn new(ready: &Ready) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .http1_only()
            .pool_max_idle_per_host(0)
            .connect_timeout(Duration::from_secs(5))
            .user_agent(concat!("causeway/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self {
            http,
            slots: Arc::new(Semaphore::new(ready.max_connections)),
            base: ready.base.clone(),
            sync: ready.sync_token.clone(),
            partner: ready.partner_token.clone(),
            timeout: ready.timeout,
        })
    }

    /// The moment by which a call that may take `limit` must have ended.
    pub fn deadline(&self, limit: Duration) -> Instant {
        Instant::now() + limit.min(self.timeout)
    }

    pub async fn send(&self, request: Request<'_>, deadline: Instant) -> Result<Answer, Failure> {
        let (builder, _slot) = self.prepare(request.user, request.method, request.path, deadline).await?;
        let mut builder = builder.query(request.query);
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        if let Some(version) = request.if_match {
            builder = builder.header(IF_MATCH, version);
        }
        let started = Instant::now();
        let response = builder.send().await.map_err(sending_failed)?;
        Self::whole(response, started).await
    }

    /// A connection and what every request over it carries.
    async fn prepare(
        &self,
        user: User,
        method: Method,
        path: &str,
        deadline: Instant,
    ) -> Result<(RequestBuilder, OwnedSemaphorePermit), Failure> {
        let Ok(slot) = tokio::time::timeout_at(deadline, self.slots.clone().acquire_owned()).await else {
            return Err(Failure::NotSent("no free connection in time".into()));
        };
        let slot = slot.map_err(|_| Failure::NotSent("client is closed".into()))?;
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::NotSent("no time left".into()));
        }
        let token = match user {
            User::Sync => &self.sync,
            User::Partner => &self.partner,
        };
        let builder = self.http.request(method, format!("{}{path}", self.base));
        Ok((builder.header(AUTHORIZATION, format!("token {}", token.expose())).timeout(left), slot))
    }

    async fn whole(response: Response, started: Instant) -> Result<Answer, Failure> {
        let status = response.status();
        let head = |name| response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let (etag, location, date, retry) = (head(ETAG), head(LOCATION), head(DATE), head(RETRY_AFTER));
        let body = read_bounded(response).await;
        if !status.is_success() {
            return Err(refused(status, &body.unwrap_or_default(), &retry));
        }
        // RT stamps `Date` when it answers; what the query saw may be as old as the whole request.
        let took = i64::try_from(started.elapsed().as_millis().div_ceil(1000)).unwrap_or(i64::MAX);
        let began = crate::time::of_http(&date).map(|at| at.saturating_sub(took));
        Ok(Answer { etag, location, began, body: body? })
    }
}

fn sending_failed(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    if error.is_connect() || error.is_builder() { Failure::NotSent(text) } else { Failure::Unclear(text) }
}

async fn read_bounded(mut response: reqwest::Response) -> Result<Bytes, Failure> {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_BODY => {
                return Err(Failure::Unusable(format!("longer than {MAX_BODY} bytes")));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body.freeze()),
            Err(error) => return Err(Failure::Unclear(error.without_url().to_string())),
        }
    }
}

fn refused(status: StatusCode, body: &[u8], retry_after: &str) -> Failure {
    let message = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|v| v.get("message").and_then(Value::as_str).map(|m| m.chars().take(500).collect()))
        .unwrap_or_default();
    let retry_after = retry_after.trim().parse().ok().map(|s: u64| Duration::from_secs(s.min(3600)));
    Failure::Status { status: status.as_u16(), message, retry_after }
}
