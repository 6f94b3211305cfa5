//! What a system said to a request, as far as a person can rely on it.

use crate::LoadError;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Done, with what the system said about it.
    Taken(Value),
    /// Not done and not to be asked again: it does not fit what the record is now.
    Refused,
    /// No answer, or one that says nothing: it may have been done or not.
    Unknown,
}

/// Asks once. `proof` is the member that an honest success has.
pub async fn ask(request: RequestBuilder, proof: &str) -> Result<Answer, LoadError> {
    let answer = ask_any(request).await?;
    let proven = !matches!(&answer, Answer::Taken(body) if body.get(proof).is_none());
    Ok(if proven { answer } else { Answer::Unknown })
}

/// Asks once and believes any success.
pub async fn ask_any(request: RequestBuilder) -> Result<Answer, LoadError> {
    let Ok(response) = request.send().await else { return Ok(Answer::Unknown) };
    let (status, url) = (response.status(), response.url().path().to_owned());
    let Ok(bytes) = response.bytes().await else { return Ok(Answer::Unknown) };
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if status.is_success() {
        return Ok(Answer::Taken(body));
    }
    let code = body["code"].as_str().unwrap_or_default();
    match status {
        StatusCode::CONFLICT if code == "idempotency-in-progress" => Ok(Answer::Unknown),
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => Ok(Answer::Refused),
        StatusCode::UNPROCESSABLE_ENTITY if code == "transition-refused" => Ok(Answer::Refused),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Ok(Answer::Unknown),
        _ if status.is_server_error() => Ok(Answer::Unknown),
        // Asked wrongly, it will never be answered otherwise.
        _ => Err(LoadError::Wrong { path: url, status: status.as_u16(), code: code.to_owned() }),
    }
}
