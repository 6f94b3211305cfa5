use super::sealed::Sealed;
use super::{meta_out_of_range, variants};
use domain::discrepancy::{self, InternalEvent as DIE, PartnerEvent as DPE};
use domain::document::{self, InternalEvent as PIE, PartnerEvent as PPE};
use domain::issue::{self, InternalEvent as IE, PartnerEvent as PE};
use domain::onboarding::{self, InternalEvent as OIE, PartnerEvent as OPE};
use domain::{Envelope, InternalEvent, Marked, PartnerEvent, Visibility};

impl Sealed for Envelope<PartnerEvent> {
    variants!(
        ("causeway.partner.events.issue", [PartnerEvent Issue], PE, {
            Opened(issue::Opened),
            DetailsChanged(issue::DetailsChanged),
            CommentAdded(issue::CommentAdded),
            CommentRevised(issue::CommentRevised),
            CommentRemoved(issue::CommentRemoved),
            Withdrawn(issue::Withdrawn),
            ResolutionAccepted(issue::ResolutionAnswer),
            ResolutionRejected(issue::ResolutionAnswer),
        }),
        ("causeway.partner.events.discrepancy", [PartnerEvent Discrepancy], DPE, {
            Raised(discrepancy::Raised),
            LineCorrected(discrepancy::LineCorrected),
            CommentAdded(issue::CommentAdded),
            EvidenceGiven(discrepancy::EvidenceGiven),
            OutcomeConfirmed(discrepancy::OutcomeAnswer),
            OutcomeContested(discrepancy::OutcomeAnswer),
            Withdrawn(issue::Withdrawn),
        }),
        ("causeway.partner.events.onboarding", [PartnerEvent Onboarding], OPE, {
            InvitationAccepted(onboarding::InvitationAnswer),
            InvitationDeclined(onboarding::InvitationAnswer),
            InvitationExpired(onboarding::InvitationAnswer),
            TaskSubmitted(onboarding::TaskSubmitted),
            QuestionAsked(onboarding::QuestionAsked),
        }),
        ("causeway.partner.events.document", [PartnerEvent Document], PPE, {
            Shared(document::SharedDocument),
            VersionAdded(document::VersionAdded),
            CommentAdded(issue::CommentAdded),
            Withdrawn(issue::Withdrawn),
        })
    );

    fn out_of_range(&self) -> Option<&'static str> {
        meta_out_of_range(&self.meta)
    }
}

impl Sealed for Envelope<InternalEvent> {
    variants!(
        ("causeway.internal.events.issue", [InternalEvent Issue], IE, {
            Created(issue::Created),
            StatusChanged(issue::StatusChanged),
            PublicCommentAdded(issue::PublicCommentAdded),
            InformationRequired(issue::InformationRequired),
            Resolved(issue::Resolved),
            Closed(issue::Closed),
            Reopened(issue::Reopened),
            Merged(issue::Merged),
            InternalNoteAdded(issue::InternalNoteAdded),
            Assigned(issue::Assigned),
            PriorityChanged(issue::PriorityChanged),
            FieldChanged(issue::FieldChanged),
        }),
        ("causeway.internal.events.discrepancy", [InternalEvent Discrepancy], DIE, {
            Created(issue::Created),
            StatusChanged(issue::StatusChanged),
            PublicCommentAdded(issue::PublicCommentAdded),
            InformationRequired(issue::InformationRequired),
            FindingRecorded(discrepancy::FindingRecorded),
            Merged(issue::Merged),
            InternalNoteAdded(issue::InternalNoteAdded),
            Assigned(issue::Assigned),
            PriorityChanged(issue::PriorityChanged),
            FieldChanged(issue::FieldChanged),
        }),
        ("causeway.internal.events.onboarding", [InternalEvent Onboarding], OIE, {
            Started(onboarding::Programme),
            ProgrammeChanged(onboarding::Programme),
            StatusChanged(issue::StatusChanged),
            TaskPublished(onboarding::Task),
            TaskChanged(onboarding::Task),
            TaskStatusChanged(onboarding::Task),
            MilestonesChanged(onboarding::MilestonesChanged),
            ReadinessChanged(onboarding::ReadinessChanged),
            CommentAdded(onboarding::TaskComment),
            InternalNoteAdded(issue::InternalNoteAdded),
            Assigned(issue::Assigned),
            FieldChanged(issue::FieldChanged),
        }),
        ("causeway.internal.events.document", [InternalEvent Document], PIE, {
            Created(issue::Created),
            StatusChanged(issue::StatusChanged),
            PublicCommentAdded(issue::PublicCommentAdded),
            InformationRequired(issue::InformationRequired),
            ReviewDecided(document::ReviewDecided),
            SharedOutward(document::SharedOutward),
            Expiring(document::Expiry),
            Expired(document::Expiry),
            Merged(issue::Merged),
            InternalNoteAdded(issue::InternalNoteAdded),
            Assigned(issue::Assigned),
            PriorityChanged(issue::PriorityChanged),
            FieldChanged(issue::FieldChanged),
        })
    );

    fn widened(&self, audience: &dyn Fn(&'static str) -> Visibility) -> Option<&'static str> {
        let mut found = None;
        // `each_mark` hands out mutable texts, so it gets a copy; ingest alone writes these records.
        self.payload.clone().each_mark(&mut |field, text: &mut Marked<String>| {
            let read_back = self.meta.visibility.and(audience(field));
            if text.visibility() > read_back && !text.for_host().is_empty() {
                found = Some(field);
            }
        });
        found
    }

    fn mark(&mut self, audience: &dyn Fn(&'static str) -> Visibility) {
        let record = self.meta.visibility;
        self.payload.each_mark(&mut |field, text| text.mark(record.and(audience(field))));
    }

    fn out_of_range(&self) -> Option<&'static str> {
        meta_out_of_range(&self.meta)
    }
}
