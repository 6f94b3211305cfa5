//! What scenarios say of documents.

use super::document;
use domain::FileClaim;
use domain::file::withheld;
use serde_json::{Value, json};

/// A document that a partner shares, or the newer version of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub by: String,
    pub title: String,
    pub description: String,
    pub type_code: String,
    pub type_list: String,
    /// UNTDID 1001 type and number, as `220 4500001`.
    pub references: Vec<String>,
    pub file: File,
    pub valid_to: String,
    /// The case that it belongs to: as the scenario calls it, then as the community does.
    pub parent: String,
}

/// A document of the house's own, as its ticket says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPaper {
    pub by: String,
    /// List and code, as `OWN NDA`.
    pub kind: String,
    pub order: String,
    pub invoice: String,
    pub shipment: String,
    /// The case that it belongs to: as the scenario calls it, then its subject.
    pub parent: String,
}

impl NewPaper {
    /// By the names that the case system has for them.
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("TG Document Type", self.kind.as_str()),
            ("TG Order No", &self.order),
            ("TG Invoice No", &self.invoice),
            ("TG Shipment No", &self.shipment),
            ("TG Parent Case", &self.parent),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// The bytes of a scenario are any text; their hash is what crosses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub media_type: String,
    pub bytes: String,
    /// Of a file that is said to be larger than its bytes; 0 where it is not.
    pub size: i64,
}

impl File {
    /// The bytes themselves, as long as they are said to be.
    pub fn content(&self) -> Vec<u8> {
        let mut content = self.text().as_bytes().to_vec();
        if let Ok(size @ 1..) = usize::try_from(self.size) {
            content.resize(size, b' ');
        }
        content
    }

    fn text(&self) -> &str {
        if self.bytes.is_empty() { &self.name } else { &self.bytes }
    }

    pub fn to_contract(&self) -> Value {
        let bytes = self.text();
        let size = if self.size == 0 { i64::try_from(bytes.len()).unwrap_or(i64::MAX) } else { self.size };
        json!({
            "file_name": self.name,
            "media_type": self.media_type,
            "size": size,
            "sha256": hash_of(bytes.as_bytes()),
        })
    }
}

impl Share {
    /// As the contract says it; the same for every level.
    pub fn to_contract(&self) -> Value {
        json!({
            "title": self.title,
            "description": self.description,
            "type_code": self.type_code,
            "type_list": self.type_list,
            "references": self.references.iter().filter_map(|text| document(text)).collect::<Vec<_>>(),
            "file": self.file.to_contract(),
            "valid_to": self.valid_to,
            "case_id": self.parent,
        })
    }
}

/// As ingest settles the file of a version: under the id that the community gave it, without what is above the link's
/// limit.
pub fn taken(mut claim: FileClaim, document: &str, version_no: i64) -> FileClaim {
    claim.source_id = format!("{document}-v{version_no}");
    if claim.size > super::LIMIT {
        claim.sha256.clear();
        withheld::OVERSIZE.clone_into(&mut claim.withheld);
        claim.limit = super::LIMIT;
    }
    claim
}

/// Under what hash bytes cross.
pub fn hash_of(bytes: &[u8]) -> String {
    domain::ContentHash::of_bytes(bytes).to_string()
}

/// `4711.pdf` and the hash of its bytes: what both sides must agree about.
pub fn file_line(name: &str, sha256: &str) -> String {
    format!("{name} {sha256}")
}

/// The same from a scenario, which says `4711.pdf: the bytes`; without any, the name stands for them.
pub fn file_line_of(text: &str) -> String {
    let (name, bytes) = text.split_once(": ").unwrap_or((text, text));
    file_line(name, &hash_of(bytes.as_bytes()))
}

/// A newer version, as the contract says it.
pub fn newer_version(file: &File, note: &str, valid_to: &str) -> Value {
    json!({ "file": file.to_contract(), "change_note": note, "valid_to": valid_to })
}

/// `CORRECTION_REQUIRED 1 REF`: what a partner sees of a review.
pub fn decision_line(decision: &str, version_no: i64, reason_code: &str) -> String {
    format!("{decision} {version_no} {reason_code}").trim_end().to_owned()
}
