//! What happened in X about a document, as commands for the community.

use super::{FILE_REFUSED, VERSION, WITHHELD, decision, expiry, merge, sharing, terms};
use crate::bundle::document::Documents;
use crate::bundle::fields::Use;
use crate::bundle::statuses::Meaning;
use crate::engine::{Draft, Held, Known};
use crate::issue::foreign;
use crate::known::comments;
use crate::project;
use crate::uploader::WITHHELD as WITHHELD_FILES;
use domain::document::{
    ABOUT_VALID_TO, Acknowledge, InternalEvent as E, PartnerCommand as C, RejectFile, ReviewDecided, SetStatus,
};
use domain::issue::{InformationRequired, PostComment, PublicCommentAdded, StatusChanged};
use domain::{DocumentStatus as Status, OnlyIf, PartnerCommand, Shared};

type Rules<'a> = Draft<'a, PartnerCommand>;
type Text = Shared<String>;

pub(crate) fn to_partner(draft: &mut Rules<'_>, event: &E) -> Result<(), Held> {
    if sharing::begins_inside(draft) {
        return sharing::to_partner(draft, event);
    }
    // What never leaves is skipped before anything about the partner is asked, so that it is never held either.
    let silent = match event {
        E::Created(_) => Some("internal-created"),
        E::InternalNoteAdded(_) => Some("internal-note"),
        E::Assigned(_) => Some("assigned"),
        E::PriorityChanged(_) => Some("priority-changed"),
        E::FieldChanged(_) => Some("field-changed"),
        // Only what begins in the house is shared outward.
        E::SharedOutward(_) => Some("not-the-houses-document"),
        E::StatusChanged(_)
        | E::PublicCommentAdded(_)
        | E::InformationRequired(_)
        | E::ReviewDecided(_)
        | E::Expiring(_)
        | E::Expired(_)
        | E::Merged(_) => None,
    };
    if let Some(rule) = silent.or_else(|| foreign(draft)) {
        return draft.only_skip(rule);
    }
    match event {
        E::StatusChanged(e) => status_changed(draft, e),
        E::PublicCommentAdded(e) => comment_added(draft, e),
        E::InformationRequired(e) => information_required(draft, e),
        E::ReviewDecided(e) => review_decided(draft, e),
        E::Expiring(e) => expiry::expiring(draft, e),
        E::Expired(e) => expiry::expired(draft, e),
        E::Merged(e) => merge::merged(draft, e),
        E::Created(_)
        | E::InternalNoteAdded(_)
        | E::Assigned(_)
        | E::PriorityChanged(_)
        | E::FieldChanged(_)
        | E::SharedOutward(_) => Ok(()),
    }
}

pub(super) fn push(draft: &mut Rules<'_>, rule: &'static str, effect: &str, command: C) {
    draft.push(rule, effect, PartnerCommand::Document(command));
}

pub(super) fn label(known: &Known<'_>, status: Status) -> Text {
    known.texts.get("document-status", status.as_str()).share()
}

pub(super) fn code(terms: &Documents, status: Status) -> Option<Text> {
    terms.codes.get(status.as_str()).map(domain::PublicText::share)
}

pub(super) fn only_in(statuses: &[Status]) -> Option<OnlyIf> {
    let one_of = statuses.iter().map(|s| s.as_str().to_owned()).collect();
    Some(OnlyIf { field: "status".to_owned(), one_of, set_by: String::new() })
}

/// Where a version stands that nobody has reviewed yet.
const UNSEEN: [Status; 3] = [Status::Uploaded, Status::Scanning, Status::Available];

pub(super) fn meaning<'a>(terms: &'a Documents, status: &str) -> Result<(Status, &'a str), Held> {
    match terms.statuses.meaning.get(status) {
        Some(Meaning::Is { canonical, label, .. }) => Ok((*canonical, label)),
        Some(Meaning::Hold) => Err(Held::new("held-status", status)),
        None => Err(Held::new("unknown-status", status)),
    }
}

/// X's status says that somebody looks at it, or that it is over. What a review came to is said by its decision, which
/// names a version; a status names none.
fn status_changed(draft: &mut Rules<'_>, e: &StatusChanged) -> Result<(), Held> {
    let terms = terms(draft)?;
    let known = draft.known_partner()?;
    let (from, _) = meaning(terms, &e.from)?;
    let (to, key) = meaning(terms, &e.to)?;
    if from == to {
        return draft.only_skip("same-status");
    }
    if to.has_its_own_word() {
        return draft.only_skip("said-by-decision");
    }
    // A ticket is closed when the work is done; what was approved stays so.
    if matches!(to, Status::Archived | Status::Purged) {
        return draft.only_skip("closed-inside");
    }
    let only_if = if to == Status::UnderReview { only_in(&UNSEEN) } else { None };
    let reason = known.shared("status_reason", &e.reason).or_else(|| known.extra(draft, Use::StatusReason));
    let command = SetStatus {
        status: to,
        label: known.texts.get("document-status", key).share(),
        status_code: code(terms, to),
        reason: reason.filter(|_| !restricted(draft, terms)),
        version_no: 0,
        only_if,
    };
    push(draft, "document.status-changed", to.as_str(), C::SetStatus(command));
    Ok(())
}

/// A decision crosses as a whole or not at all: half of one would be another.
fn review_decided(draft: &mut Rules<'_>, e: &ReviewDecided) -> Result<(), Held> {
    let terms = terms(draft)?;
    let known = draft.known_partner()?;
    let fields = draft.bundle.fields.out.iter().filter(|field| field.to == Use::Decision);
    let granted =
        fields.filter_map(|field| project::granted(known.isolation, known.policy, &field.internal, &e.decision)).next();
    let Some(granted) = granted else { return draft.only_skip("not-shared") };
    if granted.get().trim().is_empty() {
        return draft.only_skip("decision-taken-back");
    }
    let mut decide = decision::read(terms, &granted, |status| label(&known, status))?;
    decide.status_code = code(terms, decide.status);
    if restricted(draft, terms) {
        // Others at the partner read it too: what stands in a bank or tax form is not for them.
        decide.comment = None;
        for correction in &mut decide.corrections {
            correction.value = None;
        }
    }
    // Which version, and its last day where the review sets one: time is told by them.
    let number = decide.version_no.to_string();
    let valid_to = decide.valid_to.as_ref().map(|day| day.get().clone()).unwrap_or_default();
    let about = [(VERSION, number.as_str()), (ABOUT_VALID_TO, valid_to.as_str())];
    let command = PartnerCommand::Document(C::Decide(decide));
    draft.push_about("document.review-decided", "decide", command, &about);
    Ok(())
}

/// By the type that the ticket holds.
pub(super) fn restricted(draft: &Rules<'_>, terms: &Documents) -> bool {
    let field = format!("cf.{}", terms.terms.type_field);
    terms.types.is_restricted(draft.meta.ext.get(&field).map_or("", String::as_str))
}

fn comment_added(draft: &mut Rules<'_>, e: &PublicCommentAdded) -> Result<(), Held> {
    match comments(draft, e)? {
        Ok(posts) => {
            let terms = terms(draft)?;
            if restricted(draft, terms) {
                // Neither words nor files of a restricted document go out; that something was said is said once.
                let text = draft.known_partner()?.texts.get("document-notice", "restricted").share();
                if let Some(post) = posts.into_iter().next() {
                    let post = PostComment { text, files: Vec::new(), ..post.comment };
                    push(draft, "document.public-comment-added", "comment", C::PostComment(post));
                }
                return Ok(());
            }
            for post in posts {
                let command = PartnerCommand::Document(C::PostComment(post.comment));
                let about = [(WITHHELD_FILES, post.withheld.as_str())];
                draft.push_about("document.public-comment-added", &post.effect, command, &about);
            }
            Ok(())
        }
        Err(rule) => draft.only_skip(rule),
    }
}

/// Asked in words: only a decision makes a document wait for a correction.
fn information_required(draft: &mut Rules<'_>, e: &InformationRequired) -> Result<(), Held> {
    let note_id = format!("question-{}", draft.meta.id);
    let (author, format, files) = (String::new(), "plain".to_owned(), Vec::new());
    let said = PublicCommentAdded { note_id, author, text: e.question.clone(), format, files };
    comment_added(draft, &said)
}

/// X took it on.
pub(crate) fn acknowledge(draft: &mut Rules<'_>, reference: Option<Text>) {
    push(draft, "document.created", "acknowledge", C::Acknowledge(Acknowledge { reference }));
}

fn version(draft: &Rules<'_>) -> Option<i64> {
    draft.meta.ext.get(VERSION)?.parse().ok().filter(|number| *number >= 1)
}

/// X carried out what a version asked of it. Its own echo is no news, so the partner hears of it here.
pub(crate) fn obeyed(draft: &mut Rules<'_>, kind: &str) -> Result<(), Held> {
    let (to, from): (_, &[Status]) = match kind {
        "internal.document.add-version" => (Status::Available, &[Status::Uploaded, Status::Scanning]),
        "internal.document.restart-review" => (Status::UnderReview, &UNSEEN),
        "internal.document.withhold-file" => {
            let reason = draft.meta.ext.get(WITHHELD).cloned().unwrap_or_default();
            return reject(draft, &reason, &[]);
        }
        _ => return draft.only_skip("outcome-done"),
    };
    let (terms, known) = (terms(draft)?, draft.known_partner()?);
    let command = SetStatus {
        status: to,
        label: label(&known, to),
        status_code: code(terms, to),
        reason: None,
        version_no: version(draft).unwrap_or_default(),
        only_if: only_in(from),
    };
    push(draft, "document.obeyed", to.as_str(), C::SetStatus(command));
    Ok(())
}

/// X's side would not let a file in, such as one that may do harm: its uploader hears that it was not accepted, and no
/// more.
pub(crate) fn refused(draft: &mut Rules<'_>, kind: &str, reason: &str) -> Result<(), Held> {
    // Anything else that was refused is no fault of the file.
    if kind == "internal.document.add-file" && OF_FILES.contains(&reason) {
        // What was found stays inside, also where only the pipeline reads.
        return reject(draft, reason, &[(FILE_REFUSED, "true")]);
    }
    draft.only_skip("outcome-refused")
}

/// Reasons of a refusal that are about the file itself.
const OF_FILES: [&str; 9] =
    ["infected", "encrypted", "suspicious", "corrupt", "type-blocked", "oversize", "empty", "bad-name", "too-many"];

fn reject(draft: &mut Rules<'_>, reason: &str, about: &[(&str, &str)]) -> Result<(), Held> {
    terms(draft)?;
    let known = draft.known_partner()?;
    // Which file was meant is not guessed.
    let Some(version_no) = version(draft) else { return Err(Held::new("no-version", reason)) };
    let said = ["oversize", "empty", "type-blocked", "bad-name", "too-many"].contains(&reason);
    let text = known.texts.get("document-refusal", if said { reason } else { "other" }).share();
    let label = label(&known, Status::Quarantined);
    let command = PartnerCommand::Document(C::RejectFile(RejectFile { version_no, label, text }));
    let number = version_no.to_string();
    let about: Vec<_> = about.iter().copied().chain([(VERSION, number.as_str())]).collect();
    draft.push_about("document.file-refused", "reject", command, &about);
    Ok(())
}
