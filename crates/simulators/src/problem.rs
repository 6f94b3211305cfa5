//! Errors as RFC 9457 says, with a stable `code`.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};

/// A problem document of type `urn:<family>:problem:<code>`; `retry_after` is in seconds.
pub fn document(family: &str, status: StatusCode, code: &str, detail: &str, retry_after: Option<u64>) -> Response {
    let body = serde_json::json!({
        "type": format!("urn:{family}:problem:{code}"),
        "title": status.canonical_reason().unwrap_or("error"),
        "status": status.as_u16(),
        "code": code,
        "detail": detail,
    });
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
