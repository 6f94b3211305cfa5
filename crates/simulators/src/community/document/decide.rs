//! Which requests a document takes. Every transition that `domain::DocumentStatus` does not list is refused.

use super::super::model::{Draft, Model, Refusal, Who, bounded, given, said};
use super::super::wire::{Actor, Comment, Happened, Status};
use super::action::{Action, AddVersion};
use super::outward;
use super::wire::{Decision, Document, What};
use crate::files::named;
use domain::document::{Decide, SharedDocument, VersionAdded};
use domain::{DocumentStatus as S, FileClaim};

pub(super) const LINE: usize = 512;
pub(super) const TEXT: usize = 64 * 1024;
pub(super) const REFERENCES: usize = 100;

type Decided = Result<(S, What), Refusal>;

/// What the request would change. `id` is `None` only for sharing a new one.
pub fn decide(model: &Model, who: &Who, id: Option<&str>, action: Action) -> Result<Draft, Refusal> {
    if let Action::Share(shared) = action {
        return share(model, who, *shared);
    }
    if let Action::Publish(publish) = action {
        return outward::publish(model, who, *publish);
    }
    let record = id.and_then(|id| model.document(id)).ok_or(Refusal::UnknownCase)?;
    let actor = match who {
        Who::Host => Actor { id: "host".to_owned(), side: "host".to_owned() },
        Who::Partner(id) if *id == record.partner_id => Actor { id: id.clone(), side: "partner".to_owned() },
        Who::Partner(_) => return Err(Refusal::UnknownCase),
    };
    let (status, what) = match who {
        Who::Host => by_host(record, action)?,
        Who::Partner(_) => by_partner(record, action)?,
    };
    Ok(Draft {
        case_id: record.id.clone(),
        external_reference: record.external_reference.clone(),
        partner_id: record.partner_id.clone(),
        version: record.version + 1,
        status: Status::Document(status),
        what: Happened::Document(what),
        actor,
    })
}

pub(super) fn file(file: &FileClaim) -> Result<(), Refusal> {
    given(&file.file_name, LINE)?;
    let hash = &file.sha256;
    let is_hash = hash.is_empty() || (hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
    if !is_hash || file.size < -1 {
        return Err(Refusal::Field);
    }
    [&file.media_type, &file.source_id, &file.withheld].into_iter().try_for_each(|text| bounded(text, LINE))
}

fn share(model: &Model, who: &Who, shared: SharedDocument) -> Result<Draft, Refusal> {
    let Who::Partner(partner_id) = who else { return Err(Refusal::Forbidden) };
    given(&shared.title, LINE)?;
    given(&shared.type_code, 64)?;
    bounded(&shared.description, TEXT)?;
    for word in [&shared.type_list, &shared.case_id, &shared.valid_from, &shared.valid_to, &shared.language] {
        bounded(word, 128)?;
    }
    if shared.references.len() > REFERENCES {
        return Err(Refusal::Text);
    }
    for one in &shared.references {
        bounded(&one.type_code, 64).and(bounded(&one.number, 80)).and(bounded(&one.issue_date, 64))?;
    }
    file(&shared.file)?;
    // A document belongs to a case of its own partner, or to none.
    let named = Some(&shared.case_id).filter(|id| !id.is_empty()).map(|id| model.case(id));
    if named.is_some_and(|case| case.is_none_or(|case| case.partner_id != *partner_id)) {
        return Err(Refusal::Field);
    }
    let id = model.next_document_id();
    let mut shared = shared;
    shared.file.source_id = file_id(&id, 1);
    Ok(Draft {
        external_reference: String::new(),
        case_id: id,
        partner_id: partner_id.clone(),
        version: 1,
        status: Status::Document(S::Uploaded),
        what: Happened::Document(What::Shared(Box::new(shared))),
        actor: Actor { id: partner_id.clone(), side: "partner".to_owned() },
    })
}

/// Staying where it is is no transition: a repeat with another reason.
fn step(record: &Document, to: S) -> Result<S, Refusal> {
    let at = record.status;
    if at == to || at.may_become(to) { Ok(to) } else { Err(Refusal::Transition { from: at.as_str(), to: to.as_str() }) }
}

/// What is said of one version is said of the newest: an older one has had its word.
fn newest(record: &Document, version_no: i64) -> Result<(), Refusal> {
    if version_no == 0 || version_no == record.newest() { Ok(()) } else { Err(Refusal::NotNewest) }
}

fn by_host(record: &Document, action: Action) -> Decided {
    let at = record.status;
    match action {
        Action::Acknowledge(a) => {
            bounded(&a.reference, LINE)?;
            // It moves a document that nobody has moved yet and only adds the reference to any other.
            let status = if matches!(at, S::Uploaded | S::Scanning) { S::Available } else { at };
            Ok((status, What::Acknowledged { reference: a.reference }))
        }
        Action::SetStatus(a) => {
            bounded(&a.label, LINE)?;
            bounded(&a.reason, TEXT)?;
            bounded(&a.status_code, 16)?;
            let (to, version_no) = (a.status, a.version_no);
            let change = |to| What::StatusChanged {
                from: at,
                to,
                label: a.label.clone(),
                status_code: a.status_code.clone(),
                reason: a.reason.clone(),
                version_no,
            };
            // An older version expires where it is still the one that is offered, while a newer one is looked at.
            if to == S::Expired && version_no != record.newest() && record.offered == Some(version_no) {
                return Ok((at, change(to)));
            }
            newest(record, version_no)?;
            // The others are the partner's word, or have requests of their own.
            if to != S::Expired && (to.has_its_own_word() || at.path(to).is_none()) {
                return Err(Refusal::Transition { from: at.as_str(), to: to.as_str() });
            }
            let to = if to == S::Expired { step(record, to)? } else { to };
            Ok((to, change(to)))
        }
        Action::PostComment(a) => {
            said(&a.text, &a.files)?;
            given(&a.note_key, LINE)?;
            bounded(&a.author_label, LINE)?;
            let format = "plain".to_owned();
            let (note_id, author, note_key) = (note_id(record), a.author_label, a.note_key);
            Ok((
                at,
                What::CommentPosted(Comment {
                    files: named(a.files, &note_id),
                    note_id,
                    author,
                    text: a.text,
                    format,
                    note_key,
                    written_at: None,
                    removed: false,
                }),
            ))
        }
        Action::Decide(a) => review(record, *a),
        Action::RejectFile(a) => {
            given(&a.text, TEXT)?;
            bounded(&a.label, LINE)?;
            newest(record, a.version_no)?;
            let to = step(record, S::Quarantined)?;
            Ok((to, What::FileRejected { version_no: a.version_no, label: a.label, text: a.text }))
        }
        Action::RequestRenewal(a) => {
            given(&a.text, TEXT)?;
            bounded(&a.label, LINE)?;
            newest(record, a.version_no)?;
            Ok((step(record, S::Expiring)?, What::RenewalRequested(a)))
        }
        Action::PublishVersion(a) => outward::version(record, *a),
        Action::Share(_)
        | Action::Publish(_)
        | Action::AddVersion(_)
        | Action::AddComment(_)
        | Action::Withdraw(_)
        | Action::View { .. } => Err(Refusal::Forbidden),
    }
}

/// A review of the newest version, and of no other; who decides has looked, whatever was said before.
fn review(record: &Document, a: Decision) -> Decided {
    let texts = [&a.label, &a.status_code, &a.reason_code, &a.valid_to];
    texts.into_iter().try_for_each(|text| bounded(text, LINE))?;
    bounded(&a.comment, TEXT)?;
    if a.corrections.len() > REFERENCES {
        return Err(Refusal::Text);
    }
    let values = a.corrections.iter().flat_map(|one| [Some(&one.term), one.value.as_ref()]).flatten();
    values.into_iter().try_for_each(|text| bounded(text, LINE))?;
    let status = S::of_decision(&a.decision).ok_or(Refusal::Field)?;
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let decide = Decide {
        version_no: a.version_no,
        status,
        decision: a.decision.clone(),
        label: a.label.clone(),
        status_code: None,
        reason_code: some(&a.reason_code),
        comment: some(&a.comment),
        corrections: a.corrections.clone(),
        valid_to: None,
    };
    if decide.mistake().is_some() {
        return Err(Refusal::Field);
    }
    newest(record, a.version_no)?;
    if record.status.path(S::UnderReview).is_none() {
        return Err(Refusal::Transition { from: record.status.as_str(), to: status.as_str() });
    }
    Ok((status, What::Decided(a)))
}

fn by_partner(record: &Document, action: Action) -> Decided {
    let at = record.status;
    if at.is_final() {
        return Err(Refusal::Final);
    }
    // Of what the host offers its partner is a reader.
    if !record.external_reference.is_empty() && matches!(action, Action::AddVersion(_) | Action::Withdraw(_)) {
        return Err(Refusal::Forbidden);
    }
    match action {
        Action::AddVersion(a) => added(record, *a),
        Action::AddComment(a) => {
            said(&a.text, &a.files)?;
            bounded(&a.author, LINE)?;
            let author = if a.author.is_empty() { record.partner_id.clone() } else { a.author };
            let format = if a.format.is_empty() { "plain".to_owned() } else { a.format };
            let (note_id, note_key) = (note_id(record), String::new());
            Ok((
                at,
                What::CommentAdded(Comment {
                    files: named(a.files, &note_id),
                    note_id,
                    author,
                    text: a.text,
                    format,
                    note_key,
                    written_at: None,
                    removed: false,
                }),
            ))
        }
        Action::Withdraw(a) => {
            bounded(&a.reason, TEXT)?;
            Ok((step(record, S::Withdrawn)?, What::Withdrawn { reason: a.reason }))
        }
        Action::View { version_no } => {
            let known = record.versions.iter().any(|version| version.version_no == version_no);
            if known { Ok((at, What::Viewed { version_no })) } else { Err(Refusal::Field) }
        }
        Action::Share(_)
        | Action::Acknowledge(_)
        | Action::SetStatus(_)
        | Action::PostComment(_)
        | Action::Decide(_)
        | Action::RejectFile(_)
        | Action::RequestRenewal(_)
        | Action::Publish(_)
        | Action::PublishVersion(_) => Err(Refusal::Forbidden),
    }
}

/// A newer version takes the place of the one before and is looked at anew. The same bytes are not another version.
fn added(record: &Document, a: AddVersion) -> Decided {
    bounded(&a.change_note, TEXT)?;
    bounded(&a.valid_from, 64).and(bounded(&a.valid_to, 64))?;
    file(&a.file)?;
    step(record, S::Superseded)?;
    let prior_sha256 = record.shared.file.sha256.clone();
    if !prior_sha256.is_empty() && prior_sha256 == a.file.sha256 {
        return Err(Refusal::SameBytes);
    }
    let shared = &record.shared;
    let version_no = record.newest() + 1;
    let added = VersionAdded {
        version_no,
        type_code: shared.type_code.clone(),
        type_list: shared.type_list.clone(),
        references: shared.references.clone(),
        file: FileClaim { source_id: file_id(&record.id, version_no), ..a.file },
        prior_sha256,
        change_note: a.change_note,
        valid_from: a.valid_from,
        valid_to: a.valid_to,
    };
    Ok((S::Uploaded, What::VersionAdded(Box::new(added))))
}

/// Given by the community, whatever the request says.
pub(super) fn file_id(document: &str, version_no: i64) -> String {
    format!("{document}-v{version_no}")
}

fn note_id(record: &Document) -> String {
    format!("{}-n{}", record.id, record.comments.len() + 1)
}
