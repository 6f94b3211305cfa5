//! Between a desk's words and the pipeline's: what an adapter would do.

use super::desk::{Change, Op};
use super::script::Said as ToldOf;
use domain::discrepancy::PartnerCommand as TellOf;
use domain::document::PartnerCommand as TellOfPaper;
use domain::issue::{
    CommentAdded, Created, FieldChanged, InternalEvent as Said, InternalNoteAdded, Opened, PartnerCommand as Tell,
    PartnerEvent as Heard, PublicCommentAdded, StatusChanged,
};
use domain::onboarding::PartnerCommand as TellIn;
use domain::{
    Envelope, InternalCommand, InternalEvent, Marked, PartnerCommand, PartnerEvent, TicketCommand as Ask, Visibility,
};

/// An event type, as its desk's changes become it.
pub(super) trait Says: Clone + Sized {
    fn says(change: &Change) -> Result<Self, &'static str>;
    fn kind(&self) -> &'static str;
}

/// A command type, as its desk carries it out.
pub(super) trait Obeys: domain::Command + Clone {
    fn op(command: &Envelope<Self>) -> Op;
}

impl Says for PartnerEvent {
    fn says(change: &Change) -> Result<Self, &'static str> {
        match &change.op {
            Op::Create { text, .. } => Ok(Self::Issue(Heard::Opened(Box::new(Opened {
                title: text.clone(),
                description: String::new(),
                severity: String::new(),
                category: String::new(),
                sub_category: String::new(),
                contact: domain::issue::Contact::default(),
                documents: Vec::new(),
                transaction: None,
                requested_resolution_at: None,
                language: String::new(),
                files: Vec::new(),
            })))),
            Op::Comment { text, .. } => Ok(Self::Issue(Heard::CommentAdded(CommentAdded {
                note_id: change.id.clone(),
                author: String::new(),
                text: text.clone(),
                format: String::new(),
                case_status: String::new(),
                files: Vec::new(),
            }))),
            Op::Status { .. } => Err("status-is-internal"),
            Op::Written(_) => Err("by-the-host"),
            Op::Told(told) => match &told.said {
                ToldOf::Partner(event) => Ok(event.clone()),
                ToldOf::Internal(_) => Err("of-the-other-side"),
            },
        }
    }
    fn kind(&self) -> &'static str {
        self.kind()
    }
}

impl Says for InternalEvent {
    fn says(change: &Change) -> Result<Self, &'static str> {
        let visibility = |public: bool| if public { Visibility::Partner } else { Visibility::Host };
        Ok(Self::Issue(match &change.op {
            Op::Told(told) => match &told.said {
                ToldOf::Internal(event) => return Ok(event.clone()),
                ToldOf::Partner(_) => return Err("of-the-other-side"),
            },
            Op::Written(field) => Said::FieldChanged(FieldChanged {
                field: field.field.clone(),
                from: Marked::default(),
                to: Marked::default(),
            }),
            Op::Create { .. } => Said::Created(Created {
                record_id: change.id.clone(),
                number: String::new(),
                queue: String::new(),
                status: String::new(),
            }),
            Op::Comment { text, public: true } => Said::PublicCommentAdded(PublicCommentAdded {
                note_id: change.id.clone(),
                author: String::new(),
                text: Marked::new(text.clone(), visibility(true)),
                format: String::new(),
                files: Vec::new(),
            }),
            Op::Comment { text, public: false } => Said::InternalNoteAdded(InternalNoteAdded {
                note_id: change.id.clone(),
                author: String::new(),
                text: Marked::new(text.clone(), visibility(false)),
            }),
            Op::Status { to, .. } => Said::StatusChanged(StatusChanged {
                from: change.from.clone(),
                to: to.clone(),
                reason: Marked::default(),
                expected_resolution_at: None,
            }),
        }))
    }
    fn kind(&self) -> &'static str {
        self.kind()
    }
}

fn comment(text: &str, public: bool) -> Op {
    Op::Comment { text: text.to_owned(), public }
}

fn status(to: &str) -> Op {
    Op::Status { to: to.to_owned(), only_if: None }
}

impl Obeys for InternalCommand {
    fn op(command: &Envelope<Self>) -> Op {
        match command.payload.of_ticket() {
            Ask::Create(c) => Op::Create {
                subject: command.meta.subject.clone(),
                partner: command.meta.partner_id.clone(),
                text: c.title.clone(),
            },
            Ask::SetFields(c) => comment(&c.fields.iter().map(|(k, v)| format!("{k}={v};")).collect::<String>(), false),
            Ask::Reply(c) => comment(&c.text, true),
            Ask::Note(c) => comment(&c.text, false),
            // Of a task, which is no record of its own here: the field that it sets tells it.
            // Found again by its marker, as a message is.
            Ask::Link(c) => comment(&c.case, false),
            Ask::SetStatus(c) if command.payload.task().is_some() => comment(&c.to, false),
            Ask::SetStatus(c) => {
                Op::Status { to: c.to.clone(), only_if: c.only_if.as_ref().map(|only| only.one_of.clone()) }
            }
        }
    }
}

impl Obeys for PartnerCommand {
    fn op(command: &Envelope<Self>) -> Op {
        match &command.payload {
            Self::Issue(Tell::AcknowledgeCase(_)) => {
                Op::Status { to: "acknowledged".to_owned(), only_if: Some(vec!["new".to_owned()]) }
            }
            Self::Issue(Tell::SetCaseStatus(c)) => status(c.status.as_str()),
            Self::Issue(Tell::PostComment(c)) => comment(c.text.get(), true),
            Self::Issue(Tell::RequestInformation(c)) => comment(c.question.get(), true),
            Self::Issue(Tell::ProposeResolution(c)) => comment(c.note.get(), true),
            Self::Issue(Tell::CloseCase(_)) => status("closed"),
            Self::Issue(Tell::ReopenCase(_)) => status("in-progress"),
            Self::Discrepancy(TellOf::Acknowledge(_)) => {
                Op::Status { to: "triaged".to_owned(), only_if: Some(vec!["new".to_owned()]) }
            }
            Self::Discrepancy(TellOf::SetStatus(c)) => status(c.status.as_str()),
            Self::Discrepancy(TellOf::PostComment(c)) => comment(c.text.get(), true),
            Self::Discrepancy(TellOf::RequestEvidence(c)) => comment(c.question.get(), true),
            Self::Discrepancy(TellOf::ProposeOutcome(c)) => comment(c.note.get(), true),
            Self::Discrepancy(TellOf::MarkEscalated(c)) => comment(c.text.get(), true),
            Self::Discrepancy(TellOf::Settle(_)) => status("settled"),
            Self::Onboarding(TellIn::OpenSpace(c)) => Op::Create {
                subject: command.meta.subject.clone(),
                partner: command.meta.partner_id.clone(),
                text: c.programme.get().clone(),
            },
            Self::Onboarding(TellIn::SetStatus(c)) => status(c.status.as_str()),
            Self::Onboarding(TellIn::UpdateSpace(c)) => comment(c.programme.get(), true),
            Self::Onboarding(TellIn::UpsertTask(c)) => comment(c.title.get(), true),
            Self::Onboarding(TellIn::SetTaskStatus(c)) => comment(c.label.get(), true),
            Self::Onboarding(TellIn::SetMilestone(c)) => comment(c.label.get(), true),
            Self::Onboarding(TellIn::SetReadiness(c)) => comment(c.label.get(), true),
            Self::Onboarding(TellIn::PostComment(c)) => comment(c.text.get(), true),
            Self::Document(TellOfPaper::Acknowledge(_)) => {
                Op::Status { to: "available".to_owned(), only_if: Some(vec!["new".to_owned()]) }
            }
            Self::Document(TellOfPaper::SetStatus(c)) => status(c.status.as_str()),
            Self::Document(TellOfPaper::PostComment(c)) => comment(c.text.get(), true),
            Self::Document(TellOfPaper::Decide(c)) => status(c.status.as_str()),
            Self::Document(TellOfPaper::RejectFile(_)) => status("quarantined"),
            Self::Document(TellOfPaper::RequestRenewal(_)) => status("expiring"),
            Self::Document(TellOfPaper::Publish(c)) => Op::Create {
                subject: command.meta.subject.clone(),
                partner: command.meta.partner_id.clone(),
                text: c.title.get().clone(),
            },
            Self::Document(TellOfPaper::PublishVersion(c)) => comment(c.file.file_name.get(), true),
        }
    }
}
