//! One change of the feed as news. Total: what cannot be read becomes a malformed change that keeps its bytes.

mod paper;

use crate::{bounds, wire};
use domain::file::{BlobId, FileClaim, clean_name};
use domain::outcome::FieldHash;
use domain::{
    Actor, ContentHash, Environment, NativeId, PartnerEvent, PartnerId, Side, Subject, SubjectKind, SystemId,
    Timestamp, Visibility, discrepancy, issue, onboarding,
};
use paper::of_document;
use ports::{Change, News};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A change above it is not taken apart.
const CHANGE_BYTES: usize = 256 * 1024;
const EXT_FIELDS: usize = 100;

pub fn change(system: &SystemId, raw: &str) -> Change<PartnerEvent> {
    read(system, raw).unwrap_or_else(|reason| malformed(system, raw, reason))
}

fn read(system: &SystemId, raw: &str) -> Result<Change<PartnerEvent>, String> {
    if raw.len() > CHANGE_BYTES {
        return Err("a change above 256 KiB".to_owned());
    }
    bounds::check(raw.as_bytes())?;
    let wire: wire::Change<'_> = serde_json::from_str(raw).map_err(|error| shape("a change", &error))?;
    let entity = NativeId::new(wire.case_id).map_err(|_| "the case id is no id")?;
    let subject = match begun_in_x(&wire.kind, &wire.external_reference) {
        None => Subject::new(kind_of(&wire.kind), system, &entity),
        // It began in X, which named it; the community only gives the name back.
        Some(kind) => Subject::try_from(wire.external_reference)
            .ok()
            .filter(|subject| subject.kind() == kind && subject.system() != system.as_str())
            .ok_or("the external reference is none of ours")?,
    };
    let partner_id = PartnerId::new(wire.partner_id).map_err(|_| "the partner id is no id")?;
    if wire.id.is_empty() || wire.id.len() > 128 || wire.ext.len() > EXT_FIELDS {
        return Err("the change id or the extra fields are out of bounds".to_owned());
    }
    let side = match wire.actor.side.as_str() {
        "partner" => Side::Partner,
        "host" => Side::Internal,
        "system" => Side::System,
        _ => return Err("the side of the actor is not known".to_owned()),
    };
    let environment = match wire.environment.as_str() {
        "P" => Environment::Production,
        "T" => Environment::Test,
        _ => return Err("the environment is not known".to_owned()),
    };
    let sets_status = [
        "status-changed",
        "information-requested",
        "resolution-proposed",
        "closed",
        "reopened",
        "discrepancy-status-changed",
        "discrepancy-evidence-requested",
        "discrepancy-outcome-proposed",
        "discrepancy-settled",
        "onboarding-status-changed",
        "document-status-changed",
        "document-decided",
        "document-file-rejected",
        "document-renewal-requested",
    ];
    let field = sets_status
        .contains(&wire.kind.as_str())
        .then(|| FieldHash { field: "status".to_owned(), hash: ContentHash::of_bytes(wire.status.as_bytes()) });
    Ok(Change {
        subject: Some(subject),
        entity,
        id: wire.id,
        // A partner chooses its own keys: one that looked like ours would make its words our echo.
        marker: wire.idempotency_key.filter(|_| side == Side::Internal),
        partner_id: Some(partner_id),
        field,
        occurred_at: Timestamp(wire.occurred_at),
        version: wire.version.to_string(),
        // The host's staff use the same name as the pipeline.
        by_us: (side == Side::Partner).then_some(false),
        actor: Actor { id: wire.actor.id, side },
        visibility: Visibility::Partner,
        environment,
        ext: wire.ext,
        news: news(&wire.kind, side, wire.payload.get(), &wire.status)?,
    })
}

fn news(kind: &str, side: Side, payload: &str, status: &str) -> Result<News<PartnerEvent>, String> {
    if let Some(word) = kind.strip_prefix("onboarding-") {
        let by = match word {
            // By the community's clock.
            "invitation-expired" => Side::System,
            _ => Side::Partner,
        };
        return match of_onboarding(word, payload)?.map(PartnerEvent::Onboarding) {
            Some(event) if side == by => Ok(News::Event(event)),
            Some(_) => Err("a partner's change by somebody else".to_owned()),
            None => Ok(News::Skipped { rule: "by-the-host" }),
        };
    }
    let of = |prefix| kind.strip_prefix(prefix);
    let event = match (of("discrepancy-"), of("document-")) {
        // Who looked at what is kept by the community; here it leads to nothing.
        (_, Some("viewed")) => return Ok(News::Skipped { rule: "viewed" }),
        (_, Some(word)) => of_document(word, payload, status)?.map(PartnerEvent::Document),
        (Some(word), None) => of_discrepancy(word, payload)?.map(PartnerEvent::Discrepancy),
        (None, None) => of_issue(kind, payload, status)?.map(PartnerEvent::Issue),
    };
    match (event, side) {
        (Some(event), Side::Partner) => Ok(News::Event(event)),
        (Some(_), Side::Internal | Side::System) => Err("a partner's change by somebody else".to_owned()),
        // What the host did, through this pipeline or by hand: X, not the community, is where the host speaks.
        (None, _) => Ok(News::Skipped { rule: "by-the-host" }),
    }
}

/// `None`: of the host.
fn of_issue(kind: &str, payload: &str, status: &str) -> Result<Option<issue::PartnerEvent>, String> {
    use issue::PartnerEvent as E;
    Ok(Some(match kind {
        "opened" => {
            let (opened, files): (issue::Opened, _) = with_files(payload)?;
            E::Opened(Box::new(issue::Opened { files, ..opened }))
        }
        "details-changed" => E::DetailsChanged(of(payload)?),
        "comment-added" => {
            let (comment, files): (issue::CommentAdded, _) = with_files(payload)?;
            E::CommentAdded(issue::CommentAdded { case_status: status.to_owned(), files, ..comment })
        }
        "comment-revised" => E::CommentRevised(of(payload)?),
        "comment-removed" => E::CommentRemoved(of(payload)?),
        "withdrawn" => E::Withdrawn(of(payload)?),
        "resolution-accepted" => E::ResolutionAccepted(of(payload)?),
        "resolution-rejected" => E::ResolutionRejected(of(payload)?),
        "acknowledged"
        | "status-changed"
        | "comment-posted"
        | "information-requested"
        | "resolution-proposed"
        | "closed"
        | "reopened" => return Ok(None),
        _ => return Err("the kind of change is not known".to_owned()),
    }))
}

fn of_discrepancy(word: &str, payload: &str) -> Result<Option<discrepancy::PartnerEvent>, String> {
    use discrepancy::PartnerEvent as E;
    Ok(Some(match word {
        "raised" => E::Raised(Box::new(of(payload)?)),
        "line-corrected" => E::LineCorrected(of(payload)?),
        "comment-added" => {
            let (comment, files): (issue::CommentAdded, _) = with_files(payload)?;
            E::CommentAdded(issue::CommentAdded { files, ..comment })
        }
        "evidence-given" => E::EvidenceGiven(of(payload)?),
        "outcome-confirmed" => E::OutcomeConfirmed(of(payload)?),
        "outcome-contested" => E::OutcomeContested(of(payload)?),
        "withdrawn" => E::Withdrawn(of(payload)?),
        "acknowledged" | "status-changed" | "comment-posted" | "evidence-requested" | "outcome-proposed"
        | "escalated" | "settled" => return Ok(None),
        _ => return Err("the kind of change is not known".to_owned()),
    }))
}

fn of_onboarding(word: &str, payload: &str) -> Result<Option<onboarding::PartnerEvent>, String> {
    use onboarding::PartnerEvent as E;
    Ok(Some(match word {
        "invitation-accepted" => E::InvitationAccepted(of(payload)?),
        "invitation-declined" => E::InvitationDeclined(of(payload)?),
        "invitation-expired" => E::InvitationExpired(of(payload)?),
        "task-submitted" => E::TaskSubmitted(of(payload)?),
        "question-asked" => E::QuestionAsked(of(payload)?),
        "opened"
        | "updated"
        | "status-changed"
        | "task-upserted"
        | "task-status-changed"
        | "milestone-set"
        | "readiness-set"
        | "comment-posted" => return Ok(None),
        _ => return Err("the kind of change is not known".to_owned()),
    }))
}

/// A payload and the files that it names, as claims whose bytes nobody has taken yet.
fn with_files<T: DeserializeOwned>(payload: &str) -> Result<(T, Vec<FileClaim>), String> {
    let mut payload: serde_json::Value = of(payload)?;
    let files = payload.as_object_mut().and_then(|members| members.remove("files"));
    let files: Vec<wire::File> = match files {
        None => Vec::new(),
        Some(files) => serde_json::from_value(files).map_err(|error| shape("the list of files", &error))?,
    };
    let payload = serde_json::from_value(payload).map_err(|error| shape("the payload", &error))?;
    Ok((payload, files.into_iter().map(claim).collect::<Result<_, _>>()?))
}

fn media_type(said: &str) -> String {
    said.chars().filter(|c| !c.is_control()).take(127).collect()
}

/// It becomes part of a path.
fn is_file_id(id: &str) -> bool {
    (1..=200).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()) && !matches!(id, "." | "..")
}

fn claim(file: wire::File) -> Result<FileClaim, String> {
    if !is_file_id(&file.id) || file.size < 0 {
        return Err("a file's id or size is out of bounds".to_owned());
    }
    let media_type = media_type(&file.media_type);
    // Without a usable name it is withheld.
    let name = clean_name(&file.name).unwrap_or_default();
    let told = BlobId::parse(&file.sha256).map(|id| id.as_str().to_owned()).unwrap_or_default();
    Ok(FileClaim { sha256: told, ..FileClaim::named(file.id, name, media_type, file.size) })
}

/// What began in X, and so bears our reference: every programme, and the documents of the house's own.
fn begun_in_x(kind: &str, reference: &str) -> Option<SubjectKind> {
    if kind.starts_with("onboarding-") {
        return Some(SubjectKind::Onboarding);
    }
    (kind.starts_with("document-") && !reference.is_empty()).then_some(SubjectKind::Document)
}

/// Documents have subjects of their own; a discrepancy is a case.
fn kind_of(kind: &str) -> SubjectKind {
    if kind.starts_with("document-") { SubjectKind::Document } else { SubjectKind::Case }
}

fn of<T: DeserializeOwned>(payload: &str) -> Result<T, String> {
    serde_json::from_str(payload).map_err(|error| shape("the payload", &error))
}

/// The kind of error and its place: serde's own words may quote the payload.
fn shape(what: &str, error: &serde_json::Error) -> String {
    format!("{what} is not as the contract says ({:?} error at column {})", error.classify(), error.column())
}

fn malformed(system: &SystemId, raw: &str, reason: String) -> Change<PartnerEvent> {
    let keys: wire::Keys =
        if raw.len() <= CHANGE_BYTES { serde_json::from_str(raw).unwrap_or_default() } else { wire::Keys::default() };
    let named = NativeId::new(keys.case_id).ok();
    let id_is_good = !keys.id.is_empty() && keys.id.len() <= 128;
    let digest = ContentHash::of_bytes(raw.as_bytes());
    // The same bytes get the same keys, so that reading them again is no second dead letter.
    let id = if id_is_good { keys.id } else { format!("unreadable-{digest}") };
    let subject = named.as_ref().map(|native| Subject::new(kind_of(&keys.kind), system, native));
    // A constant, not input.
    let entity = named.unwrap_or_else(|| NativeId::new("unreadable").expect("a native id"));
    Change {
        entity,
        id,
        marker: None,
        subject,
        partner_id: None,
        field: None,
        occurred_at: Timestamp::default(),
        version: String::new(),
        by_us: None,
        actor: Actor::default(),
        visibility: Visibility::Host,
        environment: Environment::default(),
        ext: BTreeMap::new(),
        news: News::Malformed { reason, bytes: raw.as_bytes().to_vec() },
    }
}

#[cfg(test)]
mod tests;
