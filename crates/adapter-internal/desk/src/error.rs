//! What a failure means depends on when it happened: before, in, or after the one request that changes something.

use crate::http::Failure;
use ports::{CallError, FeedError};

const TOKEN: &str = "the case system does not accept the token";
const ROLE: &str = "the token's user may not do that: are the two tokens mixed up";
const ADDRESS: &str = "there is no case system of ours at the address";

/// Nothing will work until a person acts, whatever was asked.
fn misconfigured(failure: &Failure) -> Option<&'static str> {
    match failure {
        Failure::Misconfigured(reason) => Some(reason),
        Failure::Status { status: 401, .. } => Some(TOKEN),
        Failure::Status { status: 403, .. } => Some(ROLE),
        Failure::Status { status: 300..=399, .. } => Some(ADDRESS),
        // Its own 404s have a code that names what is missing.
        Failure::Status { status: 404 | 405, code, .. } if !code.ends_with("-unknown") => Some(ADDRESS),
        Failure::Status { .. } | Failure::NotSent(_) | Failure::Unclear(_) | Failure::Unusable(_) => None,
    }
}

fn not_applied(reason: impl Into<String>) -> CallError {
    CallError::NotApplied { reason: reason.into(), retry_after: None }
}

/// While only reading: certainly nothing was changed.
pub fn before_write(failure: Failure) -> CallError {
    if let Some(reason) = misconfigured(&failure) {
        return CallError::Misconfigured { reason: reason.into() };
    }
    match failure {
        Failure::Status { status: 404, detail, .. } => gone(detail),
        Failure::Status { status, retry_after, .. } => {
            CallError::NotApplied { reason: format!("answered {status} to a read"), retry_after }
        }
        Failure::NotSent(reason) | Failure::Unclear(reason) | Failure::Unusable(reason) => not_applied(reason),
        Failure::Misconfigured(reason) => CallError::Misconfigured { reason: reason.into() },
    }
}

/// The write itself. What the interface promises to have changed nothing is believed; any other 5xx says nothing.
pub fn of_write(failure: Failure) -> CallError {
    if let Some(reason) = misconfigured(&failure) {
        return CallError::Misconfigured { reason: reason.into() };
    }
    match failure {
        Failure::NotSent(reason) => not_applied(reason),
        Failure::Unclear(reason) | Failure::Unusable(reason) => CallError::Unknown { reason: reason.into() },
        Failure::Status { status: status @ (429 | 503), retry_after, .. } => {
            CallError::NotApplied { reason: format!("answered {status}"), retry_after }
        }
        Failure::Status { status: 412, code, .. } => not_applied(match code.as_str() {
            "too-late" => "the case system had no time for it before it expired",
            _ => "the ticket changed between read and write",
        }),
        Failure::Status { status: 404, detail, .. } => gone(detail),
        // A proxy gave up on the request, perhaps after it passed it on.
        Failure::Status { status: 408, .. } => CallError::Unknown { reason: "answered 408 to a write".into() },
        Failure::Status { status: status @ 400..=499, code, detail, .. } => {
            CallError::Refused { reason: format!("answered {status} {code}").trim_end().to_owned(), detail }
        }
        Failure::Status { status, .. } => CallError::Unknown { reason: format!("answered {status} to a write") },
        Failure::Misconfigured(reason) => CallError::Misconfigured { reason: reason.into() },
    }
}

/// The effect may be there; we could not see it.
pub fn after_write(failure: Failure) -> CallError {
    CallError::Unknown { reason: format!("written, but not verified: {failure}") }
}

fn gone(detail: String) -> CallError {
    CallError::Refused { reason: "no such ticket".into(), detail }
}

pub fn of_feed(failure: Failure) -> FeedError {
    if let Some(reason) = misconfigured(&failure) {
        return FeedError::Misconfigured { reason: reason.into() };
    }
    match failure {
        Failure::Status { status: 410, .. } => {
            FeedError::CursorLost { reason: "the case system does not know the cursor".into() }
        }
        Failure::Status { status, retry_after, .. } => {
            FeedError::Unavailable { reason: format!("answered {status}"), retry_after }
        }
        Failure::NotSent(reason)
        | Failure::Unclear(reason)
        | Failure::Unusable(reason)
        | Failure::Misconfigured(reason) => FeedError::Unavailable { reason: reason.into(), retry_after: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, code: &str) -> Failure {
        Failure::Status { status, code: code.into(), detail: String::new(), retry_after: None }
    }

    #[test]
    fn the_same_failure_means_another_thing_before_in_and_after_the_write() {
        assert!(matches!(before_write(Failure::Unclear("reset")), CallError::NotApplied { .. }));
        assert!(matches!(of_write(Failure::Unclear("reset")), CallError::Unknown { .. }));
        assert!(matches!(of_write(Failure::Unusable("empty")), CallError::Unknown { .. }));
        assert!(matches!(after_write(Failure::NotSent("refused")), CallError::Unknown { .. }));
        assert!(matches!(before_write(status(500, "")), CallError::NotApplied { .. }));
        for unknown in [500, 502, 504, 408] {
            assert!(matches!(of_write(status(unknown, "")), CallError::Unknown { .. }), "{unknown}");
        }
        for nothing in [412, 429, 503] {
            assert!(matches!(of_write(status(nothing, "")), CallError::NotApplied { .. }), "{nothing}");
        }
        for wrong in [301, 401, 403, 404, 405] {
            assert!(matches!(of_write(status(wrong, "")), CallError::Misconfigured { .. }), "{wrong}");
        }
        for refused in [(400, "bad-request"), (404, "ticket-unknown"), (422, "transition-refused")] {
            assert!(matches!(of_write(status(refused.0, refused.1)), CallError::Refused { .. }), "{refused:?}");
        }
        assert!(matches!(of_feed(status(410, "cursor-unknown")), FeedError::CursorLost { .. }));
        assert!(matches!(of_feed(status(401, "unauthorized")), FeedError::Misconfigured { .. }));
    }
}
