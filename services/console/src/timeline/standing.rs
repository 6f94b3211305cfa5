//! What an event leaves behind: the title it gives, and the status a record has after it.

use domain::discrepancy::{InternalEvent as DI, PartnerEvent as DP};
use domain::document::{InternalEvent as FI, PartnerCommand as FC, PartnerEvent as FP, Reference};
use domain::issue::{InternalEvent as I, PartnerEvent as P};
use domain::onboarding::{InternalEvent as OI, PartnerEvent as OP};
use domain::{InternalEvent, PartnerCommand, PartnerEvent};

/// The title it gives, and the status the community has after it; empty where it keeps the one it had.
pub fn of_partner_event(event: &PartnerEvent) -> (Option<&str>, &'static str) {
    match event {
        PartnerEvent::Issue(event) => match event {
            P::Opened(e) => (Some(&e.title), "submitted"),
            P::DetailsChanged(e) => (e.changes.iter().rfind(|c| c.field == "title").map(|c| c.new.as_str()), ""),
            // Accepting closes nothing by itself: the house does, and tells.
            P::CommentAdded(_) | P::CommentRevised(_) | P::CommentRemoved(_) | P::ResolutionAccepted(_) => (None, ""),
            P::Withdrawn(_) => (None, "cancelled"),
            P::ResolutionRejected(_) => (None, "in-progress"),
        },
        PartnerEvent::Discrepancy(event) => match event {
            DP::Raised(e) => (Some(&e.title), "reported"),
            DP::LineCorrected(_) | DP::CommentAdded(_) | DP::EvidenceGiven(_) => (None, ""),
            DP::OutcomeConfirmed(_) => (None, "confirmed"),
            DP::OutcomeContested(_) => (None, "contested"),
            DP::Withdrawn(_) => (None, "withdrawn"),
        },
        PartnerEvent::Onboarding(event) => match event {
            OP::InvitationAccepted(_) => (None, "registered"),
            OP::InvitationDeclined(_) => (None, "declined"),
            OP::InvitationExpired(_) => (None, "expired"),
            OP::TaskSubmitted(_) | OP::QuestionAsked(_) => (None, ""),
        },
        PartnerEvent::Document(event) => match event {
            // Its title may be what nobody should read; its type says what it is.
            FP::Shared(e) => (Some(&e.type_code), "uploaded"),
            FP::VersionAdded(_) => (None, "uploaded"),
            FP::CommentAdded(_) => (None, ""),
            FP::Withdrawn(_) => (None, "withdrawn"),
        },
    }
}

/// The status of the ticket after it, in the case system's own word where it says one.
pub fn of_internal_event(event: &InternalEvent) -> &str {
    match event {
        InternalEvent::Issue(event) => match event {
            I::Created(e) => &e.status,
            I::StatusChanged(e) => &e.to,
            I::InformationRequired(e) => &e.status,
            I::Resolved(_) => "resolved",
            I::Closed(_) => "closed",
            I::Reopened(_) => "open",
            I::Merged(_) => "merged",
            I::PublicCommentAdded(_)
            | I::InternalNoteAdded(_)
            | I::Assigned(_)
            | I::PriorityChanged(_)
            | I::FieldChanged(_) => "",
        },
        InternalEvent::Discrepancy(event) => match event {
            DI::Created(e) => &e.status,
            DI::StatusChanged(e) => &e.to,
            DI::InformationRequired(e) => &e.status,
            DI::Merged(_) => "merged",
            DI::PublicCommentAdded(_)
            | DI::FindingRecorded(_)
            | DI::InternalNoteAdded(_)
            | DI::Assigned(_)
            | DI::PriorityChanged(_)
            | DI::FieldChanged(_) => "",
        },
        InternalEvent::Onboarding(event) => match event {
            OI::Started(e) => &e.status,
            OI::StatusChanged(e) => &e.to,
            OI::ProgrammeChanged(_)
            | OI::TaskPublished(_)
            | OI::TaskChanged(_)
            | OI::TaskStatusChanged(_)
            | OI::MilestonesChanged(_)
            | OI::ReadinessChanged(_)
            | OI::CommentAdded(_)
            | OI::InternalNoteAdded(_)
            | OI::Assigned(_)
            | OI::FieldChanged(_) => "",
        },
        InternalEvent::Document(event) => match event {
            FI::Created(e) => &e.status,
            FI::StatusChanged(e) => &e.to,
            FI::InformationRequired(e) => &e.status,
            FI::Merged(_) => "merged",
            FI::PublicCommentAdded(_)
            | FI::ReviewDecided(_)
            | FI::SharedOutward(_)
            | FI::Expiring(_)
            | FI::Expired(_)
            | FI::InternalNoteAdded(_)
            | FI::Assigned(_)
            | FI::PriorityChanged(_)
            | FI::FieldChanged(_) => "",
        },
    }
}

/// The title that an event of X gives: only what begins there has one of its own.
pub fn title_of_internal_event(event: &InternalEvent) -> Option<&str> {
    match event {
        InternalEvent::Onboarding(OI::Started(e) | OI::ProgrammeChanged(e)) => Some(&e.programme),
        InternalEvent::Onboarding(_)
        | InternalEvent::Issue(_)
        | InternalEvent::Discrepancy(_)
        | InternalEvent::Document(_) => None,
    }
}

/// Title, version and numbers of a document of the house's own, as they went to the partner.
pub fn shared(command: &PartnerCommand) -> Option<Outward<'_>> {
    match command {
        PartnerCommand::Document(FC::Publish(c)) if c.file.withheld.is_empty() => {
            let numbers = c.references.iter().map(|one| (of(&one.type_code), one.number.get().trim()));
            Some(Outward { title: Some(c.title.get()), version: 1, references: numbers.collect() })
        }
        PartnerCommand::Document(FC::PublishVersion(c)) if c.file.withheld.is_empty() => {
            Some(Outward { title: None, version: c.version_no, references: Vec::new() })
        }
        PartnerCommand::Document(_)
        | PartnerCommand::Issue(_)
        | PartnerCommand::Discrepancy(_)
        | PartnerCommand::Onboarding(_) => None,
    }
}

pub struct Outward<'c> {
    pub title: Option<&'c String>,
    pub version: i64,
    pub references: Vec<(&'static str, &'c str)>,
}

/// Numbers that the partner gave with it, and what they are numbers of.
pub fn references(event: &PartnerEvent) -> Vec<(&'static str, &str)> {
    let documents = match event {
        PartnerEvent::Issue(P::Opened(e)) => &e.documents,
        PartnerEvent::Discrepancy(DP::Raised(e)) => &e.documents,
        PartnerEvent::Discrepancy(DP::EvidenceGiven(e)) => &e.documents,
        PartnerEvent::Document(FP::Shared(e)) => &e.references,
        PartnerEvent::Document(FP::VersionAdded(e)) => &e.references,
        PartnerEvent::Issue(_)
        | PartnerEvent::Discrepancy(_)
        | PartnerEvent::Document(_)
        | PartnerEvent::Onboarding(_) => return Vec::new(),
    };
    documents.iter().map(|d| (of(&d.type_code), d.number.trim())).collect()
}

fn of(code: &str) -> &'static str {
    match Reference::of_code(code) {
        Reference::Order => "order",
        Reference::Invoice => "invoice",
        Reference::Shipment => "shipment",
        Reference::Other => "reference",
    }
}

/// Of a document the version it tells of; 0 for anything else.
pub fn version(event: &PartnerEvent) -> i64 {
    match event {
        PartnerEvent::Document(FP::Shared(_)) => 1,
        PartnerEvent::Document(FP::VersionAdded(e)) => e.version_no,
        PartnerEvent::Document(_)
        | PartnerEvent::Onboarding(_)
        | PartnerEvent::Issue(_)
        | PartnerEvent::Discrepancy(_) => 0,
    }
}
