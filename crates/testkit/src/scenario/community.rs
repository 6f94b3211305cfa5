//! A plain model of the community: what partners do to their cases, and what commands make of them. It follows the
//! same life of a case as the contract; a host's command that the life does not allow is refused.

mod dispute;
mod paper;
mod refusal;
mod space;

use super::{Partner, View};
use dispute::Dispute;
use domain::issue::{
    CommentAdded, CommentRemoved, CommentRevised, Contact, DetailsChanged, DocumentRef, FieldChange, Opened,
    PartnerCommand as C, PartnerEvent as E, ResolutionAnswer, Withdrawn,
};
use domain::{CaseStatus, DiscrepancyStatus, DocumentStatus, PartnerCommand, PartnerEvent, SubjectKind};
use paper::Paper;
pub(super) use refusal::code as refusal;
use space::Space;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(super) struct Community {
    pub(super) cases: Vec<Record>,
}

/// What a partner opened.
#[derive(Clone, Debug)]
pub(super) enum Record {
    Case(Box<Case>),
    Dispute(Box<Dispute>),
    /// Made by the host under a subject of its own.
    Space(Box<Space>),
    Paper(Box<Paper>),
}

impl Record {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Case(case) => &case.id,
            Self::Dispute(dispute) => &dispute.id,
            Self::Space(space) => &space.id,
            Self::Paper(paper) => &paper.id,
        }
    }
    pub(super) fn partner(&self) -> &str {
        match self {
            Self::Case(case) => &case.partner,
            Self::Dispute(dispute) => &dispute.partner,
            Self::Space(space) => &space.partner,
            Self::Paper(paper) => &paper.partner,
        }
    }
    pub(super) const fn status(&self) -> &'static str {
        match self {
            Self::Case(case) => case.status.as_str(),
            Self::Dispute(dispute) => dispute.status.as_str(),
            Self::Space(space) => space.status.as_str(),
            Self::Paper(paper) => paper.status.as_str(),
        }
    }
    /// Nobody in the house has moved it yet.
    pub(super) fn is_new(&self) -> bool {
        match self {
            Self::Case(case) => case.status == CaseStatus::Submitted,
            Self::Dispute(dispute) => dispute.status == DiscrepancyStatus::Reported,
            Self::Space(_) => false,
            Self::Paper(paper) => paper.status == DocumentStatus::Uploaded,
        }
    }
    pub(super) const fn is_final(&self) -> bool {
        match self {
            Self::Case(case) => case.is_final(),
            Self::Dispute(dispute) => dispute.status.is_final(),
            Self::Space(space) => space.status.is_final(),
            Self::Paper(paper) => paper.status.is_final(),
        }
    }
    pub(super) fn has_offer(&self) -> bool {
        match self {
            Self::Case(case) => case.has_offer(),
            Self::Dispute(dispute) => dispute.has_offer(),
            Self::Space(_) => false,
            Self::Paper(_) => false,
        }
    }
    pub(super) fn says(&self, text: &str) -> bool {
        match self {
            Self::Case(case) => case.says(text),
            Self::Dispute(dispute) => dispute.says(text),
            Self::Paper(paper) => paper.says(text),
            Self::Space(space) => space.says(text),
        }
    }
    /// The status that a condition of this command is about.
    pub(super) fn judged(&self, command: &PartnerCommand) -> &'static str {
        match (self, command) {
            (Self::Space(space), PartnerCommand::Onboarding(command)) => space.judged(command.task_id()),
            (Self::Case(_) | Self::Dispute(_) | Self::Paper(_) | Self::Space(_), _) => self.status(),
        }
    }
    /// What was said because time went by comes too late.
    pub(super) fn concerns_nobody(&self, command: &PartnerCommand) -> bool {
        matches!((self, command), (Self::Paper(paper), PartnerCommand::Document(command)) if paper.has_moved_on(command))
    }
    /// What its partner does; nothing changes where it is refused. Without an event nobody hears of it.
    pub(super) fn act(&mut self, act: &Partner) -> Result<Option<PartnerEvent>, Refused> {
        match self {
            Self::Case(case) => case.act(act).map(|event| Some(PartnerEvent::Issue(event))),
            Self::Dispute(dispute) => dispute.act(act).map(|event| event.map(PartnerEvent::Discrepancy)),
            Self::Space(space) => space.act(act).map(|event| Some(PartnerEvent::Onboarding(event))),
            Self::Paper(paper) => paper.act(act).map(|event| event.map(PartnerEvent::Document)),
        }
    }
    /// A command for a record of another kind finds none here.
    pub(super) fn obey(&mut self, command: &PartnerCommand) -> Result<(), Refused> {
        match (self, command) {
            (Self::Case(case), PartnerCommand::Issue(command)) => case.obey(command),
            (Self::Dispute(dispute), PartnerCommand::Discrepancy(command)) => dispute.obey(command),
            (Self::Paper(paper), PartnerCommand::Document(command)) => paper.obey(command),
            (Self::Space(space), PartnerCommand::Onboarding(command)) => space.obey(command),
            (
                Self::Case(_),
                PartnerCommand::Discrepancy(_) | PartnerCommand::Document(_) | PartnerCommand::Onboarding(_),
            )
            | (
                Self::Dispute(_),
                PartnerCommand::Issue(_) | PartnerCommand::Document(_) | PartnerCommand::Onboarding(_),
            )
            | (
                Self::Paper(_),
                PartnerCommand::Issue(_) | PartnerCommand::Discrepancy(_) | PartnerCommand::Onboarding(_),
            )
            | (
                Self::Space(_),
                PartnerCommand::Issue(_) | PartnerCommand::Discrepancy(_) | PartnerCommand::Document(_),
            ) => Err(Refused),
        }
    }
    pub(super) fn show(&self, view: &mut View) {
        match self {
            Self::Case(case) => case.show(view),
            Self::Dispute(dispute) => dispute.show(view),
            Self::Space(space) => space.show(view),
            Self::Paper(paper) => paper.show(view),
        }
    }
    /// What kind of subject it is.
    pub(super) const fn kind(&self) -> SubjectKind {
        match self {
            Self::Case(_) | Self::Dispute(_) => SubjectKind::Case,
            Self::Paper(_) => SubjectKind::Document,
            Self::Space(_) => SubjectKind::Onboarding,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) partner: String,
    pub(super) status: CaseStatus,
    label: String,
    reason: String,
    reference: String,
    comments: Vec<(String, String)>,
    question: String,
    resolution: Option<Resolution>,
    details: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
struct Resolution {
    version: String,
    code: String,
    note: String,
    answered: bool,
}

/// The community does not let it happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused;

impl Community {
    /// A new case, and what is said of it.
    pub(super) fn open(&mut self, open: &super::Open) -> (usize, PartnerEvent) {
        let number = self.cases.len() + 1;
        let details = [
            ("title", &open.title),
            ("description", &open.description),
            ("severity", &open.severity),
            ("category", &open.category),
            ("documents", &open.document),
        ];
        self.cases.push(Record::Case(Box::new(Case {
            id: format!("C{number}"),
            partner: open.by.clone(),
            status: CaseStatus::Submitted,
            label: String::new(),
            reason: String::new(),
            reference: String::new(),
            comments: Vec::new(),
            question: String::new(),
            resolution: None,
            details: details.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
        })));
        let document =
            DocumentRef { type_code: "380".to_owned(), number: open.document.clone(), issue_date: String::new() };
        let opened = Opened {
            title: open.title.clone(),
            description: open.description.clone(),
            severity: open.severity.clone(),
            category: open.category.clone(),
            sub_category: String::new(),
            contact: Contact::default(),
            documents: Some(document).filter(|d| !d.number.is_empty()).into_iter().collect(),
            transaction: None,
            requested_resolution_at: None,
            language: String::new(),
            files: Vec::new(),
        };
        (number - 1, PartnerEvent::Issue(E::Opened(Box::new(opened))))
    }

    /// A new discrepancy, and what is said of it.
    pub(super) fn raise(&mut self, raise: &super::Raise) -> (usize, PartnerEvent) {
        let (dispute, event) = Dispute::raised(format!("C{}", self.cases.len() + 1), raise);
        self.cases.push(Record::Dispute(Box::new(dispute)));
        (self.cases.len() - 1, PartnerEvent::Discrepancy(event))
    }

    pub(super) fn find(&mut self, id: &str) -> Option<&mut Record> {
        self.cases.iter_mut().find(|case| case.id() == id)
    }
}

impl Case {
    pub(super) const fn is_final(&self) -> bool {
        self.status.is_final()
    }

    pub(super) fn has_offer(&self) -> bool {
        self.status == CaseStatus::Resolved && self.resolution.as_ref().is_some_and(|r| !r.answered)
    }

    pub(super) fn says(&self, text: &str) -> bool {
        self.comments.iter().any(|(_, said)| said == text)
    }

    /// What its partner does; nothing changes where it is refused.
    pub(super) fn act(&mut self, act: &Partner) -> Result<E, Refused> {
        if self.is_final() {
            return Err(Refused);
        }
        match act {
            Partner::Opens(_)
            | Partner::Raises(_)
            | Partner::CorrectsLine { .. }
            | Partner::GivesEvidence { .. }
            | Partner::Confirms { .. }
            | Partner::Contests { .. }
            | Partner::LetsTheOfferLapse
            | Partner::AcceptsInvitation { .. }
            | Partner::DeclinesInvitation { .. }
            | Partner::LetsTheInvitationExpire
            | Partner::Submits { .. }
            | Partner::Asks { .. }
            | Partner::Shares(_)
            | Partner::AddsVersion { .. }
            | Partner::Views => Err(Refused),
            Partner::Comments { text, format } => {
                self.comments.push((self.partner.clone(), text.clone()));
                Ok(E::CommentAdded(CommentAdded {
                    note_id: format!("{}-n{}", self.id, self.comments.len()),
                    author: self.partner.clone(),
                    text: text.clone(),
                    format: format.clone(),
                    case_status: self.status.as_str().to_owned(),
                    files: Vec::new(),
                }))
            }
            Partner::SendsFiles { text, files } => {
                self.comments.push((self.partner.clone(), text.clone()));
                Ok(E::CommentAdded(CommentAdded {
                    note_id: format!("{}-n{}", self.id, self.comments.len()),
                    author: self.partner.clone(),
                    text: text.clone(),
                    format: "plain".to_owned(),
                    case_status: self.status.as_str().to_owned(),
                    files: super::step::claims(files),
                }))
            }
            Partner::RevisesComment { from, to } => {
                let own =
                    |(_, (author, text)): &(usize, &mut (String, String))| *author == self.partner && text == from;
                let (at, (_, text)) = self.comments.iter_mut().enumerate().find(own).ok_or(Refused)?;
                let note_id = format!("{}-n{}", self.id, at + 1);
                to.clone().unwrap_or_else(|| "(removed)".to_owned()).clone_into(text);
                let written_at = Some(domain::Timestamp(0));
                Ok(match to {
                    Some(to) => E::CommentRevised(CommentRevised {
                        note_id,
                        author: self.partner.clone(),
                        text: to.clone(),
                        format: "plain".to_owned(),
                        written_at,
                    }),
                    None => E::CommentRemoved(CommentRemoved { note_id, written_at }),
                })
            }
            Partner::ChangesDetails { field, value, reason } => {
                let old = self.details.insert(field.clone(), value.clone()).unwrap_or_default();
                let changes = vec![FieldChange { field: field.clone(), old, new: value.clone() }];
                Ok(E::DetailsChanged(DetailsChanged { changes, reason: reason.clone() }))
            }
            Partner::Withdraws { reason } => {
                self.step(CaseStatus::Cancelled)?;
                Ok(E::Withdrawn(Withdrawn { reason: reason.clone() }))
            }
            Partner::Accepts { text } => Ok(E::ResolutionAccepted(self.answer(text)?)),
            Partner::Rejects { text } => {
                let answer = self.answer(text)?;
                self.step(CaseStatus::InProgress)?;
                Ok(E::ResolutionRejected(answer))
            }
        }
    }

    fn answer(&mut self, text: &str) -> Result<ResolutionAnswer, Refused> {
        let offered = self.has_offer();
        let resolution = self.resolution.as_mut().filter(|_| offered).ok_or(Refused)?;
        resolution.answered = true;
        Ok(ResolutionAnswer { resolution_version: resolution.version.clone(), comment: text.to_owned() })
    }

    /// Staying where it is is allowed.
    fn step(&mut self, to: CaseStatus) -> Result<(), Refused> {
        if self.status != to && !self.status.may_become(to) {
            return Err(Refused);
        }
        if to != CaseStatus::PendingPartner {
            self.question.clear();
        }
        self.status = to;
        Ok(())
    }

    fn obey(&mut self, command: &C) -> Result<(), Refused> {
        match command {
            C::AcknowledgeCase(c) => {
                if self.status == CaseStatus::Submitted {
                    self.step(CaseStatus::Acknowledged)?;
                }
                if let Some(reference) = &c.reference {
                    self.reference.clone_from(reference.get());
                }
            }
            C::SetCaseStatus(c) => {
                self.step(c.status)?;
                self.label.clone_from(c.label.get());
                self.reason = c.reason.as_ref().map(|reason| reason.get().clone()).unwrap_or_default();
            }
            C::PostComment(c) => {
                let author = c.author_label.as_ref().map(|label| label.get().clone()).unwrap_or_default();
                self.comments.push((author, c.text.get().clone()));
            }
            C::RequestInformation(c) => {
                self.step(CaseStatus::PendingPartner)?;
                self.question.clone_from(c.question.get());
            }
            C::ProposeResolution(c) => {
                self.step(CaseStatus::Resolved)?;
                self.resolution = Some(Resolution {
                    version: c.resolution_version.clone(),
                    code: c.code.as_ref().map(|code| code.get().clone()).unwrap_or_default(),
                    note: c.note.get().clone(),
                    answered: false,
                });
            }
            C::CloseCase(_) => self.step(CaseStatus::Closed)?,
            C::ReopenCase(_) => self.step(CaseStatus::InProgress)?,
        }
        Ok(())
    }

    /// The community's part of what is seen.
    pub(super) fn show(&self, view: &mut View) {
        self.status.as_str().clone_into(&mut view.status);
        view.label.clone_from(&self.label);
        view.reason.clone_from(&self.reason);
        view.reference.clone_from(&self.reference);
        view.comments = self.comments.iter().map(|(author, text)| format!("{author}: {text}")).collect();
        view.question.clone_from(&self.question);
        if let Some(resolution) = &self.resolution {
            view.resolution.clone_from(&resolution.note);
            view.resolution_code.clone_from(&resolution.code);
        }
    }
}
