//! An onboarding space at the community, plainly: the same lives as the contract's.

use super::Refused;
use crate::scenario::{Partner, TaskLine, View, document};
use domain::issue::{Contact, DocumentRef};
use domain::onboarding::{
    InvitationAnswer, PartnerCommand as C, PartnerEvent as E, QuestionAsked, SetReadiness, TaskSubmitted, UpsertTask,
};
use domain::{ProgrammeStatus as S, Subject, TaskStatus as T};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(in crate::scenario) struct Space {
    pub(super) id: String,
    pub(super) partner: String,
    pub(in crate::scenario) subject: Subject,
    pub(super) status: S,
    label: String,
    reason: String,
    programme: String,
    tasks: BTreeMap<String, Task>,
    milestones: BTreeMap<String, String>,
    readiness: String,
    comments: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct Task {
    told: UpsertTask<String>,
    status: T,
    reason: String,
}

fn text<T: AsRef<str>>(text: Option<&T>) -> String {
    text.map(|text| text.as_ref().to_owned()).unwrap_or_default()
}

impl Space {
    pub(super) fn opened(id: String, partner: &str, subject: Subject, programme: &str) -> Self {
        Self {
            id,
            partner: partner.to_owned(),
            subject,
            status: S::Identified,
            label: String::new(),
            reason: String::new(),
            programme: programme.to_owned(),
            tasks: BTreeMap::new(),
            milestones: BTreeMap::new(),
            readiness: String::new(),
            comments: Vec::new(),
        }
    }

    /// The status that a condition of a command about this task, or about the whole, is judged by.
    pub(super) fn judged(&self, task: Option<&str>) -> &'static str {
        task.map_or(self.status.as_str(), |id| self.tasks.get(id).map_or("", |task| task.status.as_str()))
    }

    fn waits_for(&self, task: &Task) -> Vec<String> {
        let open = |id: &&String| self.tasks.get(*id).is_some_and(|before| !before.status.is_over());
        task.told.depends_on.iter().filter(open).cloned().collect()
    }

    /// What its partner does, or the clock.
    pub(super) fn act(&mut self, act: &Partner) -> Result<E, Refused> {
        match act {
            Partner::AcceptsInvitation { contact, text } => {
                self.answer(S::Registered)?;
                let contact = Contact { name: contact.clone(), ..Contact::default() };
                Ok(E::InvitationAccepted(InvitationAnswer { contact, comment: text.clone() }))
            }
            Partner::DeclinesInvitation { text } => {
                self.answer(S::Declined)?;
                Ok(E::InvitationDeclined(InvitationAnswer { comment: text.clone(), ..InvitationAnswer::default() }))
            }
            Partner::LetsTheInvitationExpire => {
                self.answer(S::Expired)?;
                Ok(E::InvitationExpired(InvitationAnswer::default()))
            }
            Partner::Submits { task, text, document: named } => {
                let found = self.tasks.get(task).ok_or(Refused)?;
                let open = found.told.owner_side == "PARTNER" && found.status.is_handing_in(T::Submitted);
                if self.status.is_final() || !open || !self.waits_for(found).is_empty() {
                    return Err(Refused);
                }
                if let Some(found) = self.tasks.get_mut(task) {
                    found.status = T::Submitted;
                }
                let (note_id, author) = (self.note(text), self.partner.clone());
                let document = document(named).and_then(|d| serde_json::from_value::<DocumentRef>(d).ok());
                let documents = document.into_iter().collect();
                Ok(E::TaskSubmitted(TaskSubmitted {
                    task_id: task.clone(),
                    note_id,
                    author,
                    answer: text.clone(),
                    documents,
                }))
            }
            Partner::Asks { task, text } => {
                if self.status.is_final() || (!task.is_empty() && !self.tasks.contains_key(task)) {
                    return Err(Refused);
                }
                let (note_id, author) = (self.note(text), self.partner.clone());
                Ok(E::QuestionAsked(QuestionAsked { task_id: task.clone(), note_id, author, text: text.clone() }))
            }
            Partner::Opens(_)
            | Partner::RevisesComment { .. }
            | Partner::Shares(_)
            | Partner::AddsVersion { .. }
            | Partner::Views
            | Partner::Comments { .. }
            | Partner::SendsFiles { .. }
            | Partner::ChangesDetails { .. }
            | Partner::Withdraws { .. }
            | Partner::Accepts { .. }
            | Partner::Rejects { .. }
            | Partner::Raises(_)
            | Partner::CorrectsLine { .. }
            | Partner::GivesEvidence { .. }
            | Partner::Confirms { .. }
            | Partner::Contests { .. }
            | Partner::LetsTheOfferLapse => Err(Refused),
        }
    }

    fn note(&mut self, text: &str) -> String {
        self.comments.push((self.partner.clone(), text.to_owned()));
        format!("{}-n{}", self.id, self.comments.len())
    }

    fn answer(&mut self, to: S) -> Result<(), Refused> {
        if self.status != S::Invited {
            return Err(Refused);
        }
        self.status = to;
        self.label.clear();
        Ok(())
    }

    pub(super) fn obey(&mut self, command: &C) -> Result<(), Refused> {
        match command {
            C::OpenSpace(c) | C::UpdateSpace(c) => self.programme.clone_from(c.programme.get()),
            C::SetStatus(c) => {
                if c.status.is_partners() || (self.status != c.status && !self.status.may_become(c.status)) {
                    return Err(Refused);
                }
                self.status = c.status;
                self.label.clone_from(c.label.get());
                self.reason = text(c.reason.as_ref());
            }
            C::UpsertTask(c) => {
                let plain = plain(c);
                let task = self.tasks.entry(c.task_id.clone()).or_insert_with(|| Task {
                    told: plain.clone(),
                    status: T::New,
                    reason: String::new(),
                });
                if task.status.is_final() {
                    return Err(Refused);
                }
                task.reason = plain.reason.clone().unwrap_or_default();
                task.told = plain;
            }
            C::SetTaskStatus(c) => {
                let task = self.tasks.get_mut(&c.task_id).ok_or(Refused)?;
                let from = task.status;
                if from != c.status && (!from.may_become(c.status) || from.is_handing_in(c.status)) {
                    return Err(Refused);
                }
                task.status = c.status;
                task.reason = text(c.reason.as_ref());
            }
            C::SetMilestone(c) => {
                let date = c.date.map_or_else(String::new, |at| format!(" {}", day(at)));
                let before = c.previous_date.map_or_else(String::new, |at| format!(" before {}", day(at)));
                let why = c.reason.as_ref().map_or_else(String::new, |why| format!(" because {}", why.get()));
                let line = format!("{} {}{date}{before}{why}", c.code.get(), c.state);
                self.milestones.insert(c.code.get().clone(), line);
            }
            C::SetReadiness(c) => self.readiness = readiness(c),
            C::PostComment(c) => {
                if !c.task_id.is_empty() && !self.tasks.contains_key(&c.task_id) {
                    return Err(Refused);
                }
                self.comments.push((text(c.author_label.as_ref()), c.text.get().clone()));
            }
        }
        Ok(())
    }

    pub(super) fn says(&self, text: &str) -> bool {
        self.comments.iter().any(|(_, said)| said == text)
    }

    /// The community's part of what is seen.
    pub(super) fn show(&self, view: &mut View) {
        self.status.as_str().clone_into(&mut view.status);
        view.label.clone_from(&self.label);
        view.reason.clone_from(&self.reason);
        view.programme.clone_from(&self.programme);
        view.comments = self.comments.iter().map(|(author, text)| format!("{author}: {text}")).collect();
        let line = |(id, task): (&String, &Task)| {
            let due = task.told.due_at.map(day).unwrap_or_default();
            let waits = self.waits_for(task);
            let (title, status, reason) = (task.told.title.as_str(), task.status.as_str(), task.reason.as_str());
            let document = task.told.document_type.as_deref().unwrap_or_default();
            TaskLine { id, status, title, document, due: &due, waits: &waits, reason }.to_string()
        };
        view.tasks = self.tasks.iter().map(line).collect();
        view.milestones = self.milestones.values().cloned().collect();
        view.readiness.clone_from(&self.readiness);
    }
}

fn plain(c: &UpsertTask) -> UpsertTask<String> {
    UpsertTask {
        task_id: c.task_id.clone(),
        title: c.title.get().clone(),
        instructions: c.instructions.as_ref().map(|text| text.get().clone()),
        owner_side: c.owner_side.clone(),
        mandatory: c.mandatory,
        document_type: c.document_type.as_ref().map(|text| text.get().clone()),
        depends_on: c.depends_on.clone(),
        due_at: c.due_at,
        reason: c.reason.as_ref().map(|text| text.get().clone()),
    }
}

/// `2026-07-01`, of times at midnight.
fn day(at: domain::Timestamp) -> String {
    crate::scenario::step::day(at.0)
}

fn readiness(c: &SetReadiness) -> String {
    let blockers = c.blockers.iter().map(|b| (b.task_id.as_str(), text(b.document_type.as_ref())));
    crate::scenario::step::readiness_line(&c.state, (c.done, c.total), blockers, c.hidden)
}

impl super::Community {
    /// The place of a programme that began in the case system; the second one of a subject is the first.
    pub(in crate::scenario) fn open_space(&mut self, native: &str, partner: &str, subject: &Subject, programme: &str) {
        if self.space_of(subject).is_none() {
            let space = Space::opened(native.to_owned(), partner, subject.clone(), programme);
            self.cases.push(super::Record::Space(Box::new(space)));
        }
    }

    /// By position: what began in the case system under this subject.
    pub(in crate::scenario) fn space_of(&self, subject: &Subject) -> Option<usize> {
        let is = |record: &super::Record| match record {
            super::Record::Space(space) => space.subject == *subject,
            super::Record::Paper(paper) => paper.subject.as_ref() == Some(subject),
            super::Record::Case(_) | super::Record::Dispute(_) => false,
        };
        self.cases.iter().position(is)
    }
}
