use super::sealed::Sealed;
use super::{meta_out_of_range, read_variants, variants, write_variants};
use crate::wire::Reader;
use domain::discrepancy::{self, InternalCommand as DIC, PartnerCommand as DPC};
use domain::document::{self, InternalCommand as PIC, PartnerCommand as PPC};
use domain::issue::{self, InternalCommand as IC, PartnerCommand as PC};
use domain::onboarding::{self, InternalCommand as OIC, PartnerCommand as OPC};
use domain::{Envelope, InternalCommand, PartnerCommand, Shared};

impl Sealed for Envelope<InternalCommand> {
    variants!(
        ("causeway.internal.commands.issue", [InternalCommand Issue], IC, {
            CreateCase(issue::CreateCase),
            UpdateFields(issue::UpdateFields),
            AddPublicComment(issue::AddPublicComment),
            AddInternalNote(issue::AddInternalNote),
            ResumeCase(issue::StatusWrite),
            CancelCase(issue::StatusWrite),
            CloseCase(issue::StatusWrite),
            ReopenCase(issue::StatusWrite),
        }),
        ("causeway.internal.commands.discrepancy", [InternalCommand Discrepancy], DIC, {
            CreateCase(issue::CreateCase),
            UpdateFields(issue::UpdateFields),
            AddPublicComment(issue::AddPublicComment),
            AddInternalNote(issue::AddInternalNote),
            ResumeCase(issue::StatusWrite),
            CancelCase(issue::StatusWrite),
            SettleCase(issue::StatusWrite),
            ReinvestigateCase(issue::StatusWrite),
            EscalateCase(issue::UpdateFields),
        }),
        ("causeway.internal.commands.onboarding", [InternalCommand Onboarding], OIC, {
            AcceptInvitation(issue::StatusWrite),
            DeclineInvitation(issue::StatusWrite),
            ExpireInvitation(issue::StatusWrite),
            SubmitTask(onboarding::TaskStatusWrite),
            AddInternalNote(onboarding::TaskNote),
            UpdateFields(onboarding::TaskFields),
        }),
        ("causeway.internal.commands.document", [InternalCommand Document], PIC, {
            CreateCase(issue::CreateCase),
            AddVersion(issue::UpdateFields),
            AddPublicComment(issue::AddPublicComment),
            AddInternalNote(issue::AddInternalNote),
            AddFile(issue::AddPublicComment),
            WithholdFile(issue::AddInternalNote),
            RestartReview(issue::StatusWrite),
            CancelCase(issue::StatusWrite),
            LinkCase(document::LinkCase),
            UpdateFields(issue::UpdateFields),
        })
    );

    fn out_of_range(&self) -> Option<&'static str> {
        meta_out_of_range(&self.meta)
    }
}

impl Sealed for Envelope<PartnerCommand> {
    write_variants!(
        ("causeway.partner.commands.issue", [PartnerCommand Issue], PC, {
            AcknowledgeCase(issue::AcknowledgeCase),
            SetCaseStatus(issue::SetCaseStatus),
            PostComment(issue::PostComment),
            RequestInformation(issue::RequestInformation),
            ProposeResolution(issue::ProposeResolution),
            CloseCase(issue::CloseCase),
            ReopenCase(issue::ReopenCase),
        }),
        ("causeway.partner.commands.discrepancy", [PartnerCommand Discrepancy], DPC, {
            Acknowledge(discrepancy::Acknowledge),
            SetStatus(discrepancy::SetStatus),
            PostComment(issue::PostComment),
            RequestEvidence(discrepancy::RequestEvidence),
            ProposeOutcome(discrepancy::ProposeOutcome),
            MarkEscalated(discrepancy::MarkEscalated),
            Settle(discrepancy::Settle),
        }),
        ("causeway.partner.commands.onboarding", [PartnerCommand Onboarding], OPC, {
            OpenSpace(onboarding::OpenSpace),
            UpdateSpace(onboarding::UpdateSpace),
            SetStatus(onboarding::SetStatus),
            UpsertTask(onboarding::UpsertTask),
            SetTaskStatus(onboarding::SetTaskStatus),
            SetMilestone(onboarding::SetMilestone),
            SetReadiness(onboarding::SetReadiness),
            PostComment(onboarding::PostTaskComment),
        }),
        ("causeway.partner.commands.document", [PartnerCommand Document], PPC, {
            Acknowledge(document::Acknowledge),
            SetStatus(document::SetStatus),
            PostComment(issue::PostComment),
            Decide(document::Decide),
            RejectFile(document::RejectFile),
            RequestRenewal(document::RequestRenewal),
            Publish(document::Publish),
            PublishVersion(document::PublishVersion),
        })
    );

    /// A record of this name was a partner command when it was written, so its text had passed the gate: this is the
    /// one place that turns bytes into shared text.
    #[allow(clippy::disallowed_methods)]
    fn read(name: &str, reader: &Reader<'_>) -> Option<Result<Self, String>> {
        let plain: Option<Result<Envelope<PartnerCommand<String>>, String>> = read_variants!(
            name,
            reader,
            ("causeway.partner.commands.issue", [PartnerCommand Issue], PC, {
                AcknowledgeCase(issue::AcknowledgeCase<String>),
                SetCaseStatus(issue::SetCaseStatus<String>),
                PostComment(issue::PostComment<String>),
                RequestInformation(issue::RequestInformation<String>),
                ProposeResolution(issue::ProposeResolution<String>),
                CloseCase(issue::CloseCase<String>),
                ReopenCase(issue::ReopenCase<String>),
            }),
            ("causeway.partner.commands.discrepancy", [PartnerCommand Discrepancy], DPC, {
                Acknowledge(discrepancy::Acknowledge<String>),
                SetStatus(discrepancy::SetStatus<String>),
                PostComment(issue::PostComment<String>),
                RequestEvidence(discrepancy::RequestEvidence<String>),
                ProposeOutcome(discrepancy::ProposeOutcome<String>),
                MarkEscalated(discrepancy::MarkEscalated<String>),
                Settle(discrepancy::Settle<String>),
            }),
            ("causeway.partner.commands.onboarding", [PartnerCommand Onboarding], OPC, {
                OpenSpace(onboarding::OpenSpace<String>),
                UpdateSpace(onboarding::UpdateSpace<String>),
                SetStatus(onboarding::SetStatus<String>),
                UpsertTask(onboarding::UpsertTask<String>),
                SetTaskStatus(onboarding::SetTaskStatus<String>),
                SetMilestone(onboarding::SetMilestone<String>),
                SetReadiness(onboarding::SetReadiness<String>),
                PostComment(onboarding::PostTaskComment<String>),
            }),
            ("causeway.partner.commands.document", [PartnerCommand Document], PPC, {
                Acknowledge(document::Acknowledge<String>),
                SetStatus(document::SetStatus<String>),
                PostComment(issue::PostComment<String>),
                Decide(document::Decide<String>),
                RejectFile(document::RejectFile<String>),
                RequestRenewal(document::RequestRenewal<String>),
                Publish(document::Publish<String>),
                PublishVersion(document::PublishVersion<String>),
            })
        );
        Some(plain?.map(|envelope| envelope.map(|command| command.map_text(Shared::read_back))))
    }

    fn out_of_range(&self) -> Option<&'static str> {
        meta_out_of_range(&self.meta)
    }
}
