use crate::{Envelope, Marked, Outcome, discrepancy, document, issue, onboarding, timer};

/// What the partner side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerEvent {
    Issue(issue::PartnerEvent),
    Discrepancy(discrepancy::PartnerEvent),
    Onboarding(onboarding::PartnerEvent),
    Document(document::PartnerEvent),
}

/// What the internal side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalEvent {
    Issue(issue::InternalEvent),
    Discrepancy(discrepancy::InternalEvent),
    Onboarding(onboarding::InternalEvent),
    Document(document::InternalEvent),
}

/// What follows from the passing of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceLevelEvent {
    Timer(timer::Event),
}

/// What a transformer maps: an event of its side, what became of a command there, or what time has made due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<E> {
    Event(E),
    Outcome(Box<Outcome>),
    ServiceLevel(Box<ServiceLevelEvent>),
}

impl<E> Fact<E> {
    pub fn event(envelope: Envelope<E>) -> Envelope<Self> {
        envelope.map(Self::Event)
    }
    pub fn outcome(envelope: Envelope<Outcome>) -> Envelope<Self> {
        envelope.map(|outcome| Self::Outcome(Box::new(outcome)))
    }
    pub fn service_level(envelope: Envelope<ServiceLevelEvent>) -> Envelope<Self> {
        envelope.map(|event| Self::ServiceLevel(Box::new(event)))
    }
}

impl ServiceLevelEvent {
    /// The `type` of the envelope.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Timer(event) => Self::kind_of_timer(event),
        }
    }

    pub(crate) const fn kind_of_timer(event: &timer::Event) -> &'static str {
        match event {
            timer::Event::ReminderDue(_) => "service-level.timer.reminder-due",
            timer::Event::DeadlinePassed(_) => "service-level.timer.deadline-passed",
        }
    }
}

impl PartnerEvent {
    /// The `type` of the envelope.
    pub const fn kind(&self) -> &'static str {
        use discrepancy::PartnerEvent as D;
        use document::PartnerEvent as P;
        use issue::PartnerEvent as E;
        use onboarding::PartnerEvent as O;
        match self {
            Self::Issue(E::Opened(_)) => "partner.issue.opened",
            Self::Issue(E::DetailsChanged(_)) => "partner.issue.details-changed",
            Self::Issue(E::CommentAdded(_)) => "partner.issue.comment-added",
            Self::Issue(E::CommentRevised(_)) => "partner.issue.comment-revised",
            Self::Issue(E::CommentRemoved(_)) => "partner.issue.comment-removed",
            Self::Issue(E::Withdrawn(_)) => "partner.issue.withdrawn",
            Self::Issue(E::ResolutionAccepted(_)) => "partner.issue.resolution-accepted",
            Self::Issue(E::ResolutionRejected(_)) => "partner.issue.resolution-rejected",
            Self::Discrepancy(D::Raised(_)) => "partner.discrepancy.raised",
            Self::Discrepancy(D::LineCorrected(_)) => "partner.discrepancy.line-corrected",
            Self::Discrepancy(D::CommentAdded(_)) => "partner.discrepancy.comment-added",
            Self::Discrepancy(D::EvidenceGiven(_)) => "partner.discrepancy.evidence-given",
            Self::Discrepancy(D::OutcomeConfirmed(_)) => "partner.discrepancy.outcome-confirmed",
            Self::Discrepancy(D::OutcomeContested(_)) => "partner.discrepancy.outcome-contested",
            Self::Discrepancy(D::Withdrawn(_)) => "partner.discrepancy.withdrawn",
            Self::Onboarding(O::InvitationAccepted(_)) => "partner.onboarding.invitation-accepted",
            Self::Onboarding(O::InvitationDeclined(_)) => "partner.onboarding.invitation-declined",
            Self::Onboarding(O::InvitationExpired(_)) => "partner.onboarding.invitation-expired",
            Self::Onboarding(O::TaskSubmitted(_)) => "partner.onboarding.task-submitted",
            Self::Onboarding(O::QuestionAsked(_)) => "partner.onboarding.question-asked",
            Self::Document(P::Shared(_)) => "partner.document.shared",
            Self::Document(P::VersionAdded(_)) => "partner.document.version-added",
            Self::Document(P::CommentAdded(_)) => "partner.document.comment-added",
            Self::Document(P::Withdrawn(_)) => "partner.document.withdrawn",
        }
    }
}

impl InternalEvent {
    /// The `type` of the envelope.
    pub const fn kind(&self) -> &'static str {
        use discrepancy::InternalEvent as D;
        use document::InternalEvent as P;
        use issue::InternalEvent as E;
        use onboarding::InternalEvent as O;
        match self {
            Self::Issue(E::Created(_)) => "internal.issue.created",
            Self::Issue(E::StatusChanged(_)) => "internal.issue.status-changed",
            Self::Issue(E::PublicCommentAdded(_)) => "internal.issue.public-comment-added",
            Self::Issue(E::InformationRequired(_)) => "internal.issue.information-required",
            Self::Issue(E::Resolved(_)) => "internal.issue.resolved",
            Self::Issue(E::Closed(_)) => "internal.issue.closed",
            Self::Issue(E::Reopened(_)) => "internal.issue.reopened",
            Self::Issue(E::Merged(_)) => "internal.issue.merged",
            Self::Issue(E::InternalNoteAdded(_)) => "internal.issue.internal-note-added",
            Self::Issue(E::Assigned(_)) => "internal.issue.assigned",
            Self::Issue(E::PriorityChanged(_)) => "internal.issue.priority-changed",
            Self::Issue(E::FieldChanged(_)) => "internal.issue.field-changed",
            Self::Discrepancy(D::Created(_)) => "internal.discrepancy.created",
            Self::Discrepancy(D::StatusChanged(_)) => "internal.discrepancy.status-changed",
            Self::Discrepancy(D::PublicCommentAdded(_)) => "internal.discrepancy.public-comment-added",
            Self::Discrepancy(D::InformationRequired(_)) => "internal.discrepancy.information-required",
            Self::Discrepancy(D::FindingRecorded(_)) => "internal.discrepancy.finding-recorded",
            Self::Discrepancy(D::Merged(_)) => "internal.discrepancy.merged",
            Self::Discrepancy(D::InternalNoteAdded(_)) => "internal.discrepancy.internal-note-added",
            Self::Discrepancy(D::Assigned(_)) => "internal.discrepancy.assigned",
            Self::Discrepancy(D::PriorityChanged(_)) => "internal.discrepancy.priority-changed",
            Self::Discrepancy(D::FieldChanged(_)) => "internal.discrepancy.field-changed",
            Self::Onboarding(O::Started(_)) => "internal.onboarding.started",
            Self::Onboarding(O::ProgrammeChanged(_)) => "internal.onboarding.programme-changed",
            Self::Onboarding(O::StatusChanged(_)) => "internal.onboarding.status-changed",
            Self::Onboarding(O::TaskPublished(_)) => "internal.onboarding.task-published",
            Self::Onboarding(O::TaskChanged(_)) => "internal.onboarding.task-changed",
            Self::Onboarding(O::TaskStatusChanged(_)) => "internal.onboarding.task-status-changed",
            Self::Onboarding(O::MilestonesChanged(_)) => "internal.onboarding.milestones-changed",
            Self::Onboarding(O::ReadinessChanged(_)) => "internal.onboarding.readiness-changed",
            Self::Onboarding(O::CommentAdded(_)) => "internal.onboarding.comment-added",
            Self::Onboarding(O::InternalNoteAdded(_)) => "internal.onboarding.internal-note-added",
            Self::Onboarding(O::Assigned(_)) => "internal.onboarding.assigned",
            Self::Onboarding(O::FieldChanged(_)) => "internal.onboarding.field-changed",
            Self::Document(P::Created(_)) => "internal.document.created",
            Self::Document(P::StatusChanged(_)) => "internal.document.status-changed",
            Self::Document(P::PublicCommentAdded(_)) => "internal.document.public-comment-added",
            Self::Document(P::InformationRequired(_)) => "internal.document.information-required",
            Self::Document(P::ReviewDecided(_)) => "internal.document.review-decided",
            Self::Document(P::SharedOutward(_)) => "internal.document.shared-outward",
            Self::Document(P::Expiring(_)) => "internal.document.expiring",
            Self::Document(P::Expired(_)) => "internal.document.expired",
            Self::Document(P::Merged(_)) => "internal.document.merged",
            Self::Document(P::InternalNoteAdded(_)) => "internal.document.internal-note-added",
            Self::Document(P::Assigned(_)) => "internal.document.assigned",
            Self::Document(P::PriorityChanged(_)) => "internal.document.priority-changed",
            Self::Document(P::FieldChanged(_)) => "internal.document.field-changed",
        }
    }

    /// Every marked text with its field's name in the record, for `codec`, which knows each field's audience.
    pub fn each_mark(&mut self, f: &mut dyn FnMut(&'static str, &mut Marked<String>)) {
        use discrepancy::InternalEvent as D;
        use document::InternalEvent as P;
        use issue::InternalEvent as E;
        use onboarding::InternalEvent as O;
        match self {
            Self::Issue(E::StatusChanged(e))
            | Self::Discrepancy(D::StatusChanged(e))
            | Self::Document(P::StatusChanged(e))
            | Self::Onboarding(O::StatusChanged(e)) => f("reason", &mut e.reason),
            Self::Onboarding(O::TaskPublished(e) | O::TaskChanged(e) | O::TaskStatusChanged(e)) => {
                f("title", &mut e.title);
                f("instructions", &mut e.instructions);
                f("reason", &mut e.reason);
            }
            Self::Onboarding(O::MilestonesChanged(e)) => f("reason", &mut e.reason),
            Self::Onboarding(O::CommentAdded(e)) => f("text", &mut e.text),
            Self::Issue(E::PublicCommentAdded(e))
            | Self::Discrepancy(D::PublicCommentAdded(e))
            | Self::Document(P::PublicCommentAdded(e)) => {
                f("text", &mut e.text);
                // The audience stands at the list and holds for the name of each file in it.
                e.files.iter_mut().for_each(|file| f("files", &mut file.file_name));
            }
            Self::Document(P::ReviewDecided(e)) => f("decision", &mut e.decision),
            Self::Document(P::SharedOutward(e)) => {
                f("gesture", &mut e.gesture);
                e.files.iter_mut().for_each(|file| f("files", &mut file.file_name));
            }
            Self::Issue(E::InformationRequired(e))
            | Self::Discrepancy(D::InformationRequired(e))
            | Self::Document(P::InformationRequired(e)) => {
                f("question", &mut e.question);
            }
            Self::Issue(E::Resolved(e)) => f("note", &mut e.note),
            Self::Issue(E::Reopened(e)) => f("reason", &mut e.reason),
            Self::Discrepancy(D::FindingRecorded(e)) => f("text", &mut e.text),
            Self::Issue(E::InternalNoteAdded(e))
            | Self::Discrepancy(D::InternalNoteAdded(e))
            | Self::Document(P::InternalNoteAdded(e))
            | Self::Onboarding(O::InternalNoteAdded(e)) => f("text", &mut e.text),
            Self::Issue(E::FieldChanged(e))
            | Self::Discrepancy(D::FieldChanged(e))
            | Self::Document(P::FieldChanged(e))
            | Self::Onboarding(O::FieldChanged(e)) => {
                f("from", &mut e.from);
                f("to", &mut e.to);
            }
            Self::Issue(E::Created(_) | E::Closed(_) | E::Merged(_) | E::Assigned(_) | E::PriorityChanged(_))
            | Self::Discrepancy(D::Created(_) | D::Merged(_) | D::Assigned(_) | D::PriorityChanged(_))
            | Self::Document(
                P::Created(_) | P::Expiring(_) | P::Expired(_) | P::Merged(_) | P::Assigned(_) | P::PriorityChanged(_),
            )
            | Self::Onboarding(O::Started(_) | O::ProgrammeChanged(_) | O::ReadinessChanged(_) | O::Assigned(_)) => {}
        }
    }
}
