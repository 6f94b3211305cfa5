use super::mapping::{Mapped, Mapping};
use domain::issue::{
    AcknowledgeCase, AddPublicComment, CreateCase, InternalCommand as Ask, InternalEvent as Said,
    PartnerCommand as Tell, PartnerEvent as Heard, PostComment, SetCaseStatus, StatusWrite,
};
use domain::{
    CaseStatus, Cause, Command, Envelope, Fact, InternalCommand, InternalEvent, MessageId, Meta, OnlyIf, Outcome,
    PartnerCommand, PartnerEvent, PublicText,
};

/// The smallest mapping that closes the loop; for the simulation's own tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tiny;

impl Mapping for Tiny {
    fn partner(&self, fact: &Envelope<Fact<PartnerEvent>>, cause: &Cause) -> Mapped<InternalCommand, PartnerCommand> {
        let commands = match &fact.payload {
            Fact::Event(PartnerEvent::Issue(Heard::Opened(opened))) => vec![Ask::CreateCase(CreateCase {
                route: "edi".to_owned(),
                title: opened.title.clone(),
                description: opened.description.clone(),
                status: String::new(),
                priority: String::new(),
                fields: std::collections::BTreeMap::new(),
            })],
            Fact::Event(PartnerEvent::Issue(Heard::CommentAdded(comment))) => vec![
                Ask::AddPublicComment(AddPublicComment {
                    author: comment.author.clone(),
                    text: comment.text.clone(),
                    format: String::new(), files: Vec::new()
                }),
                Ask::ResumeCase(StatusWrite {
                    to: "open".to_owned(),
                    only_if: Some(OnlyIf { field: "status".to_owned(), one_of: vec!["stalled".to_owned()], set_by: String::new() }),
                }),
            ],
            Fact::Event(PartnerEvent::Issue(
                Heard::DetailsChanged(_)
                | Heard::CommentRevised(_)
                | Heard::CommentRemoved(_)
                | Heard::Withdrawn(_)
                | Heard::ResolutionAccepted(_)
                | Heard::ResolutionRejected(_),
            ))
            // The simulation's own people open issues only.
            | Fact::Event(PartnerEvent::Discrepancy(_) | PartnerEvent::Document(_) | PartnerEvent::Onboarding(_))
            | Fact::Outcome(_)
            | Fact::ServiceLevel(_) => Vec::new(),
        };
        envelopes(&fact.meta, cause, commands.into_iter().map(InternalCommand::Issue))
    }

    fn internal(&self, fact: &Envelope<Fact<InternalEvent>>, cause: &Cause) -> Mapped<PartnerCommand, InternalCommand> {
        let command = match &fact.payload {
            Fact::Event(InternalEvent::Issue(Said::PublicCommentAdded(comment))) => {
                comment.text.for_partner().map(|text| {
                    Tell::PostComment(PostComment {
                        note_key: comment.note_id.clone(),
                        author_label: None,
                        text,
                        files: Vec::new(),
                    })
                })
            }
            Fact::Event(InternalEvent::Issue(Said::StatusChanged(change))) => {
                let status = match change.to.as_str() {
                    "stalled" => CaseStatus::PendingPartner,
                    "resolved" => CaseStatus::Resolved,
                    _ => CaseStatus::InProgress,
                };
                Some(Tell::SetCaseStatus(SetCaseStatus {
                    status,
                    label: PublicText::declared(status.as_str()).share(),
                    reason: None,
                    expected_resolution_at: None,
                    only_if: None,
                }))
            }
            Fact::Event(InternalEvent::Issue(
                Said::Created(_)
                | Said::InformationRequired(_)
                | Said::Resolved(_)
                | Said::Closed(_)
                | Said::Reopened(_)
                | Said::Merged(_)
                | Said::InternalNoteAdded(_)
                | Said::Assigned(_)
                | Said::PriorityChanged(_)
                | Said::FieldChanged(_),
            ))
            | Fact::Event(InternalEvent::Discrepancy(_) | InternalEvent::Document(_) | InternalEvent::Onboarding(_))
            | Fact::ServiceLevel(_) => None,
            Fact::Outcome(outcome) => match outcome.as_ref() {
                Outcome::Done(done) if done.created => {
                    Some(Tell::AcknowledgeCase(AcknowledgeCase { reference: done.reference.for_partner() }))
                }
                Outcome::Done(_)
                | Outcome::Intent(_)
                | Outcome::NotApplied(_)
                | Outcome::Doubt(_)
                | Outcome::Refused(_)
                | Outcome::Skipped(_)
                | Outcome::Superseded(_)
                | Outcome::Waiting(_)
                | Outcome::Parked(_)
                | Outcome::Barrier(_) => None,
            },
        };
        envelopes(&fact.meta, cause, command.into_iter().map(PartnerCommand::Issue))
    }
}

fn envelopes<C: Command, B>(fact: &Meta, cause: &Cause, commands: impl Iterator<Item = C>) -> Mapped<C, B> {
    let commands = commands
        .map(|payload| {
            let mut meta = fact.clone();
            meta.id = MessageId::of_command(fact.id, &fact.subject, "tiny", payload.kind());
            meta.kind = payload.kind().to_owned();
            meta.causation_id = Some(fact.id);
            meta.mapping_version = 1;
            meta.cause = Some(cause.clone());
            Envelope { meta, payload }
        })
        .collect();
    Mapped { commands, back: Vec::new(), held: Vec::new() }
}
