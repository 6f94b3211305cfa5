//! Each command as a request of the contract.

use domain::{PartnerCommand, issue};
use serde_json::{Value, json};

/// The kinds of commands the contract can carry.
pub const KINDS: [&str; 7] = [
    "partner.issue.acknowledge-case",
    "partner.issue.set-case-status",
    "partner.issue.post-comment",
    "partner.issue.request-information",
    "partner.issue.propose-resolution",
    "partner.issue.close-case",
    "partner.issue.reopen-case",
];

/// A write below `/v1/cases/{id}/`.
pub struct Request {
    pub resource: &'static str,
    /// The kind of change it makes.
    pub change: &'static str,
    pub body: Vec<u8>,
}

/// The same command always gives the same bytes: a repeat under the same key must be the same request.
pub fn of(command: &PartnerCommand) -> Request {
    use issue::PartnerCommand as C;
    let PartnerCommand::Issue(command) = command;
    let (resource, change, body) = match command {
        C::AcknowledgeCase(c) => ("acknowledgement", "acknowledged", json!({ "reference": c.reference })),
        C::SetCaseStatus(c) => (
            "status",
            "status-changed",
            json!({
                "status": c.status.as_str(),
                "label": c.label,
                "reason": c.reason,
                "expected_resolution_at": c.expected_resolution_at,
            }),
        ),
        C::PostComment(c) => (
            "comments",
            "comment-posted",
            json!({ "note_key": c.note_key, "author_label": c.author_label, "text": c.text }),
        ),
        C::RequestInformation(c) => {
            ("information-requests", "information-requested", json!({ "question": c.question, "due_at": c.due_at }))
        }
        C::ProposeResolution(c) => (
            "resolutions",
            "resolution-proposed",
            json!({ "resolution_version": c.resolution_version, "code": c.code, "note": c.note }),
        ),
        C::CloseCase(c) => ("closure", "closed", json!({ "closure": c.kind, "text": c.text })),
        C::ReopenCase(c) => ("reopening", "reopened", json!({ "reason": c.reason })),
    };
    Request { resource, change, body: without_nulls(body).to_string().into_bytes() }
}

/// The contract leaves out what is not said.
fn without_nulls(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    body
}
