use crate::{ContentHash, Shared, issue};
use serde::{Deserialize, Serialize};

/// A condition on the target's state at the moment of the call; where it does not hold the command is skipped, finally.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlyIf {
    /// `status`, in the target's own values.
    pub field: String,
    pub one_of: Vec<String>,
}

/// What X is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalCommand {
    Issue(issue::InternalCommand),
}

/// What the community is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerCommand<T = Shared<String>> {
    Issue(issue::PartnerCommand<T>),
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
        use issue::InternalCommand as C;
        match self {
            Self::Issue(C::CreateCase(_)) => "internal.issue.create-case",
            Self::Issue(C::UpdateFields(_)) => "internal.issue.update-fields",
            Self::Issue(C::AddPublicComment(_)) => "internal.issue.add-public-comment",
            Self::Issue(C::AddInternalNote(_)) => "internal.issue.add-internal-note",
            Self::Issue(C::ResumeCase(_)) => "internal.issue.resume-case",
            Self::Issue(C::CancelCase(_)) => "internal.issue.cancel-case",
            Self::Issue(C::CloseCase(_)) => "internal.issue.close-case",
            Self::Issue(C::ReopenCase(_)) => "internal.issue.reopen-case",
        }
    }

    fn content_hash(&self) -> ContentHash {
        use issue::InternalCommand as C;
        match self {
            Self::Issue(C::CreateCase(c)) => ContentHash::of(c),
            Self::Issue(C::UpdateFields(c)) => ContentHash::of(c),
            Self::Issue(C::AddPublicComment(c)) => ContentHash::of(c),
            Self::Issue(C::AddInternalNote(c)) => ContentHash::of(c),
            Self::Issue(C::ResumeCase(c) | C::CancelCase(c) | C::CloseCase(c) | C::ReopenCase(c)) => ContentHash::of(c),
        }
    }

    fn creates_bond(&self) -> bool {
        matches!(self, Self::Issue(issue::InternalCommand::CreateCase(_)))
    }

    fn fields(&self) -> Vec<(String, ContentHash)> {
        use issue::InternalCommand as C;
        match self {
            Self::Issue(C::UpdateFields(c)) => c.fields.iter().map(|(name, value)| hashed(name, value)).collect(),
            Self::Issue(C::ResumeCase(c) | C::CancelCase(c) | C::CloseCase(c) | C::ReopenCase(c)) => {
                status_field(&c.to)
            }
            // What may be corrected later. Its status is moved by others, its texts stay as they were said.
            Self::Issue(C::CreateCase(c)) => c.settable().map(|(name, value)| hashed(name, value)).collect(),
            Self::Issue(C::AddPublicComment(_) | C::AddInternalNote(_)) => Vec::new(),
        }
    }

    fn only_if(&self) -> Option<&OnlyIf> {
        use issue::InternalCommand as C;
        match self {
            Self::Issue(C::ResumeCase(c) | C::CancelCase(c) | C::CloseCase(c) | C::ReopenCase(c)) => c.only_if.as_ref(),
            Self::Issue(C::CreateCase(_) | C::UpdateFields(_) | C::AddPublicComment(_) | C::AddInternalNote(_)) => None,
        }
    }
}

impl<T> PartnerCommand<T> {
    pub fn map_text<U>(self, f: impl Fn(T) -> U) -> PartnerCommand<U> {
        match self {
            Self::Issue(command) => PartnerCommand::Issue(command.map_text(f)),
        }
    }
}

impl<T: Serialize> Command for PartnerCommand<T> {
    fn kind(&self) -> &'static str {
        use issue::PartnerCommand as C;
        match self {
            Self::Issue(C::AcknowledgeCase(_)) => "partner.issue.acknowledge-case",
            Self::Issue(C::SetCaseStatus(_)) => "partner.issue.set-case-status",
            Self::Issue(C::PostComment(_)) => "partner.issue.post-comment",
            Self::Issue(C::RequestInformation(_)) => "partner.issue.request-information",
            Self::Issue(C::ProposeResolution(_)) => "partner.issue.propose-resolution",
            Self::Issue(C::CloseCase(_)) => "partner.issue.close-case",
            Self::Issue(C::ReopenCase(_)) => "partner.issue.reopen-case",
        }
    }

    fn content_hash(&self) -> ContentHash {
        use issue::PartnerCommand as C;
        match self {
            Self::Issue(C::AcknowledgeCase(c)) => ContentHash::of(c),
            Self::Issue(C::SetCaseStatus(c)) => ContentHash::of(c),
            Self::Issue(C::PostComment(c)) => ContentHash::of(c),
            Self::Issue(C::RequestInformation(c)) => ContentHash::of(c),
            Self::Issue(C::ProposeResolution(c)) => ContentHash::of(c),
            Self::Issue(C::CloseCase(c)) => ContentHash::of(c),
            Self::Issue(C::ReopenCase(c)) => ContentHash::of(c),
        }
    }

    /// Cases begin at the community: its record exists before any command for it.
    fn creates_bond(&self) -> bool {
        false
    }

    fn fields(&self) -> Vec<(String, ContentHash)> {
        use crate::CaseStatus;
        use issue::PartnerCommand as C;
        let status = |status: CaseStatus| status_field(status.as_str());
        match self {
            Self::Issue(C::SetCaseStatus(c)) => status(c.status),
            Self::Issue(C::RequestInformation(_)) => status(CaseStatus::PendingPartner),
            Self::Issue(C::ProposeResolution(_)) => status(CaseStatus::Resolved),
            Self::Issue(C::CloseCase(_)) => status(CaseStatus::Closed),
            Self::Issue(C::ReopenCase(_)) => status(CaseStatus::InProgress),
            // An acknowledgement only ever moves a case that nobody has moved yet; it claims no field.
            Self::Issue(C::AcknowledgeCase(_) | C::PostComment(_)) => Vec::new(),
        }
    }

    fn only_if(&self) -> Option<&OnlyIf> {
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
            ) => None,
        }
    }
}
