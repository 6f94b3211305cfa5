//! Which events and commands name files.

use super::{Claim, FileClaim};
use crate::{
    InternalCommand, InternalEvent, PartnerCommand, PartnerEvent, TicketCommand, discrepancy, document, issue,
    onboarding,
};

/// An event that may name files, for ingest, which takes their bytes.
pub trait Files {
    /// Every claim, in a fixed order.
    fn each_file(&mut self, f: &mut dyn FnMut(&mut dyn Claim));

    /// Of an event that brings a document's own file: code list and code of its type, such as `OWN W9`.
    fn document_type(&self) -> Option<String> {
        None
    }
}

/// A command that may carry files, for the sink, which asks for a verdict on each and hands over the bytes.
pub trait Carries {
    /// Every claim, in the command's order.
    fn carried(&self) -> Vec<FileClaim<()>>;
}

fn each<N>(files: &mut [FileClaim<N>], f: &mut dyn FnMut(&mut dyn Claim))
where
    FileClaim<N>: Claim,
{
    files.iter_mut().for_each(|file| f(file));
}

/// The file of a version; one that is withheld goes nowhere, and whoever obeys the command says so.
fn offered<N>(file: &FileClaim<N>) -> Vec<FileClaim<()>> {
    if file.withheld.is_empty() { vec![file.bare()] } else { Vec::new() }
}

fn bare<N>(files: &[FileClaim<N>]) -> Vec<FileClaim<()>> {
    files.iter().map(FileClaim::bare).collect()
}

impl Files for PartnerEvent {
    fn each_file(&mut self, f: &mut dyn FnMut(&mut dyn Claim)) {
        use discrepancy::PartnerEvent as D;
        use document::PartnerEvent as P;
        use issue::PartnerEvent as E;
        use onboarding::PartnerEvent as O;
        match self {
            Self::Issue(E::Opened(e)) => each(&mut e.files, f),
            Self::Issue(E::CommentAdded(e))
            | Self::Discrepancy(D::CommentAdded(e))
            | Self::Document(P::CommentAdded(e)) => each(&mut e.files, f),
            Self::Document(P::Shared(e)) => f(&mut e.file),
            Self::Document(P::VersionAdded(e)) => f(&mut e.file),
            Self::Issue(
                E::DetailsChanged(_) | E::CommentRevised(_) | E::CommentRemoved(_) | E::Withdrawn(_) | E::ResolutionAccepted(_) | E::ResolutionRejected(_),
            )
            | Self::Discrepancy(
                D::Raised(_)
                | D::LineCorrected(_)
                | D::EvidenceGiven(_)
                | D::OutcomeConfirmed(_)
                | D::OutcomeContested(_)
                | D::Withdrawn(_),
            )
            | Self::Document(P::Withdrawn(_))
            // Of onboarding no file is carried yet.
            | Self::Onboarding(
                O::InvitationAccepted(_)
                | O::InvitationDeclined(_)
                | O::InvitationExpired(_)
                | O::TaskSubmitted(_)
                | O::QuestionAsked(_),
            ) => {}
        }
    }

    fn document_type(&self) -> Option<String> {
        use document::PartnerEvent as P;
        let (list, code) = match self {
            Self::Document(P::Shared(e)) => (&e.type_list, &e.type_code),
            Self::Document(P::VersionAdded(e)) => (&e.type_list, &e.type_code),
            Self::Document(P::CommentAdded(_) | P::Withdrawn(_))
            | Self::Issue(_)
            | Self::Discrepancy(_)
            | Self::Onboarding(_) => return None,
        };
        Some(format!("{} {}", list.trim(), code.trim()))
    }
}

impl Files for InternalEvent {
    fn each_file(&mut self, f: &mut dyn FnMut(&mut dyn Claim)) {
        use discrepancy::InternalEvent as D;
        use document::InternalEvent as P;
        use issue::InternalEvent as E;
        use onboarding::InternalEvent as O;
        match self {
            Self::Issue(E::PublicCommentAdded(e))
            | Self::Discrepancy(D::PublicCommentAdded(e))
            | Self::Document(P::PublicCommentAdded(e)) => {
                each(&mut e.files, f);
            }
            Self::Document(P::SharedOutward(e)) => each(&mut e.files, f),
            // A note of the house names none: what is not taken cannot get out.
            Self::Issue(E::InternalNoteAdded(_))
            | Self::Discrepancy(D::InternalNoteAdded(_))
            | Self::Document(P::InternalNoteAdded(_)) => {}
            Self::Issue(
                E::Created(_)
                | E::StatusChanged(_)
                | E::InformationRequired(_)
                | E::Resolved(_)
                | E::Closed(_)
                | E::Reopened(_)
                | E::Merged(_)
                | E::Assigned(_)
                | E::PriorityChanged(_)
                | E::FieldChanged(_),
            )
            | Self::Discrepancy(
                D::Created(_)
                | D::StatusChanged(_)
                | D::InformationRequired(_)
                | D::FindingRecorded(_)
                | D::Merged(_)
                | D::Assigned(_)
                | D::PriorityChanged(_)
                | D::FieldChanged(_),
            )
            | Self::Document(
                P::Created(_)
                | P::StatusChanged(_)
                | P::InformationRequired(_)
                | P::ReviewDecided(_)
                | P::Expiring(_)
                | P::Expired(_)
                | P::Merged(_)
                | P::Assigned(_)
                | P::PriorityChanged(_)
                | P::FieldChanged(_),
            )
            | Self::Onboarding(
                O::Started(_)
                | O::ProgrammeChanged(_)
                | O::StatusChanged(_)
                | O::TaskPublished(_)
                | O::TaskChanged(_)
                | O::TaskStatusChanged(_)
                | O::MilestonesChanged(_)
                | O::ReadinessChanged(_)
                | O::CommentAdded(_)
                | O::InternalNoteAdded(_)
                | O::Assigned(_)
                | O::FieldChanged(_),
            ) => {}
        }
    }
}

impl Carries for InternalCommand {
    fn carried(&self) -> Vec<FileClaim<()>> {
        match self.of_ticket() {
            TicketCommand::Reply(c) => bare(&c.files),
            TicketCommand::Create(_)
            | TicketCommand::SetFields(_)
            | TicketCommand::Note(_)
            | TicketCommand::SetStatus(_)
            | TicketCommand::Link(_) => Vec::new(),
        }
    }
}

impl Carries for PartnerCommand {
    fn carried(&self) -> Vec<FileClaim<()>> {
        use discrepancy::PartnerCommand as D;
        use document::PartnerCommand as P;
        use issue::PartnerCommand as C;
        use onboarding::PartnerCommand as O;
        match self {
            Self::Issue(C::PostComment(c))
            | Self::Discrepancy(D::PostComment(c))
            | Self::Document(P::PostComment(c)) => bare(&c.files),
            Self::Document(P::Publish(c)) => offered(&c.file),
            Self::Document(P::PublishVersion(c)) => offered(&c.file),
            Self::Issue(
                C::AcknowledgeCase(_)
                | C::SetCaseStatus(_)
                | C::RequestInformation(_)
                | C::ProposeResolution(_)
                | C::CloseCase(_)
                | C::ReopenCase(_),
            )
            | Self::Discrepancy(
                D::Acknowledge(_)
                | D::SetStatus(_)
                | D::RequestEvidence(_)
                | D::ProposeOutcome(_)
                | D::MarkEscalated(_)
                | D::Settle(_),
            )
            | Self::Document(
                P::Acknowledge(_) | P::SetStatus(_) | P::Decide(_) | P::RejectFile(_) | P::RequestRenewal(_),
            )
            | Self::Onboarding(
                O::OpenSpace(_)
                | O::UpdateSpace(_)
                | O::SetStatus(_)
                | O::UpsertTask(_)
                | O::SetTaskStatus(_)
                | O::SetMilestone(_)
                | O::SetReadiness(_)
                | O::PostComment(_),
            ) => Vec::new(),
        }
    }
}
