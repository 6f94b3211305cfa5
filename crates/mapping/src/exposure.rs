//! What would cross for one partner, printed before anybody switches a link on.

use crate::Bundle;
use crate::bundle::fields::Use;
use crate::bundle::policy::{Policy, SHARES};
use domain::PartnerId;
use domain::field::{CASE_FIELDS, Master};
use std::fmt;

/// One field that goes from one side to the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crossing {
    /// The field, as the side that it leaves calls it.
    pub field: String,
    /// `partner` or `internal`.
    pub from: String,
    /// Where it arrives: a command and its field, or a field of X.
    pub to: String,
    /// The rule or the line of the bundle that lets it cross.
    pub why: String,
}

impl fmt::Display for Crossing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let other = if self.from == "partner" { "internal" } else { "partner" };
        write!(f, "{} -> {other}: {} -> {} ({})", self.from, self.field, self.to, self.why)
    }
}

/// What a partner's case always brings to X.
const INWARD: [(&str, &str); 15] = [
    ("title", "create-case.title"),
    ("description", "create-case.description"),
    ("documents", "create-case.description"),
    ("transaction", "create-case.description"),
    ("contact", "create-case.description"),
    ("requested_resolution_at", "create-case.description"),
    ("comment author", "add-public-comment.author"),
    ("comment text", "add-public-comment.text"),
    ("files of the case and of comments", "add-public-comment.files"),
    ("resolution-rejected comment", "add-public-comment.text"),
    ("resolution-accepted comment", "add-internal-note.text"),
    ("details-changed reason", "add-internal-note.text"),
    ("reason of a refusal", "add-internal-note.text"),
    ("actor", "the actor of every command; add-public-comment.author of a rejection"),
    ("withdrawn reason", "add-internal-note.text"),
];

/// What a partner's discrepancy always brings to X, where the link has them.
const DISPUTE_INWARD: [(&str, &str); 9] = [
    ("raised: title", "discrepancy.create-case.title"),
    ("raised: everything else", "discrepancy.create-case.description"),
    ("line-corrected: line and reason", "discrepancy.add-internal-note.text"),
    ("discrepancy: comment author and text", "discrepancy.add-public-comment"),
    ("evidence-given: author, text, documents", "discrepancy.add-public-comment"),
    ("outcome-confirmed: lines and comment", "discrepancy.add-internal-note.text"),
    ("outcome-contested: lines and comment", "discrepancy.add-public-comment.text"),
    ("outcome-contested: round", "discrepancy.escalate-case.fields"),
    ("discrepancy: withdrawn reason", "discrepancy.add-internal-note.text"),
];

/// As [`OUTWARD`], of discrepancies.
const DISPUTE_OUTWARD: [(&str, &str, &str); 9] = [
    ("reference", "done.reference", "discrepancy.acknowledge.reference"),
    ("comments", "public-comment-added.text", "discrepancy.post-comment.text"),
    ("files", "public-comment-added.files", "discrepancy.post-comment.files"),
    ("status_reason", "status-changed.reason", "discrepancy.set-status.reason"),
    (
        "expected_resolution_at",
        "status-changed.expected_resolution_at",
        "discrepancy.set-status.expected_resolution_at",
    ),
    ("question", "information-required.question", "discrepancy.request-evidence.question"),
    ("question", "status-changed.reason", "discrepancy.request-evidence.question"),
    ("due_at", "information-required.due_at", "discrepancy.request-evidence.due_at"),
    ("resolution_note", "status-changed.reason", "discrepancy.propose-outcome.note"),
];

/// What a partner's answers in the course of its onboarding always bring to X, where the link takes them.
const PROGRAMME_INWARD: [(&str, &str); 5] = [
    ("invitation: contact and comment", "onboarding.add-internal-note.text"),
    ("invitation: the answer", "onboarding.accept-, decline- or expire-invitation"),
    ("task-submitted: author, answer, documents", "onboarding.add-internal-note.text"),
    ("task-submitted: the task", "onboarding.submit-task"),
    ("question-asked: author and text", "onboarding.add-internal-note.text"),
];

/// As [`OUTWARD`], of onboarding. Of tasks, those of the partner and those that are shown to it.
const PROGRAMME_OUTWARD: [(&str, &str, &str); 8] = [
    ("due_at", "programme: target_live_at", "onboarding.open-space.target_live_at"),
    ("due_at", "task: due_at", "onboarding.upsert-task.due_at"),
    ("due_at", "milestones: dates", "onboarding.set-milestone.date and previous_date"),
    ("status_reason", "status-changed.reason", "onboarding.set-status.reason"),
    ("status_reason", "task: reason", "onboarding.upsert-task.reason"),
    ("status_reason", "task-status-changed.reason", "onboarding.set-task-status.reason"),
    ("status_reason", "milestones-changed.reason", "onboarding.set-milestone.reason"),
    ("comments", "comment-added.text", "onboarding.post-comment.text"),
];

/// What of a programme crosses without a share.
const PROGRAMME_ALWAYS: [(&str, &str, &str); 5] = [
    ("programme", "onboarding.open-space.programme", "onboarding/programmes.csv, texts"),
    (
        "status of a programme or task",
        "onboarding.set-status, set-task-status",
        "onboarding/statuses.csv, task-statuses.csv, texts",
    ),
    (
        "task: title, instructions, owner side, mandatory, depends on",
        "onboarding.upsert-task",
        "tasks of the partner, and those that are shown to it",
    ),
    ("task: document type", "onboarding.upsert-task.document_type", "onboarding/document-types.csv"),
    (
        "readiness: state, counts, ids of tasks in the way",
        "onboarding.set-readiness",
        "computed in the case system; no text of it",
    ),
];

/// What each share lets out, by the field of the event it comes from.
const OUTWARD: [(&str, &str, &str); 13] = [
    ("reference", "done.reference", "acknowledge-case.reference"),
    ("comments", "public-comment-added.text", "post-comment.text"),
    ("files", "public-comment-added.files", "post-comment.files"),
    ("status_reason", "status-changed.reason", "set-case-status.reason"),
    ("status_reason", "status-changed.reason", "reopen-case.reason"),
    ("status_reason", "reopened.reason", "reopen-case.reason"),
    ("expected_resolution_at", "status-changed.expected_resolution_at", "set-case-status.expected_resolution_at"),
    ("question", "information-required.question", "request-information.question"),
    ("question", "status-changed.reason", "request-information.question"),
    ("due_at", "information-required.due_at", "request-information.due_at"),
    ("resolution_note", "resolved.note", "propose-resolution.note"),
    ("resolution_note", "status-changed.reason", "propose-resolution.note"),
    ("resolution_code", "resolved.code", "propose-resolution.code"),
];

/// Everything of the origin's data that would cross for this partner, both ways; what is not listed stays where it
/// is. Empty for a partner that the bundle does not know: all its facts are held.
pub fn exposure(bundle: &Bundle, partner: &PartnerId) -> Vec<Crossing> {
    let Some(partner) = bundle.partner(partner.as_str()) else { return Vec::new() };
    let policy = bundle.policy(partner);
    let mut out = Vec::new();
    inward(bundle, policy, &mut out);
    outward(bundle, policy, &mut out);
    out
}

fn crossing(from: &str, field: &str, to: impl Into<String>, why: impl Into<String>) -> Crossing {
    Crossing { field: field.to_owned(), from: from.to_owned(), to: to.into(), why: why.into() }
}

fn inward(bundle: &Bundle, policy: &Policy, out: &mut Vec<Crossing>) {
    out.extend(INWARD.map(|(field, to)| crossing("partner", field, to, "built in")));
    for field in &bundle.fields.into {
        let to = format!("create-case.fields `{}`", field.internal);
        out.push(crossing("partner", &field.source, to, "fields-in.csv"));
    }
    if let Some(disputes) = &bundle.discrepancies {
        out.extend(DISPUTE_INWARD.map(|(field, to)| crossing("partner", field, to, "built in")));
        for field in &disputes.fields {
            let to = format!("discrepancy.create-case.fields `{}`", field.internal);
            out.push(crossing("partner", &field.source, to, "discrepancy/fields-in.csv"));
        }
    }
    if bundle.onboarding.as_ref().is_some_and(|o| o.terms.answers) {
        let why = "onboarding.answers";
        out.extend(PROGRAMME_INWARD.map(|(field, to)| crossing("partner", field, to, why)));
    }
    let extras = bundle.fields.into.iter().map(|f| f.source.as_str()).filter(|s| s.starts_with("ext."));
    for field in CASE_FIELDS.iter().map(|(field, _)| *field).chain(extras) {
        let targets: Vec<&str> = bundle.fields.internal_for(field).collect();
        let owned = policy.master(field).unwrap_or(Master::Partner) == Master::Partner;
        if owned && !targets.is_empty() {
            for target in targets {
                let to = format!("update-fields `{target}`");
                out.push(crossing(
                    "partner",
                    &format!("{field} changed"),
                    to,
                    "mastered by the partner, fields-in.csv",
                ));
            }
        } else {
            let why = if owned { "no field in fields-in.csv" } else { "mastered by the internal side" };
            out.push(crossing("partner", &format!("{field} changed"), "add-internal-note, as a suggestion", why));
        }
    }
}

fn outward(bundle: &Bundle, policy: &Policy, out: &mut Vec<Crossing>) {
    out.push(crossing("internal", "status", "set-case-status.status and label", "statuses.csv, texts"));
    out.push(crossing("internal", "closed.kind", "close-case.kind", "built in: one of three words"));
    let disputes: &[_] = if bundle.discrepancies.is_some() { &DISPUTE_OUTWARD } else { &[] };
    if bundle.discrepancies.is_some() {
        let why = "discrepancy/statuses.csv, texts";
        out.push(crossing("internal", "status of a discrepancy", "discrepancy.set-status.status and label", why));
    }
    let programmes: &[_] = if bundle.onboarding.is_some() { &PROGRAMME_OUTWARD } else { &[] };
    if bundle.onboarding.is_some() {
        out.extend(PROGRAMME_ALWAYS.map(|(field, to, why)| crossing("internal", field, to, why)));
    }
    for (share, field, to) in
        OUTWARD.iter().chain(disputes).chain(programmes).filter(|(share, _, _)| policy.shares(share))
    {
        let words = SHARES.iter().find(|(key, _, _)| key == share).map_or("", |(_, _, words)| words);
        // A reference is granted as a field; everything else must be marked for the partner at its origin.
        let why = format!("share.{share}: {words}");
        out.push(crossing("internal", field, *to, why));
    }
    for field in bundle.fields.out.iter().filter(|f| policy.grant(&f.internal).is_some()) {
        let to = match field.to {
            Use::ResolutionNote => "propose-resolution.note",
            // Crosses as one of our codes, so the general share must be open as well.
            Use::ResolutionCode if !policy.shares("resolution_code") => continue,
            Use::ResolutionCode => "propose-resolution.code",
            Use::StatusReason => "set-case-status.reason, reopen-case.reason",
            Use::Question => "request-information.question",
            Use::LineOutcomes if bundle.discrepancies.is_none() => continue,
            Use::Settlement | Use::Evidence if bundle.discrepancies.is_none() => continue,
            Use::Decision | Use::Share | Use::Order | Use::Invoice | Use::Shipment | Use::ParentCase
                if bundle.documents.is_none() =>
            {
                continue;
            }
            Use::Share => "publish: version, title, valid_to, note; with the file of the reply before it",
            Use::Order | Use::Invoice | Use::Shipment => "publish.references",
            Use::ParentCase => "publish.case_id",
            Use::Decision => "decide: version, decision, reason, comment, corrections",
            Use::LineOutcomes => "propose-outcome.lines",
            Use::Settlement => "settle.references",
            Use::Evidence => "request-evidence.document_types",
        };
        let why = format!("fields-out.csv: granted as {}", field.to.word());
        out.push(crossing("internal", &format!("ext `{}`", field.internal), to, why));
    }
}
