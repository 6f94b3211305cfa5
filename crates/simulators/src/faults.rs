//! Misbehaviour on demand, set by `PUT /control/faults`.

use crate::serve::HangUp;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::time::Duration;

/// What happens to a request that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Waits before doing anything.
    Latency,
    /// 503 without doing anything.
    Unavailable,
    /// 429 without doing anything.
    TooManyRequests,
    /// Closes the connection without doing anything.
    DropBeforeApply,
    /// Does it and closes the connection.
    DropAfterApply,
    /// Does it and never answers; the connection stays open.
    TimeoutAfterApply,
    /// Does it and answers 502, as a proxy would.
    BadGatewayAfterApply,
    /// Does nothing and answers 200 with an empty object: a lie that a caller must not believe.
    EmptySuccess,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub kind: Kind,
    /// Empty matches every method.
    #[serde(default)]
    pub method: String,
    /// Empty matches every path.
    #[serde(default)]
    pub path_contains: String,
    /// How many requests it befalls; 0 means without end.
    #[serde(default)]
    pub times: u32,
    /// Befalls every so-many-th matching request; 0 and 1 mean each.
    #[serde(default)]
    pub every: u32,
    #[serde(default)]
    pub retry_after_seconds: Option<u64>,
    #[serde(default)]
    pub latency_ms: u64,
    #[serde(skip)]
    matched: u32,
    #[serde(skip)]
    befell: u32,
}

/// What happens to the next webhooks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HookFaults {
    pub drop_next: u32,
    pub duplicate_next: u32,
    /// Each pair is sent in the wrong order.
    pub reorder: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    pub rules: Vec<Rule>,
    pub hooks: HookFaults,
    /// The feed does not show changes younger than this.
    pub feed_lag_ms: i64,
    /// Nor does a search: by idempotency key, by external id, by marker.
    pub lookup_lag_ms: i64,
    /// Every request meets a closed door: [`Kind::DropBeforeApply`], before any rule is asked.
    pub outage: bool,
    /// Only the pipeline meets all this; partners and agents go on as if nothing were.
    pub spare_people: bool,
}

/// A fault that has befallen a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Befallen {
    pub kind: Kind,
    pub retry_after_seconds: Option<u64>,
    pub latency_ms: u64,
}

impl Befallen {
    /// What becomes of a request: `answer` is what it would have been answered, worked out only where the fault lets
    /// it through; `refused` makes an error with a status and a code.
    pub async fn befall(
        self,
        answer: impl Future<Output = Response>,
        refused: impl Fn(StatusCode, &'static str, Option<u64>) -> Response,
    ) -> Response {
        let refused = |status, code| refused(status, code, self.retry_after_seconds);
        match self.kind {
            Kind::Latency => {
                // The wait is the fault itself, asked for by whoever set it.
                tokio::time::sleep(Duration::from_millis(self.latency_ms)).await;
                answer.await
            }
            Kind::Unavailable => refused(StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Kind::TooManyRequests => refused(StatusCode::TOO_MANY_REQUESTS, "too-many-requests"),
            Kind::DropBeforeApply => hang_up(),
            Kind::DropAfterApply => {
                answer.await;
                hang_up()
            }
            Kind::TimeoutAfterApply => {
                answer.await;
                // Ends with the connection: when the caller gives up, or at the server's limit.
                std::future::pending().await
            }
            Kind::BadGatewayAfterApply => {
                answer.await;
                refused(StatusCode::BAD_GATEWAY, "bad-gateway")
            }
            Kind::EmptySuccess => axum::Json(serde_json::json!({})).into_response(),
        }
    }
}

fn hang_up() -> Response {
    let mut response = Response::default();
    response.extensions_mut().insert(HangUp);
    response
}

impl Faults {
    /// The first rule that takes this request. Counts: asking again is another request.
    pub fn befall(&mut self, method: &str, path: &str) -> Option<Befallen> {
        if self.outage {
            return Some(Befallen { kind: Kind::DropBeforeApply, retry_after_seconds: None, latency_ms: 0 });
        }
        self.rules.iter_mut().find_map(|rule| {
            let matches = (rule.method.is_empty() || rule.method.eq_ignore_ascii_case(method))
                && path.contains(rule.path_contains.as_str())
                && (rule.times == 0 || rule.befell < rule.times);
            if !matches {
                return None;
            }
            rule.matched = rule.matched.wrapping_add(1);
            if !rule.matched.is_multiple_of(rule.every.max(1)) {
                return None;
            }
            rule.befell += 1;
            Some(Befallen {
                kind: rule.kind,
                retry_after_seconds: rule.retry_after_seconds,
                latency_ms: rule.latency_ms,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_befalls_what_it_names_and_as_often_as_it_says() {
        let text =
            r#"{"rules":[{"kind":"unavailable","method":"POST","path_contains":"/comments","times":2,"every":2}]}"#;
        let mut faults: Faults = serde_json::from_str(text).unwrap();
        assert!(faults.befall("GET", "/v1/cases/C-1/comments").is_none());
        assert!(faults.befall("POST", "/v1/cases/C-1/close").is_none());
        let hits: Vec<bool> = (0..8).map(|_| faults.befall("POST", "/v1/cases/C-1/comments").is_some()).collect();
        assert_eq!(hits, [false, true, false, true, false, false, false, false]);
    }

    #[test]
    fn an_outage_befalls_everything_until_it_is_over() {
        let mut faults = Faults { outage: true, ..Faults::default() };
        assert!((0..3).all(|_| faults.befall("GET", "/").is_some_and(|f| f.kind == Kind::DropBeforeApply)));
        faults.outage = false;
        assert_eq!(faults.befall("GET", "/"), None);
    }

    #[test]
    fn a_misspelt_fault_is_refused() {
        assert!(serde_json::from_str::<Faults>(r#"{"feedlag": 1}"#).is_err());
    }
}
