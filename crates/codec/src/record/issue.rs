use super::sealed::Sealed;
use super::{meta_out_of_range, read_variants, variants, write_variants};
use crate::wire::Reader;
use domain::issue::{self, InternalCommand as IC, InternalEvent as IE, PartnerCommand as PC, PartnerEvent as PE};
use domain::{Envelope, InternalCommand, InternalEvent, Marked, PartnerCommand, PartnerEvent, Shared, Visibility};

impl Sealed for Envelope<PartnerEvent> {
    variants!("causeway.partner.events.issue", [PartnerEvent Issue], PE, {
        Opened(issue::Opened),
        DetailsChanged(issue::DetailsChanged),
        CommentAdded(issue::CommentAdded),
        Withdrawn(issue::Withdrawn),
        ResolutionAccepted(issue::ResolutionAnswer),
        ResolutionRejected(issue::ResolutionAnswer),
    });

    fn out_of_range(&self) -> Option<&'static str> {
        meta_out_of_range(&self.meta)
    }
}

impl Sealed for Envelope<InternalEvent> {
    variants!("causeway.internal.events.issue", [InternalEvent Issue], IE, {
        Created(issue::Created),
        StatusChanged(issue::StatusChanged),
        PublicCommentAdded(issue::PublicCommentAdded),
        InformationRequired(issue::InformationRequired),
        Resolved(issue::Resolved),
        Closed(issue::Closed),
        Reopened(issue::Reopened),
        InternalNoteAdded(issue::InternalNoteAdded),
        Assigned(issue::Assigned),
        PriorityChanged(issue::PriorityChanged),
        FieldChanged(issue::FieldChanged),
    });

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

impl Sealed for Envelope<InternalCommand> {
    variants!("causeway.internal.commands.issue", [InternalCommand Issue], IC, {
        CreateCase(issue::CreateCase),
        UpdateFields(issue::UpdateFields),
        AddPublicComment(issue::AddPublicComment),
        AddInternalNote(issue::AddInternalNote),
        ResumeCase(issue::StatusWrite),
        CancelCase(issue::StatusWrite),
        CloseCase(issue::StatusWrite),
        ReopenCase(issue::StatusWrite),
    });

    fn out_of_range(&self) -> Option<&'static str> {
        meta_out_of_range(&self.meta)
    }
}

impl Sealed for Envelope<PartnerCommand> {
    write_variants!("causeway.partner.commands.issue", [PartnerCommand Issue], PC, {
        AcknowledgeCase(issue::AcknowledgeCase),
        SetCaseStatus(issue::SetCaseStatus),
        PostComment(issue::PostComment),
        RequestInformation(issue::RequestInformation),
        ProposeResolution(issue::ProposeResolution),
        CloseCase(issue::CloseCase),
        ReopenCase(issue::ReopenCase),
    });

    /// A record of this name was a partner command when it was written, so its text had passed the gate: this is the
    /// one place that turns bytes into shared text.
    #[allow(clippy::disallowed_methods)]
    fn read(name: &str, reader: &Reader<'_>) -> Option<Result<Self, String>> {
        let plain: Option<Result<Envelope<PartnerCommand<String>>, String>> = read_variants!(name, reader, "causeway.partner.commands.issue", [PartnerCommand Issue], PC, {
            AcknowledgeCase(issue::AcknowledgeCase<String>),
            SetCaseStatus(issue::SetCaseStatus<String>),
            PostComment(issue::PostComment<String>),
            RequestInformation(issue::RequestInformation<String>),
            ProposeResolution(issue::ProposeResolution<String>),
            CloseCase(issue::CloseCase<String>),
            ReopenCase(issue::ReopenCase<String>),
        });
        Some(plain?.map(|envelope| envelope.map(|command| command.map_text(Shared::read_back))))
    }

    fn out_of_range(&self) -> Option<&'static str> {
        meta_out_of_range(&self.meta)
    }
}
