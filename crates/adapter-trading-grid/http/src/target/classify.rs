//! What an answer, or its absence, says about the effect.

use crate::client::{Answer, Client, Failure};
use crate::wire::Problem;
use ports::CallError;

type Sent = Result<Answer, Failure>;

fn not_applied(reason: impl Into<String>, answer: Option<&Answer>) -> CallError {
    CallError::NotApplied { reason: reason.into(), retry_after: answer.and_then(|a| a.retry_after) }
}

/// Of a request that only reads: whatever goes wrong, nothing was written.
pub fn read(client: &Client, sent: Sent) -> Result<Vec<u8>, CallError> {
    let answer = match sent {
        Ok(answer) => answer,
        Err(Failure::Misconfigured(reason)) => return Err(CallError::Misconfigured { reason: reason.to_owned() }),
        Err(failure) => return Err(not_applied(format!("reading: {failure}"), None)),
    };
    match answer.status.as_u16() {
        200 => Ok(answer.body),
        status @ (400..=407 | 409..=428 | 430..=499 | 300..=399) => Err(definite(client, status, &answer)),
        status => Err(not_applied(format!("reading: status {status}"), Some(&answer))),
    }
}

/// Of the one request that changes something.
pub fn write(client: &Client, sent: Sent) -> Result<Vec<u8>, CallError> {
    let answer = match sent {
        Ok(answer) => answer,
        Err(Failure::Misconfigured(reason)) => return Err(CallError::Misconfigured { reason: reason.to_owned() }),
        Err(failure @ Failure::NotSent(_)) => return Err(not_applied(failure.to_string(), None)),
        Err(failure @ Failure::Unanswered(_)) => return Err(CallError::Unknown { reason: failure.to_string() }),
    };
    match answer.status.as_u16() {
        200..=299 => Ok(answer.body),
        status @ (429 | 503) => Err(not_applied(format!("status {status}"), Some(&answer))),
        status @ (300..=407 | 409..=499) => Err(definite(client, status, &answer)),
        // 408, 500, 502, 504 and whatever else: somebody on the way may have acted.
        status => Err(CallError::Unknown { reason: format!("status {status}") }),
    }
}

/// A refusal that says for certain that nothing happened.
fn definite(client: &Client, status: u16, answer: &Answer) -> CallError {
    let problem = Problem::read(&answer.body);
    match (status, problem.code.as_str()) {
        (401, _) if client.renew_token() => not_applied("the token was exchanged", None),
        (401, _) => CallError::Misconfigured { reason: "the community does not know the token".to_owned() },
        (409, "idempotency-in-progress") => not_applied("a request with this key is under way", Some(answer)),
        (300..=399, _) | (404 | 405, "" | "not-found") => {
            CallError::Misconfigured { reason: format!("status {status}: the contract is not served at this address") }
        }
        (_, "") => CallError::Refused { reason: format!("status-{status}"), detail: String::new() },
        (_, code) => CallError::Refused { reason: code.to_owned(), detail: problem.detail },
    }
}
