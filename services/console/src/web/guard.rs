//! Who may ask, and what a browser may do with the answer.

use super::problem;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use std::sync::Arc;

/// Other pages cannot send it without asking first, and nobody here answers that question.
pub const ACTS: &str = "x-causeway-console";

/// Names the console answers to. A name of somebody else that resolves to this machine is none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// `127.0.0.1`, `[::1]` and `localhost`, at any port.
    Loopback,
    /// These, as the browser writes them: with the port, where it is not the scheme's own. The loopback too.
    Listed(Vec<String>),
}

impl Hosts {
    fn answers_to(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() => name,
            Some(_) | None => host,
        };
        let loopback = ["127.0.0.1", "[::1]", "localhost"].contains(&name);
        loopback || matches!(self, Self::Listed(names) if names.iter().any(|name| name.eq_ignore_ascii_case(host)))
    }
}

fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// What is wrong with a request that acts.
fn stranger(headers: &HeaderMap, host: &str) -> Option<&'static str> {
    if text(headers, ACTS) != Some("1") {
        return Some("what acts needs the header X-Causeway-Console: 1");
    }
    let own = |origin: &str| origin.strip_prefix("http://").or(origin.strip_prefix("https://")) == Some(host);
    if text(headers, header::ORIGIN).is_some_and(|origin| !own(origin)) {
        return Some("another site's page may not act here");
    }
    // Said by browsers of every request; what is no browser says nothing.
    if text(headers, "sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return Some("another site's page may not act here");
    }
    None
}

pub async fn guard(State(hosts): State<Arc<Hosts>>, request: Request, next: Next) -> Response {
    let host = text(request.headers(), header::HOST).unwrap_or_default().to_owned();
    let acts = !matches!(*request.method(), Method::GET | Method::HEAD);
    let refusal = if !hosts.answers_to(&host) {
        Some(problem(StatusCode::MISDIRECTED_REQUEST, "the console does not answer to this name"))
    } else if acts {
        stranger(request.headers(), &host).map(|why| problem(StatusCode::FORBIDDEN, why))
    } else {
        None
    };
    let mut response = match refusal {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", CSP),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

const CSP: &str = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_answered_to() {
        let listed = Hosts::Listed(vec!["console.example:8443".to_owned()]);
        for host in ["127.0.0.1:8080", "localhost", "[::1]:80", "[::1]"] {
            assert!(Hosts::Loopback.answers_to(host) && listed.answers_to(host), "{host}");
        }
        for host in ["evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "127.0.0.1:x"] {
            assert!(!Hosts::Loopback.answers_to(host) && !listed.answers_to(host), "{host}");
        }
        assert!(listed.answers_to("Console.example:8443") && !listed.answers_to("console.example"));
    }
}
