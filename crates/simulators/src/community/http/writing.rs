//! The one way in for everything that changes something.

use super::super::State;
use super::super::action::Action;
use super::super::hooks::nudge;
use super::super::model::Who;
use super::super::store::{Write, Written};
use super::problem::Problem;
use crate::now;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// What a handler knows of its request.
pub struct Call {
    pub state: Arc<State>,
    pub who: Who,
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Call {
    /// The body as `T`; an empty body stands for an empty object.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let bytes: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        // serde's words name fields and places, never values that a caller did not send himself.
        serde_json::from_slice(bytes).map_err(|error| Problem::bad_request(error.to_string()))
    }

    fn key(&self) -> Result<Option<String>, Problem> {
        let Some(value) = self.headers.get("idempotency-key") else {
            return match self.who {
                Who::Host => Err(Problem::bad_request("Idempotency-Key is missing")),
                Who::Partner(_) => Ok(None),
            };
        };
        let key =
            value.to_str().ok().filter(|k| (1..=64).contains(&k.len()) && k.bytes().all(|b| b.is_ascii_graphic()));
        key.map(|k| Some(k.to_owned())).ok_or_else(|| Problem::bad_request("Idempotency-Key is malformed"))
    }

    fn if_match(&self) -> Result<Option<u64>, Problem> {
        let Some(value) = self.headers.get(header::IF_MATCH) else { return Ok(None) };
        let version = value.to_str().ok().and_then(|v| v.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        version.map(Some).ok_or_else(|| Problem::bad_request("If-Match is malformed"))
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.method.as_str().as_bytes(), self.uri.path().as_bytes(), &self.body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }

    /// 201 with the change, also for a repeat, which `Idempotency-Replayed` tells apart.
    pub async fn write(self, case_id: Option<String>, action: Action) -> Result<Response, Problem> {
        let (key, if_match) = (self.key()?, self.if_match()?);
        if !super::files::shelf(&self.state, &self.who).has(&action.files()) {
            let detail = "a file was not uploaded whole before, or has no name";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "file-missing", detail));
        }
        let fingerprint = self.fingerprint();
        let (state, who) = (self.state, self.who);
        let write = Write { who, case_id, action, key, fingerprint, if_match, now: now() };
        let writer = Arc::clone(&state);
        // The store waits for the disk.
        let written = tokio::task::spawn_blocking(move || {
            // Held until the change is in the queue too, so that webhooks go out in the order of the feed.
            let mut store = writer.store();
            let written = store.write(write);
            if let (Ok(Written::New(change)), Some(hooks)) = (&written, &writer.hooks) {
                let _ = hooks.try_send(nudge(change));
            }
            written
        })
        .await
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the writer stopped"))?;
        let mut stats = state.stats();
        stats.calls += 1;
        let (change, replayed) = match written {
            Ok(Written::New(change)) => {
                *stats.applied.entry(change.what.kind().to_owned()).or_default() += 1;
                (change, false)
            }
            Ok(Written::Repeat(change)) => {
                stats.idempotency_hits += 1;
                (change, true)
            }
            Err(error) => {
                let problem = Problem::from(error);
                *stats.refused.entry(problem.code.to_owned()).or_default() += 1;
                return Err(problem);
            }
        };
        drop(stats);
        let mut response = (StatusCode::CREATED, axum::Json(&change)).into_response();
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", change.version)) {
            headers.insert(header::ETAG, value);
        }
        if replayed {
            headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        Ok(response)
    }
}
