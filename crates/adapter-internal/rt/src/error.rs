//! What a failure means depends on when it happened: before, in, or after the one request that changes something.

use crate::http::Failure;
use ports::{CallError, FeedError};

const TOKEN: &str = "RT does not accept the token";

/// While only reading: certainly nothing was changed.
pub fn before_write(failure: Failure) -> CallError {
    match failure {
        Failure::Status { status: 401, .. } => CallError::Misconfigured { reason: TOKEN.into() },
        Failure::Status { status: status @ (403 | 404), message, .. } => gone(status, message),
        Failure::Status { status, retry_after, .. } => {
            CallError::NotApplied { reason: format!("RT answered {status} to a read"), retry_after }
        }
        Failure::Merged(_) => CallError::LeftAlone { rule: "merged" },
        Failure::NotSent(reason) | Failure::Unclear(reason) | Failure::Unusable(reason) => {
            CallError::NotApplied { reason, retry_after: None }
        }
    }
}

/// The write itself. A 5xx says nothing: RT may have committed and failed at its answer, or a proxy may have given up.
pub fn of_write(failure: Failure) -> CallError {
    match failure {
        Failure::Merged(_) => CallError::LeftAlone { rule: "merged" },
        Failure::NotSent(reason) => CallError::NotApplied { reason, retry_after: None },
        Failure::Unclear(reason) | Failure::Unusable(reason) => CallError::Unknown { reason },
        Failure::Status { status: 401, .. } => CallError::Misconfigured { reason: TOKEN.into() },
        Failure::Status { status: 412, .. } => {
            CallError::NotApplied { reason: "the ticket changed between read and write".into(), retry_after: None }
        }
        Failure::Status { status: 429, retry_after, .. } => {
            CallError::NotApplied { reason: "RT answered 429".into(), retry_after }
        }
        Failure::Status { status: status @ (403 | 404), message, .. } => gone(status, message),
        Failure::Status { status: status @ 400..=499, message, .. } => {
            CallError::Refused { reason: format!("RT answered {status}"), detail: message }
        }
        Failure::Status { status, .. } => CallError::Unknown { reason: format!("RT answered {status} to a write") },
    }
}

/// The effect may be there; we could not see it.
pub fn after_write(failure: Failure) -> CallError {
    CallError::Unknown { reason: format!("written, but not verified: {failure}") }
}

pub fn gone(status: u16, detail: String) -> CallError {
    let reason = if status == 404 { "no such ticket" } else { "the ticket is not visible to us (moved or right lost)" };
    CallError::Refused { reason: reason.into(), detail }
}

pub fn of_feed(failure: Failure) -> FeedError {
    match failure {
        Failure::Status { status: 401, .. } => FeedError::Misconfigured { reason: TOKEN.into() },
        Failure::Status { status, retry_after, .. } => {
            FeedError::Unavailable { reason: format!("RT answered {status}"), retry_after }
        }
        // Asked of a ticket, never of the feed.
        Failure::Merged(_) => FeedError::Unavailable { reason: failure.to_string(), retry_after: None },
        Failure::NotSent(reason) | Failure::Unclear(reason) | Failure::Unusable(reason) => {
            FeedError::Unavailable { reason, retry_after: None }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Failure {
        Failure::Status { status, message: String::new(), retry_after: None }
    }

    #[test]
    fn the_same_failure_means_another_thing_before_in_and_after_the_write() {
        assert!(matches!(before_write(Failure::Unclear("reset".into())), CallError::NotApplied { .. }));
        assert!(matches!(of_write(Failure::Unclear("reset".into())), CallError::Unknown { .. }));
        assert!(matches!(after_write(Failure::NotSent("refused".into())), CallError::Unknown { .. }));
        assert!(matches!(before_write(status(500)), CallError::NotApplied { .. }));
        assert!(matches!(of_write(status(502)), CallError::Unknown { .. }));
        assert!(matches!(of_write(Failure::NotSent("refused".into())), CallError::NotApplied { .. }));
        assert!(matches!(of_write(status(401)), CallError::Misconfigured { .. }));
        assert!(matches!(of_write(status(412)), CallError::NotApplied { .. }));
        assert!(matches!(of_write(status(403)), CallError::Refused { .. }));
    }
}
