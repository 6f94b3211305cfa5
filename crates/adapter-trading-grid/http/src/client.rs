//! One request, one classified answer. No redirects, no retries, no decompression, no proxy, bounded bodies.

mod bytes;

use crate::config::Ready;
use ports::Secret;
use reqwest::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Answers beyond it are not read on.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// A complete answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

/// Why there is none. The words hold no URL, header or body.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Not a byte of the request left, or not to a listener.
    #[error("not sent: {0}")]
    NotSent(&'static str),
    /// The request, or a part of it, left; there is no complete answer.
    #[error("no complete answer: {0}")]
    Unanswered(&'static str),
    #[error("misconfigured: {0}")]
    Misconfigured(&'static str),
}

/// Shared by the target and the feed of one community.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Arc<Mutex<Secret>>,
    token_file: PathBuf,
    connections: Arc<Semaphore>,
}

/// What is sent beside the method and the path.
#[derive(Debug, Default)]
pub struct Parts<'a> {
    pub query: &'a [(&'a str, &'a str)],
    pub idempotency_key: Option<&'a str>,
    pub body: Option<Vec<u8>>,
}

impl Client {
    pub fn new(ready: &Ready) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_secs(3))
            // Shorter than any server keeps an idle connection: a request on one just being closed is a doubt.
            .pool_idle_timeout(Duration::from_secs(4))
            .pool_max_idle_per_host(ready.max_connections)
            .user_agent("causeway")
            .build()
            .map_err(|_| Failure::Misconfigured("the HTTP client cannot be made"))?;
        Ok(Self {
            http,
            base: ready.base_url.clone(),
            token: Arc::new(Mutex::new(ready.token.clone())),
            token_file: ready.token_file.clone(),
            connections: Arc::new(Semaphore::new(ready.max_connections)),
        })
    }

    /// The segments become one escaped path segment each: an id cannot change the path.
    pub async fn send(
        &self,
        method: Method,
        segments: &[&str],
        parts: Parts<'_>,
        timeout: Duration,
    ) -> Result<Answer, Failure> {
        let (mut request, _permit) = self.prepare(method, segments, timeout).await?;
        if !parts.query.is_empty() {
            request = request.query(parts.query);
        }
        if let Some(key) = parts.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = parts.body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.map_err(|error| classify(&error))?;
        Self::whole(response).await
    }

    /// A connection and what every request over it carries.
    async fn prepare(
        &self,
        method: Method,
        segments: &[&str],
        timeout: Duration,
    ) -> Result<(RequestBuilder, OwnedSemaphorePermit), Failure> {
        let until = Instant::now() + timeout;
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| Failure::Misconfigured("base url"))?.pop_if_empty().extend(segments);
        let permit = tokio::time::timeout(timeout, self.connections.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(Failure::NotSent("no connection became free in time")) };
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", self.token().expose()))
            .map_err(|_| Failure::Misconfigured("the token is no header value"))?;
        bearer.set_sensitive(true);
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::NotSent("no time was left"));
        }
        Ok((self.http.request(method, url).timeout(left).header(AUTHORIZATION, bearer), permit))
    }

    async fn whole(mut response: Response) -> Result<Answer, Failure> {
        let (status, retry_after) = (response.status(), retry_after(response.headers().get(RETRY_AFTER)));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(Failure::Unanswered("the answer is above 1 MiB"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, retry_after, body })
    }

    fn token(&self) -> Secret {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// After a 401: takes up a token that was exchanged on disk. `false` where the file still holds the refused one.
    pub fn renew_token(&self) -> bool {
        let Ok(fresh) = Secret::read("token_file", &self.token_file) else { return false };
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *token != fresh;
        *token = fresh;
        changed
    }
}

fn classify(error: &reqwest::Error) -> Failure {
    if error.is_builder() {
        Failure::Misconfigured("the request cannot be made")
    } else if error.is_connect() {
        Failure::NotSent("cannot connect")
    } else if error.is_timeout() {
        Failure::Unanswered("timeout")
    } else {
        Failure::Unanswered("the connection broke")
    }
}

/// Seconds only, as the contract says; kept between a second and an hour. Anything else counts as absent.
fn retry_after(value: Option<&HeaderValue>) -> Option<Duration> {
    let seconds: u64 = value?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds.clamp(1, 3600)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_seconds_and_clamped() {
        let read = |text: &str| retry_after(Some(&HeaderValue::from_str(text).unwrap()));
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("0"), Some(Duration::from_secs(1)));
        assert_eq!(read("99999999"), Some(Duration::from_secs(3600)));
        assert_eq!(read("-1"), None);
        assert_eq!(read("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }
}
