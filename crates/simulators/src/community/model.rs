//! The community's rules as a pure model: `decide` what a request changes, `apply` a change. No I/O and no clock.
//!
//! The state is the fold of all changes, so replaying the journal gives the same state.

mod decide;

use super::discrepancy::{self, wire::Discrepancy};
use super::document::{self, wire::Document};
use super::onboarding::{self, wire::Space};
use super::wire::{Case, Change, Comment, Happened, InformationRequest, Resolution, Status, What};
use crate::files::File;
use domain::{CaseStatus, DiscrepancyStatus, DocumentStatus, ProgrammeStatus};
use std::collections::BTreeMap;

pub use decide::{Draft, Refusal, Who};
pub(super) use decide::{bounded, given, said};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    cases: BTreeMap<String, Case>,
    discrepancies: BTreeMap<String, Discrepancy>,
    spaces: BTreeMap<String, Space>,
    documents: BTreeMap<String, Document>,
    changes: Vec<Change>,
    files: BTreeMap<String, Attached>,
}

/// A file of some message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    pub file: File,
    /// The partner whose record it belongs to.
    pub partner_id: String,
    /// The partner brought it, not the host.
    pub by_partner: bool,
}

impl Model {
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.get(id)
    }

    /// In order of their ids.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    pub fn cases_after<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Case> {
        self.cases.range::<str, _>((std::ops::Bound::Excluded(id), std::ops::Bound::Unbounded)).map(|(_, case)| case)
    }

    pub fn discrepancy(&self, id: &str) -> Option<&Discrepancy> {
        self.discrepancies.get(id)
    }

    /// In order of their ids.
    pub fn discrepancies(&self) -> impl Iterator<Item = &Discrepancy> {
        self.discrepancies.values()
    }

    pub fn discrepancies_after<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Discrepancy> {
        let after = (std::ops::Bound::Excluded(id), std::ops::Bound::Unbounded);
        self.discrepancies.range::<str, _>(after).map(|(_, record)| record)
    }

    pub fn space(&self, id: &str) -> Option<&Space> {
        self.spaces.get(id)
    }

    /// Of the host's own key.
    pub fn space_of(&self, external_reference: &str) -> Option<&Space> {
        self.spaces.values().find(|space| space.external_reference == external_reference)
    }

    /// In order of their ids, those after `id`.
    pub fn spaces_after<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Space> {
        self.spaces.range::<str, _>((std::ops::Bound::Excluded(id), std::ops::Bound::Unbounded)).map(|(_, space)| space)
    }

    pub fn document(&self, id: &str) -> Option<&Document> {
        self.documents.get(id)
    }

    /// In order of their ids.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.values()
    }

    pub fn documents_after<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Document> {
        let after = (std::ops::Bound::Excluded(id), std::ops::Bound::Unbounded);
        self.documents.range::<str, _>(after).map(|(_, record)| record)
    }

    /// In the order they happened; the position is the feed's cursor.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    pub fn change(&self, id: &str) -> Option<&Change> {
        let position = id.strip_prefix("ch-")?.parse::<usize>().ok()?.checked_sub(1)?;
        self.changes.get(position).filter(|c| c.id == id)
    }

    pub fn file(&self, id: &str) -> Option<&Attached> {
        self.files.get(id)
    }

    /// Ids are positions: nothing is ever removed.
    pub fn next_change_id(&self) -> String {
        format!("ch-{:012}", self.changes.len() + 1)
    }

    fn next_case_id(&self) -> String {
        format!("C-{:06}", self.cases.len() + 1)
    }

    pub(super) fn next_discrepancy_id(&self) -> String {
        format!("D-{:06}", self.discrepancies.len() + 1)
    }

    pub(super) fn next_space_id(&self) -> String {
        format!("O-{:06}", self.spaces.len() + 1)
    }

    pub(super) fn next_document_id(&self) -> String {
        format!("DOC-{:06}", self.documents.len() + 1)
    }

    /// Takes a change over. Total: a change of an unknown record changes none.
    pub fn apply(&mut self, change: Change) {
        let of_document = match &change.what {
            Happened::Document(what) => document::brought(what),
            Happened::Case(_) | Happened::Discrepancy(_) | Happened::Onboarding(_) => None,
        };
        for file in files(&change.what).iter().chain(&of_document) {
            let by_partner = change.actor.side == "partner";
            let attached = Attached { file: file.clone(), partner_id: change.partner_id.clone(), by_partner };
            self.files.insert(file.id.clone(), attached);
        }
        match (&change.what, change.status) {
            (Happened::Case(what), Status::Case(status)) => self.apply_to_case(&change, what, status),
            (Happened::Discrepancy(what), Status::Discrepancy(status)) => self.apply_to_dispute(&change, what, status),
            (Happened::Onboarding(what), Status::Onboarding(status)) => self.apply_to_space(&change, what, status),
            (Happened::Document(what), status) => {
                if let Some(status) = status.of_document() {
                    self.apply_to_document(&change, what, status);
                }
            }
            (Happened::Case(_), Status::Discrepancy(_) | Status::Document(_) | Status::Onboarding(_))
            | (Happened::Discrepancy(_), Status::Case(_) | Status::Document(_) | Status::Onboarding(_))
            | (Happened::Onboarding(_), Status::Case(_) | Status::Discrepancy(_) | Status::Document(_)) => {}
        }
        self.changes.push(change);
    }

    fn apply_to_space(&mut self, change: &Change, what: &onboarding::wire::What, status: ProgrammeStatus) {
        if let onboarding::wire::What::Opened(_) = what {
            self.spaces.entry(change.case_id.clone()).or_insert_with(|| Space {
                id: change.case_id.clone(),
                partner_id: change.partner_id.clone(),
                external_reference: change.external_reference.clone(),
                status,
                version: change.version,
                environment: change.environment.clone(),
                opened_at: change.occurred_at,
                updated_at: change.occurred_at,
                programme: String::new(),
                target_live_at: None,
                status_label: String::new(),
                status_reason: String::new(),
                tasks: BTreeMap::new(),
                milestones: BTreeMap::new(),
                readiness: None,
                comments: Vec::new(),
            });
        }
        if let Some(space) = self.spaces.get_mut(&change.case_id) {
            onboarding::fold(space, change, status, what);
        }
    }

    fn apply_to_dispute(&mut self, change: &Change, what: &discrepancy::wire::What, status: DiscrepancyStatus) {
        if let discrepancy::wire::What::Raised(raised) = what {
            let record = Discrepancy {
                id: change.case_id.clone(),
                partner_id: change.partner_id.clone(),
                status,
                version: change.version,
                environment: change.environment.clone(),
                opened_at: change.occurred_at,
                updated_at: change.occurred_at,
                raised: (**raised).clone(),
                status_label: String::new(),
                status_reason: String::new(),
                expected_resolution_at: None,
                reference: String::new(),
                evidence_request: None,
                outcome: None,
                escalated: String::new(),
                closure: String::new(),
                settlement: String::new(),
                comments: Vec::new(),
            };
            self.discrepancies.insert(change.case_id.clone(), record);
        } else if let Some(record) = self.discrepancies.get_mut(&change.case_id) {
            discrepancy::fold(record, change, status, what);
        }
    }

    fn apply_to_document(&mut self, change: &Change, what: &document::wire::What, status: DocumentStatus) {
        use document::wire::What;
        let begins = match what {
            What::Shared(shared) => Some((**shared).clone()),
            What::Published(published) => Some(published.shared()),
            What::VersionAdded(_)
            | What::VersionPublished(_)
            | What::CommentAdded(_)
            | What::CommentPosted(_)
            | What::Withdrawn { .. }
            | What::Viewed { .. }
            | What::Acknowledged { .. }
            | What::StatusChanged { .. }
            | What::Decided(_)
            | What::FileRejected { .. }
            | What::RenewalRequested(_) => None,
        };
        if let Some(shared) = begins {
            let mut record = Document::new(change, status, shared);
            if let What::Published(published) = what {
                record.offered = Some(1);
                record.status_label.clone_from(&published.label);
            }
            self.documents.insert(change.case_id.clone(), record);
        } else if let Some(record) = self.documents.get_mut(&change.case_id) {
            document::fold(record, change, status, what);
        }
    }

    fn apply_to_case(&mut self, change: &Change, what: &What, status: CaseStatus) {
        if let What::Opened(new) = what {
            let case = Case {
                id: change.case_id.clone(),
                partner_id: change.partner_id.clone(),
                status,
                version: change.version,
                environment: change.environment.clone(),
                opened_at: change.occurred_at,
                updated_at: change.occurred_at,
                details: (**new).clone().into(),
                status_label: String::new(),
                status_reason: String::new(),
                expected_resolution_at: None,
                reference: String::new(),
                information_request: None,
                resolution: None,
                closure: String::new(),
                comments: Vec::new(),
            };
            self.cases.insert(change.case_id.clone(), case);
        } else if let Some(case) = self.cases.get_mut(&change.case_id) {
            fold(case, change, what, status);
        }
    }
}

fn fold(case: &mut Case, change: &Change, what: &What, status: CaseStatus) {
    if case.status == CaseStatus::PendingPartner && status != CaseStatus::PendingPartner {
        case.information_request = None;
    }
    case.status = status;
    case.version = change.version;
    case.updated_at = change.occurred_at;
    match what {
        What::Opened(_) | What::Withdrawn { .. } | What::Reopened { .. } => {}
        What::DetailsChanged { changes, .. } => {
            for change in changes {
                set_field(case, &change.field, &change.new);
            }
        }
        What::CommentAdded(comment) | What::CommentPosted(comment) => {
            case.comments.push(Comment { written_at: Some(change.occurred_at), ..comment.clone() });
        }
        What::CommentRevised { note_id, text, format, .. } => {
            if let Some(comment) = case.comments.iter_mut().find(|c| c.note_id == *note_id) {
                comment.text.clone_from(text);
                comment.format.clone_from(format);
            }
        }
        What::CommentRemoved { note_id, .. } => {
            if let Some(comment) = case.comments.iter_mut().find(|c| c.note_id == *note_id) {
                comment.text.clear();
                comment.removed = true;
            }
        }
        What::ResolutionAccepted { .. } => answer(case, "accepted"),
        What::ResolutionRejected { .. } => answer(case, "rejected"),
        What::Acknowledged { reference } if reference.is_empty() => {}
        What::Acknowledged { reference } => case.reference.clone_from(reference),
        What::StatusChanged { label, reason, expected_resolution_at, .. } => {
            case.status_label.clone_from(label);
            case.status_reason.clone_from(reason);
            if expected_resolution_at.is_some() {
                case.expected_resolution_at = *expected_resolution_at;
            }
        }
        What::InformationRequested { question, due_at } => {
            case.information_request = Some(InformationRequest { question: question.clone(), due_at: *due_at });
        }
        What::ResolutionProposed { resolution_version, code, note } => {
            case.resolution = Some(Resolution {
                resolution_version: resolution_version.clone(),
                code: code.clone(),
                note: note.clone(),
                answer: String::new(),
            });
        }
        What::Closed { closure, .. } => case.closure.clone_from(closure),
    }
}

fn files(what: &Happened) -> &[File] {
    use discrepancy::wire::What as Dispute;
    use document::wire::What as Paper;
    match what {
        Happened::Case(What::Opened(new)) => &new.files,
        Happened::Case(What::CommentAdded(comment) | What::CommentPosted(comment))
        | Happened::Discrepancy(Dispute::CommentAdded(comment) | Dispute::CommentPosted(comment))
        | Happened::Document(Paper::CommentAdded(comment) | Paper::CommentPosted(comment)) => &comment.files,
        Happened::Case(_) | Happened::Discrepancy(_) | Happened::Document(_) | Happened::Onboarding(_) => &[],
    }
}

fn answer(case: &mut Case, word: &str) {
    if let Some(resolution) = &mut case.resolution {
        word.clone_into(&mut resolution.answer);
    }
}

/// The value of a field that a partner may change; `None` for any other.
fn field(case: &Case, name: &str) -> Option<String> {
    let details = &case.details;
    Some(match name {
        "title" => details.title.clone(),
        "description" => details.description.clone(),
        "severity" => details.severity.clone(),
        "category" => details.category.clone(),
        "sub_category" => details.sub_category.clone(),
        "contact" => details.contact.name.clone(),
        "requested_resolution_at" => details.requested_resolution_at.map(|t| t.to_string()).unwrap_or_default(),
        _ => return None,
    })
}

fn set_field(case: &mut Case, name: &str, value: &str) {
    let details = &mut case.details;
    match name {
        "title" => value.clone_into(&mut details.title),
        "description" => value.clone_into(&mut details.description),
        "severity" => value.clone_into(&mut details.severity),
        "category" => value.clone_into(&mut details.category),
        "sub_category" => value.clone_into(&mut details.sub_category),
        "contact" => value.clone_into(&mut details.contact.name),
        "requested_resolution_at" => details.requested_resolution_at = value.parse().ok(),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
