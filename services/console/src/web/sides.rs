//! `/sides`: the two simulators of a demonstration, behind the page's own address. A short list of what a partner and an
//! agent do; everything else is not passed on. The page never sees a token.

use super::{App, MAX_BODY, problem};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use futures::StreamExt as _;
use http::{Method, StatusCode, header};
use ports::Secret;
use std::collections::BTreeMap;
use std::time::Duration;

/// For an answer, from the first byte sent to the last received.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer.
const MAX_ANSWER: usize = 1 << 20;

/// Where the simulators are and who speaks there.
pub struct Sides {
    client: reqwest::Client,
    system: String,
    community: String,
    partners: BTreeMap<String, Secret>,
    desk: String,
    agent: Secret,
}

impl Sides {
    /// `system` is the community's id in subjects. Base addresses are without a path: `http://127.0.0.1:8081`.
    pub fn new(
        system: impl Into<String>,
        community: impl Into<String>,
        partners: BTreeMap<String, Secret>,
        desk: impl Into<String>,
        agent: Secret,
    ) -> Result<Self, reqwest::Error> {
        // A simulator never sends anybody elsewhere, and a proxy of the environment is not for loopback.
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // Below what the simulators keep an idle connection open.
            .pool_idle_timeout(Duration::from_secs(2))
            .build()?;
        let (system, community, desk) = (system.into(), community.into(), desk.into());
        Ok(Self { client, system, community, partners, desk, agent })
    }

    pub fn partners(&self) -> Vec<&str> {
        self.partners.keys().map(String::as_str).collect()
    }

    /// The community's id in subjects.
    pub fn system(&self) -> &str {
        &self.system
    }
}

/// What a partner's user does; `*` is one id.
const PARTNER: &[(Method, &str)] = &[
    (Method::GET, "cases"),
    (Method::POST, "cases"),
    (Method::GET, "cases/*"),
    (Method::GET, "cases/*/comments"),
    (Method::POST, "cases/*/comments"),
    (Method::POST, "cases/*/withdrawal"),
    (Method::POST, "cases/*/resolutions/*/acceptance"),
    (Method::POST, "cases/*/resolutions/*/rejection"),
    (Method::GET, "discrepancies/*"),
    (Method::GET, "discrepancies/*/comments"),
    (Method::POST, "discrepancies/*/comments"),
    (Method::POST, "discrepancies/*/evidence"),
    (Method::POST, "discrepancies/*/withdrawal"),
    (Method::POST, "discrepancies/*/outcomes/*/confirmation"),
    (Method::POST, "discrepancies/*/outcomes/*/contest"),
    (Method::GET, "documents/*"),
    (Method::GET, "documents/*/comments"),
    (Method::POST, "documents/*/comments"),
    (Method::POST, "documents/*/withdrawal"),
    (Method::GET, "onboarding/*"),
    (Method::POST, "onboarding/*/invitation/acceptance"),
    (Method::POST, "onboarding/*/tasks/*/submission"),
    (Method::POST, "onboarding/*/questions"),
];

/// What an agent does.
const AGENT: &[(Method, &str)] = &[
    (Method::GET, "setup"),
    (Method::GET, "tickets/*"),
    (Method::PATCH, "tickets/*"),
    (Method::GET, "tickets/*/history"),
    (Method::POST, "tickets/*/replies"),
    (Method::POST, "tickets/*/notes"),
    (Method::POST, "tickets/*/questions"),
];

/// Nothing that could mean another path at the other end.
fn is_id(segment: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.:".contains(&b);
    (1..=128).contains(&segment.len()) && segment.bytes().all(fits) && segment.bytes().any(|b| b != b'.')
}

fn is_listed(list: &[(Method, &str)], method: &Method, path: &str) -> bool {
    list.iter().any(|(listed, pattern)| {
        let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => break listed == method,
                (Some("*"), Some(id)) if is_id(id) => {}
                (Some(word), Some(same)) if word == same => {}
                _ => break false,
            }
        }
    })
}

/// Paging alone.
fn is_paging(query: &str) -> bool {
    query.split('&').all(|pair| pair.split_once('=').is_some_and(|(k, v)| ["after", "limit"].contains(&k) && is_id(v)))
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sides/community/{partner}/{*path}", any(community)).route("/sides/desk/{*path}", any(desk))
}

async fn community(
    State(app): State<App>,
    Path((partner, path)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    method: Method,
    body: Bytes,
) -> Response {
    let Some(sides) = &app.sides else { return nothing() };
    match sides.partners.get(&partner) {
        Some(token) if is_listed(PARTNER, &method, &path) => {
            let address = format!("{}/partner/v1/{path}", sides.community);
            pass(sides, "The simulated community", method, address, query, token, body).await
        }
        Some(_) | None => nothing(),
    }
}

async fn desk(
    State(app): State<App>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
    body: Bytes,
) -> Response {
    let Some(sides) = &app.sides else { return nothing() };
    if !is_listed(AGENT, &method, &path) {
        return nothing();
    }
    let address = format!("{}/v1/{path}", sides.desk);
    pass(sides, "The simulated case system", method, address, query, &sides.agent, body).await
}

fn nothing() -> Response {
    problem(StatusCode::NOT_FOUND, "that is not passed on")
}

async fn pass(
    sides: &Sides,
    name: &str,
    method: Method,
    mut address: String,
    query: Option<String>,
    token: &Secret,
    body: Bytes,
) -> Response {
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        if !is_paging(&query) {
            return problem(StatusCode::BAD_REQUEST, "only `after` and `limit` are passed on");
        }
        address = format!("{address}?{query}");
    }
    if body.len() > MAX_BODY {
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "at most 64 KiB");
    }
    let mut request = sides.client.request(method, address).bearer_auth(token.expose());
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json").body(body);
    }
    let sent = async {
        let response = request.send().await?;
        let status = response.status();
        let (mut parts, mut found) = (response.bytes_stream(), Vec::new());
        while let Some(part) = parts.next().await {
            found.extend_from_slice(&part?);
            if found.len() > MAX_ANSWER {
                return Ok::<_, reqwest::Error>(None);
            }
        }
        Ok(Some((status, found)))
    };
    match sent.await {
        Ok(Some((status, found))) => (status, [(header::CONTENT_TYPE, "application/json")], found).into_response(),
        Ok(None) => problem(StatusCode::BAD_GATEWAY, format!("{name} answered more than is taken")),
        Err(error) if error.is_timeout() => {
            let why =
                format!("{name} did not answer in time. It may or may not have done it: look before you repeat it.");
            problem(StatusCode::GATEWAY_TIMEOUT, why)
        }
        Err(_) => problem(StatusCode::BAD_GATEWAY, format!("{name} cannot be reached.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_passed_on() {
        assert!(is_listed(PARTNER, &Method::POST, "cases/C-1/resolutions/r.2/acceptance"));
        assert!(is_listed(PARTNER, &Method::POST, "onboarding/O-1/tasks/12/submission"));
        assert!(is_listed(AGENT, &Method::PATCH, "tickets/12"));
        for (method, path) in [
            (Method::DELETE, "cases/C-1"),
            (Method::GET, "cases/../control/faults"),
            (Method::GET, "cases/.."),
            (Method::GET, "cases//comments"),
            (Method::GET, "cases/a%2Fb"),
            (Method::GET, "cases/a?x"),
            (Method::POST, "cases/C-1/acknowledgement"),
            (Method::POST, "discrepancies/D-1/outcomes"),
            (Method::POST, "documents/D-1/decisions"),
            (Method::POST, "onboarding/O-1/status"),
            (Method::GET, "cases/C-1/"),
        ] {
            assert!(!is_listed(PARTNER, &method, path), "{path}");
        }
        assert!(is_paging("after=7&limit=500") && !is_paging("limit=1&marker=x") && !is_paging("after=%2e"));
    }
}
