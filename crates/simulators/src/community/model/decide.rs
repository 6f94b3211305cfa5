//! Which requests a case takes. Every transition that `domain::CaseStatus` does not list is refused.

use super::super::action::Action;
use super::super::wire::{Actor, Case, Change, Comment, FieldChange, Happened, Status, What};
use super::super::{discrepancy, document, onboarding};
use super::{Model, field};
use crate::files::{File, named};
use domain::CaseStatus;
use std::collections::BTreeMap;

/// Whose token it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Host,
    /// The partner of this id; it sees its own cases only.
    Partner(String),
}

/// Why a request was not taken; the word is the `code` of the problem document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Also the answer for another partner's case: whether it exists is not told.
    #[error("there is no such case")]
    UnknownCase,
    #[error("a case that is {from} cannot become {to}")]
    Transition { from: &'static str, to: &'static str },
    #[error("the case is closed to partners")]
    Final,
    #[error("that resolution is not the one on offer")]
    NotOnOffer,
    #[error("the field cannot be changed, or not to that value")]
    Field,
    #[error("an outcome is needed for every line, and for nothing else")]
    Incomplete,
    #[error("the time for an answer to the outcome has passed")]
    Lapsed,
    #[error("the partner has not answered yet, and still may")]
    Unanswered,
    #[error("there is no such task")]
    UnknownTask,
    #[error("the reference belongs to another partner")]
    Taken,
    #[error("another task has to be done before")]
    Blocked,
    #[error("that version is not the newest")]
    NotNewest,
    #[error("that version is not the next one")]
    NotNext,
    #[error("the newest version has the same bytes")]
    SameBytes,
    #[error("a text is empty or too long")]
    Text,
    #[error("the token may not do that")]
    Forbidden,
}

/// A change without its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub case_id: String,
    pub partner_id: String,
    /// Of what began with the host: onboarding spaces, documents of its own.
    pub external_reference: String,
    pub version: u64,
    pub status: Status,
    pub what: Happened,
    pub actor: Actor,
}

impl Draft {
    pub fn into_change(self, id: String, at: i64, environment: &str, key: Option<String>) -> Change {
        Change {
            id,
            case_id: self.case_id,
            partner_id: self.partner_id,
            external_reference: self.external_reference,
            what: self.what,
            actor: self.actor,
            occurred_at: at,
            version: self.version,
            status: self.status,
            environment: environment.to_owned(),
            idempotency_key: key,
            ext: BTreeMap::new(),
        }
    }
}

pub fn bounded(text: &str, max: usize) -> Result<(), Refusal> {
    if text.len() > max { Err(Refusal::Text) } else { Ok(()) }
}

pub fn given(text: &str, max: usize) -> Result<(), Refusal> {
    if text.trim().is_empty() { Err(Refusal::Text) } else { bounded(text, max) }
}

const LINE: usize = 512;
const TEXT: usize = 64 * 1024;

impl Model {
    /// What the request would change at `now`. `case_id` is `None` only for opening one.
    pub fn decide(&self, who: &Who, case_id: Option<&str>, action: Action, now: i64) -> Result<Draft, Refusal> {
        if let Action::Dispute(action) = action {
            return discrepancy::decide(self, who, case_id, action, now);
        }
        if let Action::Onboarding(action) = action {
            return onboarding::decide(self, who, case_id, action);
        }
        if let Action::Paper(action) = action {
            return document::decide(self, who, case_id, action);
        }
        if let Action::Open(new) = action {
            return self.open(who, *new);
        }
        let case = case_id.and_then(|id| self.case(id)).ok_or(Refusal::UnknownCase)?;
        let actor = match who {
            Who::Host => Actor { id: "host".to_owned(), side: "host".to_owned() },
            Who::Partner(id) if *id == case.partner_id => Actor { id: id.clone(), side: "partner".to_owned() },
            Who::Partner(_) => return Err(Refusal::UnknownCase),
        };
        let (status, what) = match who {
            Who::Host => by_host(case, action)?,
            Who::Partner(_) => by_partner(case, action)?,
        };
        Ok(Draft {
            case_id: case.id.clone(),
            partner_id: case.partner_id.clone(),
            external_reference: String::new(),
            version: case.version + 1,
            status: Status::Case(status),
            what: Happened::Case(what),
            actor,
        })
    }

    fn open(&self, who: &Who, mut new: super::super::wire::NewCase) -> Result<Draft, Refusal> {
        let Who::Partner(partner_id) = who else { return Err(Refusal::Forbidden) };
        given(&new.title, LINE)?;
        bounded(&new.description, TEXT)?;
        for word in [&new.severity, &new.category, &new.sub_category, &new.language] {
            bounded(word, 64)?;
        }
        if new.documents.len() > 100 {
            return Err(Refusal::Text);
        }
        let case_id = self.next_case_id();
        new.files = named(new.files, &format!("{case_id}-n0"));
        Ok(Draft {
            case_id,
            partner_id: partner_id.clone(),
            external_reference: String::new(),
            version: 1,
            status: Status::Case(CaseStatus::Submitted),
            what: Happened::Case(What::Opened(Box::new(new))),
            actor: Actor { id: partner_id.clone(), side: "partner".to_owned() },
        })
    }
}

/// Staying where it is is no transition: a repeat of a status with another reason, a better proposal.
fn step(case: &Case, to: CaseStatus) -> Result<CaseStatus, Refusal> {
    if case.status == to || case.status.may_become(to) {
        Ok(to)
    } else {
        Err(Refusal::Transition { from: case.status.as_str(), to: to.as_str() })
    }
}

fn by_host(case: &Case, action: Action) -> Result<(CaseStatus, What), Refusal> {
    match action {
        Action::Acknowledge(a) => {
            bounded(&a.reference, LINE)?;
            // It moves a case that nobody has moved yet and only adds the reference to any other.
            let moves = case.status == CaseStatus::Submitted;
            let status = if moves { CaseStatus::Acknowledged } else { case.status };
            Ok((status, What::Acknowledged { reference: a.reference }))
        }
        Action::SetStatus(a) => {
            bounded(&a.label, LINE)?;
            bounded(&a.reason, TEXT)?;
            let to = step(case, a.status)?;
            let (from, expected_resolution_at) = (case.status, a.expected_resolution_at);
            Ok((to, What::StatusChanged { from, to, label: a.label, reason: a.reason, expected_resolution_at }))
        }
        Action::PostComment(a) => {
            said(&a.text, &a.files)?;
            given(&a.note_key, LINE)?;
            bounded(&a.author_label, LINE)?;
            let posted = comment(case, a.author_label, a.text, String::new(), a.note_key, a.files);
            Ok((case.status, What::CommentPosted(posted)))
        }
        Action::RequestInformation(a) => {
            given(&a.question, TEXT)?;
            let to = step(case, CaseStatus::PendingPartner)?;
            Ok((to, What::InformationRequested { question: a.question, due_at: a.due_at }))
        }
        Action::ProposeResolution(a) => {
            given(&a.resolution_version, LINE)?;
            bounded(&a.code, LINE)?;
            bounded(&a.note, TEXT)?;
            let to = step(case, CaseStatus::Resolved)?;
            let (resolution_version, code, note) = (a.resolution_version, a.code, a.note);
            Ok((to, What::ResolutionProposed { resolution_version, code, note }))
        }
        Action::Close(a) => {
            given(&a.closure, 64)?;
            bounded(&a.text, TEXT)?;
            Ok((step(case, CaseStatus::Closed)?, What::Closed { closure: a.closure, text: a.text }))
        }
        Action::Reopen(a) => {
            bounded(&a.reason, TEXT)?;
            Ok((step(case, CaseStatus::InProgress)?, What::Reopened { reason: a.reason }))
        }
        Action::Dispute(_)
        | Action::Onboarding(_)
        | Action::Paper(_)
        | Action::Open(_)
        | Action::ChangeDetails(_)
        | Action::AddComment(_)
        | Action::ReviseComment { .. }
        | Action::RemoveComment { .. }
        | Action::Withdraw(_)
        | Action::AnswerResolution { .. } => Err(Refusal::Forbidden),
    }
}

fn by_partner(case: &Case, action: Action) -> Result<(CaseStatus, What), Refusal> {
    if case.status.is_final() {
        return Err(Refusal::Final);
    }
    match action {
        Action::ChangeDetails(a) => {
            bounded(&a.reason, TEXT)?;
            let mut changes = Vec::new();
            for (name, new) in a.fields {
                bounded(&new, TEXT)?;
                let old = field(case, &name).ok_or(Refusal::Field)?;
                if name == "requested_resolution_at" && new.parse::<i64>().is_err() {
                    return Err(Refusal::Field);
                }
                changes.push(FieldChange { field: name, old, new });
            }
            if changes.is_empty() {
                return Err(Refusal::Field);
            }
            Ok((case.status, What::DetailsChanged { changes, reason: a.reason }))
        }
        Action::AddComment(a) => {
            said(&a.text, &a.files)?;
            bounded(&a.author, LINE)?;
            let author = if a.author.is_empty() { case.partner_id.clone() } else { a.author };
            Ok((case.status, What::CommentAdded(comment(case, author, a.text, a.format, String::new(), a.files))))
        }
        Action::ReviseComment { note_id, comment: a } => {
            given(&a.text, TEXT)?;
            let (of, written_at) = own_comment(case, &note_id)?;
            let format = if a.format.is_empty() { of.format.clone() } else { a.format };
            let author = of.author.clone();
            Ok((case.status, What::CommentRevised { note_id, author, text: a.text, format, written_at }))
        }
        Action::RemoveComment { note_id } => {
            let (_, written_at) = own_comment(case, &note_id)?;
            Ok((case.status, What::CommentRemoved { note_id, written_at }))
        }
        Action::Withdraw(a) => {
            bounded(&a.reason, TEXT)?;
            Ok((step(case, CaseStatus::Cancelled)?, What::Withdrawn { reason: a.reason }))
        }
        Action::AnswerResolution { resolution_version, accepted, answer } => {
            bounded(&answer.comment, TEXT)?;
            let on_offer = case.resolution.as_ref().is_some_and(|r| {
                r.resolution_version == resolution_version && r.answer.is_empty() && case.status == CaseStatus::Resolved
            });
            if !on_offer {
                return Err(Refusal::NotOnOffer);
            }
            let comment = answer.comment;
            Ok(if accepted {
                // The host closes; until then the acceptance stands beside the resolution.
                (CaseStatus::Resolved, What::ResolutionAccepted { resolution_version, comment })
            } else {
                (CaseStatus::InProgress, What::ResolutionRejected { resolution_version, comment })
            })
        }
        Action::Dispute(_)
        | Action::Onboarding(_)
        | Action::Paper(_)
        | Action::Open(_)
        | Action::Acknowledge(_)
        | Action::SetStatus(_)
        | Action::PostComment(_)
        | Action::RequestInformation(_)
        | Action::ProposeResolution(_)
        | Action::Close(_)
        | Action::Reopen(_) => Err(Refusal::Forbidden),
    }
}

/// A message says something, or brings something.
pub fn said(text: &str, files: &[File]) -> Result<(), Refusal> {
    if files.is_empty() { given(text, TEXT) } else { bounded(text, TEXT) }
}

fn comment(case: &Case, author: String, text: String, format: String, note_key: String, files: Vec<File>) -> Comment {
    let note_id = format!("{}-n{}", case.id, case.comments.len() + 1);
    let format = if format.is_empty() { "plain".to_owned() } else { format };
    let files = named(files, &note_id);
    Comment { note_id, author, text, format, note_key, files, written_at: None, removed: false }
}

/// A comment that the partner wrote and has not taken away; the host's are not its to change.
fn own_comment<'c>(case: &'c Case, note_id: &str) -> Result<(&'c Comment, i64), Refusal> {
    let own = |c: &&Comment| c.note_id == note_id && c.note_key.is_empty() && !c.removed;
    let comment = case.comments.iter().find(own).ok_or(Refusal::Field)?;
    Ok((comment, comment.written_at.unwrap_or_default()))
}
