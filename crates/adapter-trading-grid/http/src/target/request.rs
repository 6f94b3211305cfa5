//! Each command as a request of the contract.

use domain::{PartnerCommand, discrepancy, document, issue, onboarding};
use serde_json::{Value, json};

/// The kinds of commands the contract can carry.
pub const KINDS: [&str; 30] = [
    "partner.issue.acknowledge-case",
    "partner.issue.set-case-status",
    "partner.issue.post-comment",
    "partner.issue.request-information",
    "partner.issue.propose-resolution",
    "partner.issue.close-case",
    "partner.issue.reopen-case",
    "partner.discrepancy.acknowledge",
    "partner.discrepancy.set-status",
    "partner.discrepancy.post-comment",
    "partner.discrepancy.request-evidence",
    "partner.discrepancy.propose-outcome",
    "partner.discrepancy.mark-escalated",
    "partner.discrepancy.settle",
    "partner.onboarding.open-space",
    "partner.onboarding.update-space",
    "partner.onboarding.set-status",
    "partner.onboarding.upsert-task",
    "partner.onboarding.set-task-status",
    "partner.onboarding.set-milestone",
    "partner.onboarding.set-readiness",
    "partner.onboarding.post-comment",
    "partner.document.acknowledge",
    "partner.document.set-status",
    "partner.document.post-comment",
    "partner.document.decide",
    "partner.document.reject-file",
    "partner.document.request-renewal",
    "partner.document.publish",
    "partner.document.publish-version",
];

/// Where the contract keeps the records that a command is about, below `/v1/`.
pub const fn collection(command: &PartnerCommand) -> &'static str {
    match command {
        PartnerCommand::Issue(_) => "cases",
        PartnerCommand::Discrepancy(_) => "discrepancies",
        PartnerCommand::Onboarding(_) => "onboarding",
        PartnerCommand::Document(_) => "documents",
    }
}

/// A write below `/v1/{collection}/{id}/`.
pub struct Request {
    pub resource: &'static str,
    /// The kind of change it makes.
    pub change: &'static str,
    pub body: Vec<u8>,
}

/// The same command always gives the same bytes: a repeat under the same key must be the same request.
pub fn of(command: &PartnerCommand) -> Request {
    let (resource, change, body) = match command {
        PartnerCommand::Issue(command) => of_issue(command),
        PartnerCommand::Discrepancy(command) => of_discrepancy(command),
        PartnerCommand::Onboarding(command) => of_onboarding(command),
        PartnerCommand::Document(command) => of_document(command),
    };
    Request { resource, change, body: without_nulls(body).to_string().into_bytes() }
}

fn of_issue(command: &issue::PartnerCommand) -> (&'static str, &'static str, Value) {
    use issue::PartnerCommand as C;
    match command {
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
        C::PostComment(c) => ("comments", "comment-posted", posted(c)),
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
    }
}

fn of_discrepancy(command: &discrepancy::PartnerCommand) -> (&'static str, &'static str, Value) {
    use discrepancy::PartnerCommand as C;
    match command {
        C::Acknowledge(c) => ("acknowledgement", "discrepancy-acknowledged", json!({ "reference": c.reference })),
        C::SetStatus(c) => (
            "status",
            "discrepancy-status-changed",
            json!({
                "status": c.status.as_str(),
                "label": c.label,
                "reason": c.reason,
                "expected_resolution_at": c.expected_resolution_at,
            }),
        ),
        C::PostComment(c) => ("comments", "discrepancy-comment-posted", posted(c)),
        C::RequestEvidence(c) => (
            "evidence-requests",
            "discrepancy-evidence-requested",
            json!({ "question": c.question, "document_types": c.document_types, "due_at": c.due_at }),
        ),
        C::ProposeOutcome(c) => (
            "outcomes",
            "discrepancy-outcome-proposed",
            json!({
                "outcome_version": c.outcome_version,
                "lines": c.lines.iter().map(|line| without_nulls(json!(line))).collect::<Vec<_>>(),
                "note": c.note,
                "confirm_by": c.confirm_by,
            }),
        ),
        C::MarkEscalated(c) => ("escalation", "discrepancy-escalated", json!({ "text": c.text })),
        C::Settle(c) => (
            "settlement",
            "discrepancy-settled",
            json!({ "closure": c.kind, "text": c.text, "references": c.references }),
        ),
    }
}

/// Of a space that is to be made the body lacks reference and partner, which are not the command's to say.
fn of_onboarding(command: &onboarding::PartnerCommand) -> (&'static str, &'static str, Value) {
    use onboarding::PartnerCommand as C;
    let space = |c: &onboarding::OpenSpace| json!({ "programme": c.programme, "target_live_at": c.target_live_at });
    match command {
        C::OpenSpace(c) => ("", "onboarding-opened", space(c)),
        C::UpdateSpace(c) => ("programme", "onboarding-updated", space(c)),
        C::SetStatus(c) => (
            "status",
            "onboarding-status-changed",
            json!({ "status": c.status.as_str(), "label": c.label, "reason": c.reason }),
        ),
        C::UpsertTask(c) => (
            "tasks",
            "onboarding-task-upserted",
            json!({
                "task_id": c.task_id,
                "title": c.title,
                "instructions": c.instructions,
                "owner_side": c.owner_side,
                "mandatory": c.mandatory,
                "document_type": c.document_type,
                "depends_on": c.depends_on,
                "due_at": c.due_at,
                "reason": c.reason,
            }),
        ),
        C::SetTaskStatus(c) => (
            "task-statuses",
            "onboarding-task-status-changed",
            json!({ "task_id": c.task_id, "status": c.status.as_str(), "label": c.label, "reason": c.reason }),
        ),
        C::SetMilestone(c) => (
            "milestones",
            "onboarding-milestone-set",
            json!({
                "code": c.code,
                "label": c.label,
                "state": c.state,
                "date": c.date,
                "previous_date": c.previous_date,
                "reason": c.reason,
            }),
        ),
        C::SetReadiness(c) => (
            "readiness",
            "onboarding-readiness-set",
            json!({
                "state": c.state,
                "label": c.label,
                "done": c.done,
                "total": c.total,
                "blockers": c.blockers.iter().map(|blocker| without_nulls(json!(blocker))).collect::<Vec<_>>(),
                "hidden": c.hidden,
            }),
        ),
        C::PostComment(c) => (
            "comments",
            "onboarding-comment-posted",
            json!({ "task_id": c.task_id, "note_key": c.note_key, "author_label": c.author_label, "text": c.text }),
        ),
    }
}

/// The request that makes an onboarding space under our own reference.
pub fn opening(space: &onboarding::OpenSpace, reference: &str, partner: &str) -> Request {
    let body = json!({
        "external_reference": reference,
        "partner_id": partner,
        "programme": space.programme,
        "target_live_at": space.target_live_at,
    });
    Request { resource: "", change: "onboarding-opened", body: without_nulls(body).to_string().into_bytes() }
}

/// The request that makes a document of the house's own, for one partner, under our own reference.
pub fn publishing(document: &document::Publish, reference: &str, partner: &str) -> Request {
    let mut body = published(document);
    body["external_reference"] = reference.into();
    body["partner_id"] = partner.into();
    Request { resource: "", change: "document-published", body: without_nulls(body).to_string().into_bytes() }
}

/// Without reference and partner, which are not the command's to say.
fn published(c: &document::Publish) -> Value {
    json!({
        "title": c.title,
        "type_list": c.type_list,
        "type_code": c.type_code,
        "references": c.references,
        "case_id": c.case_id,
        "file": offered(&c.file),
        "valid_to": c.valid_to,
        "label": c.label,
        "note": c.note,
    })
}

/// X's own id of the file stays inside.
fn offered(file: &domain::FileClaim<domain::Shared<String>>) -> Value {
    json!({
        "file_name": file.file_name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
    })
}

fn posted(comment: &issue::PostComment) -> Value {
    let files = comment.files.iter().map(|file| {
        json!({
            "name": file.file_name,
            "media_type": file.media_type,
            "size": file.size,
            "sha256": file.sha256,
        })
    });
    let files = (!comment.files.is_empty()).then(|| files.collect::<Vec<_>>());
    json!({ "note_key": comment.note_key, "author_label": comment.author_label, "text": comment.text, "files": files })
}

fn of_document(command: &document::PartnerCommand) -> (&'static str, &'static str, Value) {
    use document::PartnerCommand as C;
    match command {
        C::Acknowledge(c) => ("acknowledgement", "document-acknowledged", json!({ "reference": c.reference })),
        C::SetStatus(c) => (
            "status",
            "document-status-changed",
            json!({
                "status": c.status.as_str(),
                "label": c.label,
                "status_code": c.status_code,
                "reason": c.reason,
                "version_no": c.version_no,
            }),
        ),
        C::PostComment(c) => ("comments", "document-comment-posted", posted(c)),
        C::Publish(c) => ("", "document-published", published(c)),
        C::PublishVersion(c) => (
            "versions",
            "document-version-published",
            json!({
                "version_no": c.version_no,
                "file": offered(&c.file),
                "valid_to": c.valid_to,
                "label": c.label,
                "note": c.note,
            }),
        ),
        C::Decide(c) => (
            "decisions",
            "document-decided",
            json!({
                "version_no": c.version_no,
                "decision": c.decision,
                "label": c.label,
                "status_code": c.status_code,
                "reason_code": c.reason_code,
                "comment": c.comment,
                "corrections": c.corrections.iter().map(|one| without_nulls(json!(one))).collect::<Vec<_>>(),
                "valid_to": c.valid_to,
            }),
        ),
        C::RejectFile(c) => (
            "file-refusals",
            "document-file-rejected",
            json!({ "version_no": c.version_no, "label": c.label, "text": c.text }),
        ),
        C::RequestRenewal(c) => (
            "renewal-requests",
            "document-renewal-requested",
            json!({
                "version_no": c.version_no,
                "label": c.label,
                "text": c.text,
                "valid_to": c.valid_to,
                "days_left": c.days_left,
            }),
        ),
    }
}

/// The contract leaves out what is not said.
fn without_nulls(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    body
}
