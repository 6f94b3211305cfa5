//! Documents of the host's own, offered to exactly one partner: the host makes them under its own reference, adds versions
//! and takes them back; the partner reads, and may comment.

use super::super::model::{Draft, Model, Refusal, Who, bounded, given};
use super::super::wire::{Actor, Happened, Status};
use super::decide::{LINE, REFERENCES, TEXT, file, file_id};
use super::wire::{Document, Version, What};
use domain::document::SharedDocument;
use domain::issue::DocumentRef;
use domain::{DocumentStatus as S, FileClaim};
use serde::{Deserialize, Serialize};

/// The first version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The host's own key of the document: one document for each.
    pub external_reference: String,
    pub partner_id: String,
    pub title: String,
    pub type_code: String,
    #[serde(default)]
    pub type_list: String,
    #[serde(default)]
    pub references: Vec<DocumentRef>,
    /// A case of that partner.
    #[serde(default)]
    pub case_id: String,
    pub file: FileClaim,
    #[serde(default)]
    pub valid_to: String,
    pub label: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishVersion {
    /// The one after the newest.
    pub version_no: i64,
    pub file: FileClaim,
    #[serde(default)]
    pub valid_to: String,
    pub label: String,
    #[serde(default)]
    pub note: String,
}

pub fn publish(model: &Model, who: &Who, publish: Publish) -> Result<Draft, Refusal> {
    if *who != Who::Host {
        return Err(Refusal::Forbidden);
    }
    given(&publish.external_reference, LINE)?;
    given(&publish.partner_id, 64)?;
    given(&publish.title, LINE * 2)?;
    given(&publish.type_code, 64)?;
    bounded(&publish.note, TEXT)?;
    for word in [&publish.type_list, &publish.case_id, &publish.valid_to, &publish.label] {
        bounded(word, LINE)?;
    }
    if publish.references.len() > REFERENCES {
        return Err(Refusal::Text);
    }
    for one in &publish.references {
        bounded(&one.type_code, 64).and(bounded(&one.number, 80)).and(bounded(&one.issue_date, 64))?;
    }
    whole(&publish.file)?;
    // A document belongs to a case of its own partner, or to none.
    let named = Some(&publish.case_id).filter(|id| !id.is_empty()).map(|id| model.case(id));
    if named.is_some_and(|case| case.is_none_or(|case| case.partner_id != publish.partner_id)) {
        return Err(Refusal::Field);
    }
    // A key's window is over at some time, the reference never: there is no second document, and no other partner's.
    if model.documents().any(|known| known.external_reference == publish.external_reference) {
        return Err(Refusal::Taken);
    }
    let id = model.next_document_id();
    let file = FileClaim { source_id: file_id(&id, 1), ..publish.file.clone() };
    let (partner_id, external_reference) = (publish.partner_id.clone(), publish.external_reference.clone());
    Ok(Draft {
        external_reference,
        case_id: id,
        partner_id,
        version: 1,
        status: Status::Document(S::Available),
        what: Happened::Document(What::Published(Box::new(Publish { file, ..publish }))),
        actor: Actor { id: "host".to_owned(), side: "host".to_owned() },
    })
}

/// What is offered is there: nothing is withheld here.
fn whole(claim: &FileClaim) -> Result<(), Refusal> {
    file(claim)?;
    if claim.sha256.is_empty() || !claim.withheld.is_empty() { Err(Refusal::Field) } else { Ok(()) }
}

/// Takes the place of the one before. The same bytes are no newer version.
pub fn version(record: &Document, a: PublishVersion) -> Result<(S, What), Refusal> {
    bounded(&a.note, TEXT)?;
    bounded(&a.label, LINE).and(bounded(&a.valid_to, LINE))?;
    whole(&a.file)?;
    if record.external_reference.is_empty() {
        return Err(Refusal::Forbidden);
    }
    let at = record.status;
    if !at.may_be_replaced() {
        return Err(Refusal::Transition { from: at.as_str(), to: S::Superseded.as_str() });
    }
    if a.version_no != record.newest() + 1 {
        return Err(Refusal::NotNext);
    }
    if record.shared.file.sha256 == a.file.sha256 {
        return Err(Refusal::SameBytes);
    }
    let file = FileClaim { source_id: file_id(&record.id, a.version_no), ..a.file };
    Ok((S::Available, What::VersionPublished(Box::new(PublishVersion { file, ..a }))))
}

impl Publish {
    /// As both sides see it.
    pub fn shared(&self) -> SharedDocument {
        SharedDocument {
            title: self.title.clone(),
            description: self.note.clone(),
            type_code: self.type_code.clone(),
            type_list: self.type_list.clone(),
            references: self.references.clone(),
            case_id: self.case_id.clone(),
            file: self.file.clone(),
            valid_to: self.valid_to.clone(),
            ..SharedDocument::default()
        }
    }
}

/// A version of it is on offer as soon as it is there; the one before is not any more.
pub fn offered(record: &mut Document, a: &PublishVersion) {
    if let Some(before) = record.versions.last_mut() {
        before.status = S::Superseded;
    }
    record.shared.file.clone_from(&a.file);
    record.shared.valid_to.clone_from(&a.valid_to);
    record.status_label.clone_from(&a.label);
    record.status_reason.clear();
    record.offered = Some(a.version_no);
    record.versions.push(Version {
        version_no: a.version_no,
        file: a.file.clone(),
        status: S::Available,
        valid_from: String::new(),
        valid_to: a.valid_to.clone(),
        change_note: a.note.clone(),
        decision: None,
        refusal: String::new(),
    });
}

#[cfg(test)]
mod tests;
