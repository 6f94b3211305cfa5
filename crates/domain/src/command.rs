use crate::{ContentHash, Shared, TicketCommand, discrepancy, document, issue, onboarding};
use serde::{Deserialize, Serialize};

/// A condition on the target's state at the moment of the call; where it does not hold the command is skipped, finally.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlyIf {
    /// `status`, in the target's own values.
    pub field: String,
    pub one_of: Vec<String>,
    /// Id of the event that tells of the change which gave the field its value; empty where any change will do. An answer
    /// to one proposal does not hold for the next, though both make the same status.
    #[serde(default)]
    pub set_by: String,
}

/// What X is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalCommand {
    Issue(issue::InternalCommand),
    Discrepancy(discrepancy::InternalCommand),
    Onboarding(onboarding::InternalCommand),
    Document(document::InternalCommand),
}

/// What the community is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerCommand<T = Shared<String>> {
    Issue(issue::PartnerCommand<T>),
    Discrepancy(discrepancy::PartnerCommand<T>),
    Onboarding(onboarding::PartnerCommand<T>),
    Document(document::PartnerCommand<T>),
}

/// What the rules of delivery need to know of a command; they know no use case.
pub trait Command {
    /// The `type` of the envelope: `<side>.<use case>.<verb>`.
    fn kind(&self) -> &'static str;
    /// Over the payload alone.
    fn content_hash(&self) -> ContentHash;
    /// Makes the record that a bond then names. There is one per subject.
    fn creates_bond(&self) -> bool;
    /// Fields it sets, with the hash of each value. Empty for what only appends.
    fn fields(&self) -> Vec<(String, ContentHash)>;
    fn only_if(&self) -> Option<&OnlyIf>;
}

fn hashed(name: &str, value: &str) -> (String, ContentHash) {
    (name.to_owned(), ContentHash::of_bytes(value.as_bytes()))
}

fn status_field(to: &str) -> Vec<(String, ContentHash)> {
    vec![("status".to_owned(), ContentHash::of_bytes(to.as_bytes()))]
}

impl Command for InternalCommand {
    fn kind(&self) -> &'static str {
        use discrepancy::InternalCommand as D;
        use document::InternalCommand as P;
        use issue::InternalCommand as C;
        use onboarding::InternalCommand as O;
        match self {
            Self::Issue(C::CreateCase(_)) => "internal.issue.create-case",
            Self::Issue(C::UpdateFields(_)) => "internal.issue.update-fields",
            Self::Issue(C::AddPublicComment(_)) => "internal.issue.add-public-comment",
            Self::Issue(C::AddInternalNote(_)) => "internal.issue.add-internal-note",
            Self::Issue(C::ResumeCase(_)) => "internal.issue.resume-case",
            Self::Issue(C::CancelCase(_)) => "internal.issue.cancel-case",
            Self::Issue(C::CloseCase(_)) => "internal.issue.close-case",
            Self::Issue(C::ReopenCase(_)) => "internal.issue.reopen-case",
            Self::Discrepancy(D::CreateCase(_)) => "internal.discrepancy.create-case",
            Self::Discrepancy(D::UpdateFields(_)) => "internal.discrepancy.update-fields",
            Self::Discrepancy(D::AddPublicComment(_)) => "internal.discrepancy.add-public-comment",
            Self::Discrepancy(D::AddInternalNote(_)) => "internal.discrepancy.add-internal-note",
            Self::Discrepancy(D::ResumeCase(_)) => "internal.discrepancy.resume-case",
            Self::Discrepancy(D::CancelCase(_)) => "internal.discrepancy.cancel-case",
            Self::Discrepancy(D::SettleCase(_)) => "internal.discrepancy.settle-case",
            Self::Discrepancy(D::ReinvestigateCase(_)) => "internal.discrepancy.reinvestigate-case",
            Self::Discrepancy(D::EscalateCase(_)) => "internal.discrepancy.escalate-case",
            Self::Onboarding(O::AcceptInvitation(_)) => "internal.onboarding.accept-invitation",
            Self::Onboarding(O::DeclineInvitation(_)) => "internal.onboarding.decline-invitation",
            Self::Onboarding(O::ExpireInvitation(_)) => "internal.onboarding.expire-invitation",
            Self::Onboarding(O::SubmitTask(_)) => "internal.onboarding.submit-task",
            Self::Onboarding(O::AddInternalNote(_)) => "internal.onboarding.add-internal-note",
            Self::Onboarding(O::UpdateFields(_)) => "internal.onboarding.update-fields",
            Self::Document(P::CreateCase(_)) => "internal.document.create-case",
            Self::Document(P::AddVersion(_)) => "internal.document.add-version",
            Self::Document(P::AddPublicComment(_)) => "internal.document.add-public-comment",
            Self::Document(P::AddInternalNote(_)) => "internal.document.add-internal-note",
            Self::Document(P::AddFile(_)) => "internal.document.add-file",
            Self::Document(P::WithholdFile(_)) => "internal.document.withhold-file",
            Self::Document(P::RestartReview(_)) => "internal.document.restart-review",
            Self::Document(P::CancelCase(_)) => "internal.document.cancel-case",
            Self::Document(P::LinkCase(_)) => "internal.document.link-case",
            Self::Document(P::UpdateFields(_)) => "internal.document.update-fields",
        }
    }

    fn content_hash(&self) -> ContentHash {
        if let Self::Onboarding(command) = self
            && let Some(task) = command.task()
        {
            return command.hash_at(task);
        }
        match self.of_ticket() {
            TicketCommand::Create(c) => ContentHash::of(c),
            TicketCommand::SetFields(c) => ContentHash::of(c),
            TicketCommand::Reply(c) => ContentHash::of(c),
            TicketCommand::Note(c) => ContentHash::of(c),
            TicketCommand::SetStatus(c) => ContentHash::of(c),
            TicketCommand::Link(c) => ContentHash::of(c),
        }
    }

    fn creates_bond(&self) -> bool {
        matches!(self.of_ticket(), TicketCommand::Create(_))
    }

    fn fields(&self) -> Vec<(String, ContentHash)> {
        match self.of_ticket() {
            TicketCommand::SetFields(c) => {
                let named =
                    |name: &String| self.task().map_or_else(|| name.clone(), |id| onboarding::task_field(id, name));
                c.fields.iter().map(|(name, value)| hashed(&named(name), value)).collect()
            }
            TicketCommand::SetStatus(c) => match self.task() {
                None => status_field(&c.to),
                Some(task) => vec![hashed(&onboarding::task_status_field(task), &c.to)],
            },
            // What may be corrected later. Its status is moved by others, its texts stay as they were said.
            TicketCommand::Create(c) => c.settable().map(|(name, value)| hashed(name, value)).collect(),
            TicketCommand::Reply(_) | TicketCommand::Note(_) | TicketCommand::Link(_) => Vec::new(),
        }
    }

    fn only_if(&self) -> Option<&OnlyIf> {
        if let Self::Onboarding(onboarding::InternalCommand::AddInternalNote(c)) = self {
            return c.only_if.as_ref();
        }
        match self.of_ticket() {
            TicketCommand::SetStatus(c) => c.only_if.as_ref(),
            TicketCommand::Create(_)
            | TicketCommand::SetFields(_)
            | TicketCommand::Reply(_)
            | TicketCommand::Note(_)
            | TicketCommand::Link(_) => None,
        }
    }
}

impl<T> PartnerCommand<T> {
    pub fn map_text<U>(self, f: impl Fn(T) -> U) -> PartnerCommand<U> {
        match self {
            Self::Issue(command) => PartnerCommand::Issue(command.map_text(f)),
            Self::Discrepancy(command) => PartnerCommand::Discrepancy(command.map_text(f)),
            Self::Onboarding(command) => PartnerCommand::Onboarding(command.map_text(f)),
            Self::Document(command) => PartnerCommand::Document(command.map_text(f)),
        }
    }
}

impl<T: Serialize> Command for PartnerCommand<T> {
    fn kind(&self) -> &'static str {
        use discrepancy::PartnerCommand as D;
        use document::PartnerCommand as P;
        use issue::PartnerCommand as C;
        match self {
            Self::Issue(C::AcknowledgeCase(_)) => "partner.issue.acknowledge-case",
            Self::Issue(C::SetCaseStatus(_)) => "partner.issue.set-case-status",
            Self::Issue(C::PostComment(_)) => "partner.issue.post-comment",
            Self::Issue(C::RequestInformation(_)) => "partner.issue.request-information",
            Self::Issue(C::ProposeResolution(_)) => "partner.issue.propose-resolution",
            Self::Issue(C::CloseCase(_)) => "partner.issue.close-case",
            Self::Issue(C::ReopenCase(_)) => "partner.issue.reopen-case",
            Self::Discrepancy(D::Acknowledge(_)) => "partner.discrepancy.acknowledge",
            Self::Discrepancy(D::SetStatus(_)) => "partner.discrepancy.set-status",
            Self::Discrepancy(D::PostComment(_)) => "partner.discrepancy.post-comment",
            Self::Discrepancy(D::RequestEvidence(_)) => "partner.discrepancy.request-evidence",
            Self::Discrepancy(D::ProposeOutcome(_)) => "partner.discrepancy.propose-outcome",
            Self::Discrepancy(D::MarkEscalated(_)) => "partner.discrepancy.mark-escalated",
            Self::Discrepancy(D::Settle(_)) => "partner.discrepancy.settle",
            Self::Onboarding(command) => command.kind(),
            Self::Document(P::Acknowledge(_)) => "partner.document.acknowledge",
            Self::Document(P::SetStatus(_)) => "partner.document.set-status",
            Self::Document(P::PostComment(_)) => "partner.document.post-comment",
            Self::Document(P::Decide(_)) => "partner.document.decide",
            Self::Document(P::RejectFile(_)) => "partner.document.reject-file",
            Self::Document(P::RequestRenewal(_)) => "partner.document.request-renewal",
            Self::Document(P::Publish(_)) => "partner.document.publish",
            Self::Document(P::PublishVersion(_)) => "partner.document.publish-version",
        }
    }

    fn content_hash(&self) -> ContentHash {
        use discrepancy::PartnerCommand as D;
        use document::PartnerCommand as P;
        use issue::PartnerCommand as C;
        match self {
            Self::Issue(C::AcknowledgeCase(c)) => ContentHash::of(c),
            Self::Issue(C::SetCaseStatus(c)) => ContentHash::of(c),
            Self::Issue(C::PostComment(c)) => ContentHash::of(c),
            Self::Issue(C::RequestInformation(c)) => ContentHash::of(c),
            Self::Issue(C::ProposeResolution(c)) => ContentHash::of(c),
            Self::Issue(C::CloseCase(c)) => ContentHash::of(c),
            Self::Issue(C::ReopenCase(c)) => ContentHash::of(c),
            Self::Discrepancy(D::Acknowledge(c)) => ContentHash::of(c),
            Self::Discrepancy(D::SetStatus(c)) => ContentHash::of(c),
            Self::Discrepancy(D::PostComment(c)) => ContentHash::of(c),
            Self::Discrepancy(D::RequestEvidence(c)) => ContentHash::of(c),
            Self::Discrepancy(D::ProposeOutcome(c)) => ContentHash::of(c),
            Self::Discrepancy(D::MarkEscalated(c)) => ContentHash::of(c),
            Self::Discrepancy(D::Settle(c)) => ContentHash::of(c),
            Self::Onboarding(command) => command.content_hash(),
            Self::Document(P::Acknowledge(c)) => ContentHash::of(c),
            Self::Document(P::SetStatus(c)) => ContentHash::of(c),
            Self::Document(P::PostComment(c)) => ContentHash::of(c),
            Self::Document(P::Decide(c)) => ContentHash::of(c),
            Self::Document(P::RejectFile(c)) => ContentHash::of(c),
            Self::Document(P::RequestRenewal(c)) => ContentHash::of(c),
            Self::Document(P::Publish(c)) => ContentHash::of(c),
            Self::Document(P::PublishVersion(c)) => ContentHash::of(c),
        }
    }

    /// Cases begin at the community: its record exists before any command for it. A programme begins in X, and so does a
    /// document of the house's own.
    fn creates_bond(&self) -> bool {
        matches!(
            self,
            Self::Onboarding(onboarding::PartnerCommand::OpenSpace(_))
                | Self::Document(document::PartnerCommand::Publish(_))
        )
    }

    fn fields(&self) -> Vec<(String, ContentHash)> {
        use crate::{CaseStatus, DiscrepancyStatus, DocumentStatus};
        use discrepancy::PartnerCommand as D;
        use document::PartnerCommand as P;
        use issue::PartnerCommand as C;
        let status = |status: CaseStatus| status_field(status.as_str());
        match self {
            Self::Issue(C::SetCaseStatus(c)) => status(c.status),
            Self::Issue(C::RequestInformation(_)) => status(CaseStatus::PendingPartner),
            Self::Issue(C::ProposeResolution(_)) => status(CaseStatus::Resolved),
            Self::Issue(C::CloseCase(_)) => status(CaseStatus::Closed),
            Self::Issue(C::ReopenCase(_)) => status(CaseStatus::InProgress),
            // An acknowledgement only ever moves a case that nobody has moved yet; it claims no field.
            Self::Issue(C::AcknowledgeCase(_) | C::PostComment(_))
            | Self::Discrepancy(D::Acknowledge(_) | D::PostComment(_) | D::MarkEscalated(_))
            // Versions are published one after the other, each once: none takes the place of another unsaid.
            | Self::Document(P::Acknowledge(_) | P::PostComment(_) | P::Publish(_) | P::PublishVersion(_)) => Vec::new(),
            Self::Document(P::SetStatus(c)) => status_field(c.status.as_str()),
            Self::Document(P::Decide(c)) => status_field(c.status.as_str()),
            Self::Document(P::RejectFile(_)) => status_field(DocumentStatus::Quarantined.as_str()),
            Self::Document(P::RequestRenewal(_)) => status_field(DocumentStatus::Expiring.as_str()),
            Self::Discrepancy(D::SetStatus(c)) => status_field(c.status.as_str()),
            Self::Discrepancy(D::RequestEvidence(_)) => status_field(DiscrepancyStatus::EvidenceRequested.as_str()),
            Self::Discrepancy(D::ProposeOutcome(_)) => status_field(DiscrepancyStatus::OutcomeProposed.as_str()),
            Self::Discrepancy(D::Settle(_)) => status_field(DiscrepancyStatus::Settled.as_str()),
            Self::Onboarding(command) => command.fields(),
        }
    }

    fn only_if(&self) -> Option<&OnlyIf> {
        use discrepancy::PartnerCommand as D;
        use document::PartnerCommand as P;
        use issue::PartnerCommand as C;
        match self {
            Self::Issue(C::SetCaseStatus(c)) => c.only_if.as_ref(),
            Self::Issue(C::CloseCase(c)) => c.only_if.as_ref(),
            Self::Issue(
                C::AcknowledgeCase(_)
                | C::PostComment(_)
                | C::RequestInformation(_)
                | C::ProposeResolution(_)
                | C::ReopenCase(_),
            )
            | Self::Discrepancy(
                D::Acknowledge(_)
                | D::PostComment(_)
                | D::RequestEvidence(_)
                | D::ProposeOutcome(_)
                | D::MarkEscalated(_),
            )
            | Self::Document(
                P::Acknowledge(_)
                | P::PostComment(_)
                | P::Decide(_)
                | P::RejectFile(_)
                | P::RequestRenewal(_)
                | P::Publish(_)
                | P::PublishVersion(_),
            ) => None,
            Self::Document(P::SetStatus(c)) => c.only_if.as_ref(),
            Self::Discrepancy(D::SetStatus(c)) => c.only_if.as_ref(),
            Self::Discrepancy(D::Settle(c)) => c.only_if.as_ref(),
            Self::Onboarding(command) => command.only_if(),
        }
    }
}
