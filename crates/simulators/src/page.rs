//! A page for people at `/`, where a simulator is started with one: for demonstrations on this machine alone.
//!
//! The page is a program on the simulator's own interface and is given people's tokens (`/page/demo.json`), so whoever
//! may open it may act as any of them. It is served only where the option is set, and its tokens only to a browser that
//! was pointed at this machine: another site that resolves its name to 127.0.0.1 gets none.

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::Value;

const STYLE: &str = include_str!("page/style.css");
const COMMON: &str = include_str!("page/common.js");

/// What differs between the simulators.
pub struct Page {
    pub html: &'static str,
    pub script: &'static str,
    /// People with their tokens.
    pub demo: Value,
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn file(kind: &'static str, text: String) -> Response {
    let headers: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

fn is_here(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let name = if host.ends_with(']') { host } else { host.rsplit_once(':').map_or(host, |(name, _)| name) };
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

pub fn routes<S: Clone + Send + Sync + 'static>(page: Page) -> Router<S> {
    let Page { html, script, demo } = page;
    let demo = move |headers: HeaderMap| async move {
        if is_here(&headers) {
            file("application/json", demo.to_string())
        } else {
            StatusCode::FORBIDDEN.into_response()
        }
    };
    Router::new()
        .route("/", get(move || async move { file("text/html; charset=utf-8", html.to_owned()) }))
        .route("/page/style.css", get(|| async { file("text/css; charset=utf-8", STYLE.to_owned()) }))
        .route("/page/common.js", get(|| async { file("text/javascript; charset=utf-8", COMMON.to_owned()) }))
        .route("/page/script.js", get(move || async move { file("text/javascript; charset=utf-8", script.to_owned()) }))
        .route("/page/demo.json", get(demo))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn tokens_go_only_to_a_browser_that_was_pointed_at_this_machine() {
        let here =
            |host: &'static str| is_here(&[(header::HOST, HeaderValue::from_static(host))].into_iter().collect());
        for host in ["127.0.0.1:8082", "localhost:8082", "localhost", "[::1]:8082", "[::1]"] {
            assert!(here(host), "{host}");
        }
        for host in ["", "evil.example:8082", "127.0.0.1.evil.example", "localhost.evil.example:80", "[::2]:80"] {
            assert!(!here(host), "{host}");
        }
        assert!(!is_here(&HeaderMap::new()));
    }
}
