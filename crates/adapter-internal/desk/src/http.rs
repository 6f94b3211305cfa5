//! One attempt at one request: bounded in time, size and number; no retries, no redirects, no proxy.

mod files;

use crate::config::Ready;
use bytes::{Bytes, BytesMut};
use domain::Timestamp;
use ports::Secret;
use reqwest::header::{AUTHORIZATION, IF_MATCH, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// An answer larger than this is not read to its end; the interface promises pages below 1 MiB.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// Which of the two service users asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    Sync,
    Partner,
}

/// What a write carries beside its body.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub by: Instant,
    /// After it the case system refuses to begin the write.
    pub not_after: Timestamp,
    /// The ticket's version that the write was decided on.
    pub if_match: Option<u64>,
}

pub struct Request<'a> {
    pub user: User,
    pub method: Method,
    /// Below `/v1`, each escaped, so that an id cannot change the path.
    pub segments: &'a [&'a str],
    pub query: &'a [(&'a str, &'a str)],
    pub body: Option<Value>,
    pub terms: Option<Terms>,
}

/// Why there was no usable answer. Holds no payload: the case system's words only where a caller puts them into a
/// `detail`.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing was sent.
    #[error("{0}")]
    NotSent(&'static str),
    /// It was sent, or may have been.
    #[error("{0}")]
    Unclear(&'static str),
    /// `code` is the stable word of the problem, empty where something else than the case system answered.
    #[error("answered {status} {code}")]
    Status { status: u16, code: String, detail: String, retry_after: Option<Duration> },
    /// A success that cannot be used.
    #[error("unusable answer: {0}")]
    Unusable(&'static str),
    #[error("{0}")]
    Misconfigured(&'static str),
}

pub struct Client {
    http: reqwest::Client,
    slots: Arc<Semaphore>,
    base: Url,
    sync: Secret,
    partner: Secret,
    timeout: Duration,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    code: String,
    detail: String,
}

impl Client {
    /// Fails only where the resolver back end cannot be set up.
    pub fn new(ready: &Ready) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .http1_only()
            .connect_timeout(Duration::from_secs(3))
            // The other side keeps an idle connection for 5 s: a request on one just being closed is a doubt.
            .pool_idle_timeout(Duration::from_secs(3))
            .pool_max_idle_per_host(ready.max_connections)
            .user_agent(concat!("causeway/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self {
            http,
            slots: Arc::new(Semaphore::new(ready.max_connections)),
            base: Url::parse(&ready.base).map_err(|e| e.to_string())?,
            sync: ready.sync_token.clone(),
            partner: ready.partner_token.clone(),
            timeout: ready.timeout,
        })
    }

    /// The moment by which a call that may take `limit` must have ended.
    pub fn deadline(&self, limit: Duration) -> Instant {
        Instant::now() + limit.min(self.timeout)
    }

    pub async fn send(&self, request: Request<'_>, by: Instant) -> Result<Bytes, Failure> {
        let (builder, _slot) = self.prepare(request.user, request.method, request.segments, by).await?;
        let mut builder = builder.query(request.query);
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        if let Some(terms) = request.terms {
            builder = builder.header("x-not-after", terms.not_after.0);
            if let Some(version) = terms.if_match {
                builder = builder.header(IF_MATCH, format!("\"{version}\""));
            }
        }
        let response = builder.send().await.map_err(|error| classify(&error))?;
        Self::whole(response).await
    }

    /// A connection and what every request over it carries.
    async fn prepare(
        &self,
        user: User,
        method: Method,
        segments: &[&str],
        by: Instant,
    ) -> Result<(RequestBuilder, OwnedSemaphorePermit), Failure> {
        let Ok(Ok(slot)) = tokio::time::timeout_at(by, self.slots.clone().acquire_owned()).await else {
            return Err(Failure::NotSent("no free connection in time"));
        };
        let left = by.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::NotSent("no time left"));
        }
        let token = match user {
            User::Sync => &self.sync,
            User::Partner => &self.partner,
        };
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Failure::Misconfigured("the address has no path"))?
            .pop_if_empty()
            .push("v1")
            .extend(segments);
        let builder = self.http.request(method, url).timeout(left);
        Ok((builder.header(AUTHORIZATION, format!("Bearer {}", token.expose())), slot))
    }

    async fn whole(response: reqwest::Response) -> Result<Bytes, Failure> {
        let status = response.status();
        let retry = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let body = read_bounded(response).await;
        if status.is_success() { body } else { Err(refused(status, &body.unwrap_or_default(), retry)) }
    }
}

fn classify(error: &reqwest::Error) -> Failure {
    if error.is_builder() {
        Failure::Misconfigured("the request cannot be made: is the token a header value")
    } else if error.is_connect() {
        Failure::NotSent("cannot connect")
    } else if error.is_timeout() {
        Failure::Unclear("timeout")
    } else {
        Failure::Unclear("the connection broke")
    }
}

async fn read_bounded(mut response: reqwest::Response) -> Result<Bytes, Failure> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Failure::Unusable("longer than 2 MiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn refused(status: StatusCode, body: &[u8], retry_after: Option<String>) -> Failure {
    let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
    let word = |c: &char| c.is_ascii_lowercase() || *c == '-';
    let seconds = retry_after.and_then(|s| s.trim().parse::<u64>().ok());
    Failure::Status {
        status: status.as_u16(),
        code: problem.code.chars().filter(word).take(64).collect(),
        detail: problem.detail.chars().take(500).collect(),
        retry_after: seconds.map(|s| Duration::from_secs(s.clamp(1, 3600))),
    }
}
