//! What X is told of a document: title, description and fields, a version at a time.

use crate::bundle::document::types::Type;
use crate::bundle::document::{Documents, Verdict};
use crate::engine::{Draft, Held, Known};
use crate::issue::{compose, values};
use domain::document::{Reference, SharedDocument, VersionAdded};
use domain::file::{clean_name, withheld};
use domain::issue::DocumentRef;
use domain::text::cut;
use domain::{FileClaim, InternalCommand};
use std::collections::BTreeMap;

type Rules<'a> = Draft<'a, InternalCommand>;

/// One version, whether it is the first or a newer one.
pub(super) struct Version<'e> {
    pub(super) number: i64,
    pub(super) file: &'e FileClaim,
    pub(super) references: &'e [DocumentRef],
    pub(super) valid_from: &'e str,
    pub(super) valid_to: &'e str,
}

impl<'e> Version<'e> {
    pub(super) fn first(e: &'e SharedDocument) -> Self {
        let (valid_from, valid_to) = (e.valid_from.trim(), e.valid_to.trim());
        Self { number: 1, file: &e.file, references: &e.references, valid_from, valid_to }
    }
    pub(super) fn newer(e: &'e VersionAdded) -> Self {
        let (valid_from, valid_to) = (e.valid_from.trim(), e.valid_to.trim());
        Self { number: e.version_no, file: &e.file, references: &e.references, valid_from, valid_to }
    }
}

/// By its raw code; one that the bundle does not list waits for a person.
pub(super) fn kind<'b>(terms: &'b Documents, list: &str, code: &str) -> Result<&'b Type, Held> {
    let (list, code) = (list.trim(), code.trim());
    terms.types.of(list, code).ok_or_else(|| Held::new("unknown-document-type", format!("{list} {code}").trim()))
}

/// A name that is one, and nothing else.
pub(super) fn is_name(name: &str) -> bool {
    let name = name.trim();
    !name.is_empty()
        && name.chars().count() <= 200
        && !name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | '"' | '<' | '>' | '|' | '*' | '?' | ':'))
        && !name.starts_with('.')
}

/// Why a version's file is not let in; `None` where it is.
pub(super) fn refusal(
    draft: &Rules<'_>,
    known: &Known<'_>,
    terms: &Documents,
    kind: &Type,
    version: &Version<'_>,
) -> Option<String> {
    let file = version.file;
    // A link without a store takes no bytes of anything, and of a restricted document none are taken: that is no fault of
    // the file, which stays at the community.
    let stays = [withheld::NO_STORE, withheld::RESTRICTED].contains(&file.withheld.as_str());
    if !file.withheld.is_empty() && !stays {
        return Some(file.withheld.clone());
    }
    if !is_name(&file.file_name) {
        return Some("bad-name".to_owned());
    }
    let ending = file.file_name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    let (size, number) = (file.size.to_string(), version.number.to_string());
    // Parameters such as a character set say nothing of the kind.
    let media_type = file.media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    let verdict = terms.files.first(|field| match field {
        "type" => &kind.code,
        "media_type" => &media_type,
        "ending" => &ending,
        "size" => &size,
        "version" => &number,
        "partner" => known.partner.id.as_str(),
        "group" => &known.partner.group,
        "environment" => draft.meta.environment.as_str(),
        other => values::extra(draft, other),
    });
    match verdict {
        Verdict::Take => None,
        Verdict::Refuse(reason) => Some(reason.clone()),
    }
}

/// `invoice.pdf, 123456 bytes, application/pdf`; of a restricted one neither name nor kind.
pub(super) fn file(draft: &Rules<'_>, kind: &Type, file: &FileClaim) -> String {
    if kind.restricted {
        return draft.bundle.agent_texts().get("document-agent", "restricted").as_str().to_owned();
    }
    let name = file.file_name.split(char::is_control).collect::<Vec<_>>().join(" ");
    let size = if file.size < 0 { String::new() } else { format!("{} bytes", file.size) };
    let parts = [name.trim(), &size, file.media_type.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What goes along with its words: the bytes, where they were taken. A restricted file stays at the community: who may
/// see a ticket may not yet see what is in it.
pub(super) fn carried(kind: &Type, file: &FileClaim) -> Option<FileClaim> {
    // Before a document's own bytes were carried, events named them without the community's id: those are not there.
    let there = !kind.restricted && !file.source_id.is_empty() && file.blob().is_some();
    let file_name = clean_name(&file.file_name).filter(|_| there)?;
    Some(FileClaim { file_name, ..file.clone() })
}

fn numbers(references: &[DocumentRef], wanted: Reference) -> String {
    let of = references.iter().filter(|r| Reference::of_code(&r.type_code) == wanted).map(|r| r.number.trim());
    of.filter(|number| !number.is_empty()).collect::<Vec<_>>().join(", ")
}

pub(super) fn subject_of_case(draft: &Rules<'_>, case_id: &str) -> String {
    let case = domain::NativeId::new(case_id.trim());
    let subject = |id| domain::Subject::new(domain::SubjectKind::Case, &draft.bundle.community, &id).to_string();
    case.map(subject).unwrap_or_default()
}

/// What the partner calls it; of a restricted one only what it is.
pub(super) fn title(draft: &Rules<'_>, known: &Known<'_>, kind: &Type, e: &SharedDocument) -> String {
    let said = e.title.trim();
    let title = if kind.restricted || said.is_empty() { kind.name.as_str() } else { said };
    compose::title(draft, known.partner, known.policy, title)
}

/// What the partner wrote, then what it is and to what it belongs.
pub(super) fn description(draft: &Rules<'_>, known: &Known<'_>, kind: &Type, e: &SharedDocument) -> String {
    let texts = draft.bundle.agent_texts();
    let mut facts: Vec<String> = Vec::new();
    let mut fact = |section: &str, key: &str, value: String| {
        if !value.is_empty() {
            facts.push(format!("{}: {value}", texts.get(section, key).as_str()));
        }
    };
    let references: Vec<_> = e.references.iter().map(compose::document).filter(|d| !d.is_empty()).collect();
    fact("document-agent", "type", format!("{} ({})", kind.name, kind.key()));
    fact("document-agent", "file", file(draft, kind, &e.file));
    fact("agent", "references", references.join("; "));
    fact("document-agent", "case", subject_of_case(draft, &e.case_id));
    fact("document-agent", "valid_to", e.valid_to.trim().to_owned());
    fact("agent", "contact", values::contact_line(&e.contact));
    let marker = texts.get("agent", "cut").as_str();
    let limit = known.policy.limit("description");
    let tail = cut(&facts.join("\n"), limit - limit / 4, marker);
    let room = limit - tail.chars().count();
    let said = if kind.restricted { "" } else { e.description.trim() };
    let said = cut(said, room.saturating_sub(2), marker);
    if said.is_empty() { tail } else { format!("{said}\n\n{tail}") }
}

/// What a version says, new or not.
fn of_version(draft: &Rules<'_>, kind: &Type, version: &Version<'_>, source: &str) -> Option<String> {
    Some(match source {
        "version" => version.number.to_string(),
        "type" => kind.key(),
        "type_name" => kind.name.clone(),
        "order" => numbers(version.references, Reference::Order),
        "invoice" => numbers(version.references, Reference::Invoice),
        "shipment" => numbers(version.references, Reference::Shipment),
        "references" => {
            let all = version.references.iter().map(|r| r.number.trim()).filter(|n| !n.is_empty());
            all.collect::<Vec<_>>().join(", ")
        }
        "valid_from" => version.valid_from.to_owned(),
        "valid_to" => version.valid_to.to_owned(),
        "file" => file(draft, kind, version.file),
        "file_name" if kind.restricted => String::new(),
        "file_name" => version.file.file_name.clone(),
        "file_hash" => version.file.sha256.clone(),
        "restricted" => (if kind.restricted { "RESTRICTED" } else { "" }).to_owned(),
        _ => return None,
    })
}

/// X's fields for a new ticket.
pub(super) fn fields(
    draft: &Rules<'_>,
    known: &Known<'_>,
    terms: &Documents,
    kind: &Type,
    e: &SharedDocument,
) -> BTreeMap<String, String> {
    let version = Version::first(e);
    let value = |source: &str| {
        of_version(draft, kind, &version, source).unwrap_or_else(|| match source {
            "document_id" => draft.meta.subject.native().to_owned(),
            "subject" => draft.meta.subject.as_str().to_owned(),
            "title" => title(draft, known, kind, e),
            "description" if kind.restricted => String::new(),
            "description" => e.description.clone(),
            "case" => subject_of_case(draft, &e.case_id),
            "contact" => values::contact_line(&e.contact),
            "language" => e.language.clone(),
            "partner.id" => known.partner.id.as_str().to_owned(),
            "partner.name" => known.partner.name.clone(),
            "partner.group" => known.partner.group.clone(),
            "partner.duns" => known.partner.duns.clone(),
            "partner.vendor_number" => known.partner.vendor_number.clone(),
            other => values::extra(draft, other).to_owned(),
        })
    };
    bounded(draft, terms, |source| Some(value(source)))
}

/// X's fields that a newer version says anew.
pub(super) fn fields_of_version(
    draft: &Rules<'_>,
    terms: &Documents,
    kind: &Type,
    version: &Version<'_>,
) -> BTreeMap<String, String> {
    bounded(draft, terms, |source| of_version(draft, kind, version, source))
}

fn bounded(draft: &Rules<'_>, terms: &Documents, value: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let marker = draft.bundle.agent_texts().get("agent", "cut").as_str();
    let each = terms.fields.iter().filter_map(|field| Some((field.internal.clone(), value(&field.source)?)));
    let each = each.filter(|(_, value)| !value.is_empty());
    each.map(|(name, value)| (name, cut(&value, values::MAX_FIELD, marker))).collect()
}
