//! What the record of any use case can say in X. Which use case it is stands in the record itself; the adapter that
//! reads a change asks [`UseCase::says`] for the event.

use crate::issue::{
    Assigned, Created, FieldChanged, InformationRequired, InternalNoteAdded, Merged, PriorityChanged,
    PublicCommentAdded, StatusChanged,
};
use crate::{InternalCommand, InternalEvent, discrepancy, document, issue, onboarding};

/// A use case whose records live in X.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UseCase {
    /// Also what a record is that names none: nothing of another use case is ever guessed.
    #[default]
    Issue,
    Discrepancy,
    /// Its records are programmes and tasks, see [`crate::onboarding::Record`].
    Onboarding,
    Document,
}

/// A change of one record, in X's own values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketEvent {
    Created(Created),
    StatusChanged(StatusChanged),
    PublicCommentAdded(PublicCommentAdded),
    InformationRequired(InformationRequired),
    Merged(Merged),
    InternalNoteAdded(InternalNoteAdded),
    Assigned(Assigned),
    PriorityChanged(PriorityChanged),
    FieldChanged(FieldChanged),
}

/// What X is asked to do with one record, whatever its use case: the shapes an adapter has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketCommand<'c> {
    Create(&'c issue::CreateCase),
    SetFields(&'c issue::UpdateFields),
    /// In the partner's voice.
    Reply(&'c issue::AddPublicComment),
    Note(&'c issue::AddInternalNote),
    SetStatus(&'c issue::StatusWrite),
    /// To the record of a case.
    Link(&'c document::LinkCase),
}

impl TicketCommand<'_> {
    /// Every command that asks something of a ticket, by its type.
    pub const KINDS: [&'static str; 33] = [
        "internal.issue.create-case",
        "internal.issue.update-fields",
        "internal.issue.add-public-comment",
        "internal.issue.add-internal-note",
        "internal.issue.resume-case",
        "internal.issue.cancel-case",
        "internal.issue.close-case",
        "internal.issue.reopen-case",
        "internal.discrepancy.create-case",
        "internal.discrepancy.update-fields",
        "internal.discrepancy.add-public-comment",
        "internal.discrepancy.add-internal-note",
        "internal.discrepancy.resume-case",
        "internal.discrepancy.cancel-case",
        "internal.discrepancy.settle-case",
        "internal.discrepancy.reinvestigate-case",
        "internal.discrepancy.escalate-case",
        "internal.onboarding.accept-invitation",
        "internal.onboarding.decline-invitation",
        "internal.onboarding.expire-invitation",
        "internal.onboarding.submit-task",
        "internal.onboarding.add-internal-note",
        "internal.onboarding.update-fields",
        "internal.document.create-case",
        "internal.document.add-version",
        "internal.document.add-public-comment",
        "internal.document.add-internal-note",
        "internal.document.add-file",
        "internal.document.withhold-file",
        "internal.document.restart-review",
        "internal.document.cancel-case",
        "internal.document.link-case",
        "internal.document.update-fields",
    ];
}

impl UseCase {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Discrepancy => "discrepancy",
            Self::Onboarding => "onboarding",
            Self::Document => "document",
        }
    }

    /// Total: a word nobody knows is an issue, whose rules refuse what is not one.
    pub fn from_word(word: &str) -> Self {
        [Self::Discrepancy, Self::Document, Self::Onboarding]
            .into_iter()
            .find(|known| known.as_str() == word)
            .unwrap_or_default()
    }

    /// A change of a record of this use case, as an event; `None` where the record itself has to be asked, see
    /// [`crate::onboarding::Record::says`].
    pub fn says(self, event: TicketEvent) -> Option<InternalEvent> {
        match self {
            Self::Issue => Some(InternalEvent::Issue(of_issue(event))),
            Self::Discrepancy => Some(InternalEvent::Discrepancy(of_discrepancy(event))),
            Self::Document => Some(InternalEvent::Document(of_document(event))),
            Self::Onboarding => None,
        }
    }
}

impl InternalCommand {
    pub const fn use_case(&self) -> UseCase {
        match self {
            Self::Issue(_) => UseCase::Issue,
            Self::Discrepancy(_) => UseCase::Discrepancy,
            Self::Document(_) => UseCase::Document,
            Self::Onboarding(_) => UseCase::Onboarding,
        }
    }

    /// The record of X that it is about, where that is a task of the subject's own record.
    pub fn task(&self) -> Option<&str> {
        match self {
            Self::Issue(_) | Self::Discrepancy(_) | Self::Document(_) => None,
            Self::Onboarding(command) => command.task(),
        }
    }

    /// What it asks of the record.
    pub const fn of_ticket(&self) -> TicketCommand<'_> {
        use discrepancy::InternalCommand as D;
        use document::InternalCommand as P;
        use issue::InternalCommand as I;
        use onboarding::InternalCommand as O;
        match self {
            Self::Issue(I::CreateCase(c)) | Self::Discrepancy(D::CreateCase(c)) | Self::Document(P::CreateCase(c)) => {
                TicketCommand::Create(c)
            }
            Self::Issue(I::UpdateFields(c))
            | Self::Discrepancy(D::UpdateFields(c) | D::EscalateCase(c))
            | Self::Document(P::AddVersion(c) | P::UpdateFields(c)) => TicketCommand::SetFields(c),
            Self::Issue(I::AddPublicComment(c))
            | Self::Discrepancy(D::AddPublicComment(c))
            | Self::Document(P::AddPublicComment(c) | P::AddFile(c)) => TicketCommand::Reply(c),
            Self::Issue(I::AddInternalNote(c))
            | Self::Discrepancy(D::AddInternalNote(c))
            | Self::Document(P::AddInternalNote(c) | P::WithholdFile(c)) => TicketCommand::Note(c),
            Self::Document(P::RestartReview(c) | P::CancelCase(c)) => TicketCommand::SetStatus(c),
            Self::Document(P::LinkCase(c)) => TicketCommand::Link(c),
            Self::Issue(I::ResumeCase(c) | I::CancelCase(c) | I::CloseCase(c) | I::ReopenCase(c))
            | Self::Discrepancy(D::ResumeCase(c) | D::CancelCase(c) | D::SettleCase(c) | D::ReinvestigateCase(c)) => {
                TicketCommand::SetStatus(c)
            }
            Self::Onboarding(O::AcceptInvitation(c) | O::DeclineInvitation(c) | O::ExpireInvitation(c)) => {
                TicketCommand::SetStatus(c)
            }
            Self::Onboarding(O::SubmitTask(c)) => TicketCommand::SetStatus(&c.write),
            Self::Onboarding(O::AddInternalNote(c)) => TicketCommand::Note(&c.note),
            Self::Onboarding(O::UpdateFields(c)) => TicketCommand::SetFields(&c.write),
        }
    }
}

fn of_issue(event: TicketEvent) -> issue::InternalEvent {
    use TicketEvent as T;
    use issue::InternalEvent as E;
    match event {
        T::Created(e) => E::Created(e),
        T::StatusChanged(e) => E::StatusChanged(e),
        T::PublicCommentAdded(e) => E::PublicCommentAdded(e),
        T::InformationRequired(e) => E::InformationRequired(e),
        T::Merged(e) => E::Merged(e),
        T::InternalNoteAdded(e) => E::InternalNoteAdded(e),
        T::Assigned(e) => E::Assigned(e),
        T::PriorityChanged(e) => E::PriorityChanged(e),
        T::FieldChanged(e) => E::FieldChanged(e),
    }
}

fn of_discrepancy(event: TicketEvent) -> discrepancy::InternalEvent {
    use TicketEvent as T;
    use discrepancy::InternalEvent as E;
    match event {
        T::Created(e) => E::Created(e),
        T::StatusChanged(e) => E::StatusChanged(e),
        T::PublicCommentAdded(e) => E::PublicCommentAdded(e),
        T::InformationRequired(e) => E::InformationRequired(e),
        T::Merged(e) => E::Merged(e),
        T::InternalNoteAdded(e) => E::InternalNoteAdded(e),
        T::Assigned(e) => E::Assigned(e),
        T::PriorityChanged(e) => E::PriorityChanged(e),
        T::FieldChanged(e) => match e.field.strip_prefix(discrepancy::FINDING).map(str::to_owned) {
            Some(source) => E::FindingRecorded(discrepancy::FindingRecorded { source, text: e.to }),
            None => E::FieldChanged(e),
        },
    }
}

fn of_document(event: TicketEvent) -> document::InternalEvent {
    use TicketEvent as T;
    use document::InternalEvent as E;
    match event {
        T::Created(e) => E::Created(e),
        T::StatusChanged(e) => E::StatusChanged(e),
        T::PublicCommentAdded(e) => E::PublicCommentAdded(e),
        T::InformationRequired(e) => E::InformationRequired(e),
        T::Merged(e) => E::Merged(e),
        T::InternalNoteAdded(e) => E::InternalNoteAdded(e),
        T::Assigned(e) => E::Assigned(e),
        T::PriorityChanged(e) => E::PriorityChanged(e),
        T::FieldChanged(e) => match e.field.as_str() {
            document::DECISION => E::ReviewDecided(document::ReviewDecided { decision: e.to }),
            _ => E::FieldChanged(e),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Marked, Visibility};

    fn field(name: &str) -> TicketEvent {
        let to = Marked::new("8 received".to_owned(), Visibility::Host);
        TicketEvent::FieldChanged(FieldChanged { field: name.to_owned(), from: Marked::default(), to })
    }

    #[test]
    fn a_finding_is_named_after_its_source_and_only_in_a_discrepancy() {
        assert_eq!(
            UseCase::Discrepancy.says(field("Finding WMS")).unwrap().kind(),
            "internal.discrepancy.finding-recorded"
        );
        assert_eq!(UseCase::Discrepancy.says(field("Findings")).unwrap().kind(), "internal.discrepancy.field-changed");
        assert_eq!(
            UseCase::from_word("nothing known").says(field("Finding WMS")).unwrap().kind(),
            "internal.issue.field-changed"
        );
    }
}
