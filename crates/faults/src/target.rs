//! Misbehaviour of the simulated systems, through their `/control`.

use serde_json::{Value, json};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    #[error("cannot reach the control of {base}")]
    Unreachable { base: String, source: reqwest::Error },
    #[error("the control of {base} refuses: {said}")]
    Refused { base: String, said: String },
}

/// What befalls every so-many-th change that the pipeline asks for. People are spared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Every request of the pipeline meets a closed door, reads too.
    Outage,
    /// Done, and the connection is cut instead of an answer.
    DropAfterApply,
    /// Done, and never answered.
    TimeoutAfterApply,
    /// Done, and answered 502.
    BadGatewayAfterApply,
    Unavailable,
    /// With `Retry-After: 1`.
    TooManyRequests,
    /// Answers 200 and does nothing.
    EmptySuccess,
    Latency(Duration),
    /// A search shows nothing younger than this.
    BlindSearch(Duration),
    /// The feed shows nothing younger than this.
    LateFeed(Duration),
}

impl Trouble {
    fn faults(self, every: u32) -> Value {
        let rule =
            |kind: &str| json!({"spare_people": true, "rules": [{"kind": kind, "method": "POST", "every": every}]});
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        match self {
            Self::Outage => json!({"spare_people": true, "outage": true}),
            Self::DropAfterApply => rule("drop-after-apply"),
            Self::TimeoutAfterApply => rule("timeout-after-apply"),
            Self::BadGatewayAfterApply => rule("bad-gateway-after-apply"),
            Self::Unavailable => rule("unavailable"),
            Self::TooManyRequests => json!({"spare_people": true, "rules": [
                {"kind": "too-many-requests", "every": every, "retry_after_seconds": 1}]}),
            Self::EmptySuccess => rule("empty-success"),
            Self::Latency(time) => json!({"spare_people": true, "rules": [
                {"kind": "latency", "every": every, "latency_ms": millis(time)}]}),
            Self::BlindSearch(time) => json!({"spare_people": true, "lookup_lag_ms": millis(time)}),
            Self::LateFeed(time) => json!({"spare_people": true, "feed_lag_ms": millis(time)}),
        }
    }
}

/// One simulated system.
#[derive(Clone, Debug)]
pub struct Target {
    base: String,
    http: reqwest::Client,
}

impl Target {
    /// `base` such as `http://127.0.0.1:8081`.
    pub fn at(base: impl Into<String>) -> Self {
        Self { base: base.into(), http: reqwest::Client::new() }
    }

    /// From now on, in place of what was before.
    pub async fn trouble(&self, trouble: Trouble, every: u32) -> Result<(), TargetError> {
        let url = format!("{}/control/faults", self.base);
        self.ask(self.http.put(url).json(&trouble.faults(every))).await.map(|_| ())
    }

    /// From now on, in place of what was before: no request of the pipeline whose path has one of these parts is taken.
    pub async fn fail_paths(&self, parts: &[String]) -> Result<(), TargetError> {
        let rules: Vec<Value> =
            parts.iter().map(|part| json!({"kind": "unavailable", "path_contains": part})).collect();
        let url = format!("{}/control/faults", self.base);
        self.ask(self.http.put(url).json(&json!({"spare_people": true, "rules": rules}))).await.map(|_| ())
    }

    /// Behaves again.
    pub async fn heal(&self) -> Result<(), TargetError> {
        self.ask(self.http.delete(format!("{}/control/faults", self.base))).await.map(|_| ())
    }

    /// Its counters since its process started.
    pub async fn stats(&self) -> Result<Value, TargetError> {
        self.ask(self.http.get(format!("{}/control/stats", self.base))).await
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Value, TargetError> {
        let unreachable = |source| TargetError::Unreachable { base: self.base.clone(), source };
        let answer = request.timeout(Duration::from_secs(10)).send().await.map_err(unreachable)?;
        let (status, said) = (answer.status(), answer.text().await.map_err(unreachable)?);
        let read = serde_json::from_str(&said).ok().filter(|_| status.is_success());
        read.ok_or_else(|| TargetError::Refused { base: self.base.clone(), said: format!("{status} {said}") })
    }
}
