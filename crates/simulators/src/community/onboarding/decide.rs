//! Which requests an onboarding space takes. Every transition that the lives in `domain` do not list is refused.

use super::super::model::{Draft, Model, Refusal, Who, bounded, given};
use super::super::wire::{Actor, Comment, Happened, Status};
use super::action::{Action, Answer, Open, Submit, UpsertTask};
use super::wire::{Space, Task, What};
use domain::onboarding::{
    InvitationAnswer, MILESTONE_STATES, MILESTONES, OWNER_SIDES, QuestionAsked, READINESS, TaskSubmitted,
};
use domain::{ProgrammeStatus as S, TaskStatus};

const LINE: usize = 512;
const TEXT: usize = 64 * 1024;
const MANY: usize = 500;

type Decided = Result<(S, What), Refusal>;

/// What the request would change. `id` is `None` only for opening one.
pub fn decide(model: &Model, who: &Who, id: Option<&str>, action: Action) -> Result<Draft, Refusal> {
    if let Action::Open(open) = action {
        return opened(model, who, open);
    }
    let space = id.and_then(|id| model.space(id)).ok_or(Refusal::UnknownCase)?;
    let actor = match who {
        Who::Host => Actor { id: "host".to_owned(), side: "host".to_owned() },
        Who::Partner(id) if *id == space.partner_id => {
            let side = if matches!(action, Action::Expire) { "system" } else { "partner" };
            Actor { id: id.clone(), side: side.to_owned() }
        }
        Who::Partner(_) => return Err(Refusal::UnknownCase),
    };
    let (status, what) = match who {
        Who::Host => by_host(space, action)?,
        Who::Partner(_) => by_partner(space, action)?,
    };
    Ok(draft(space, status, what, actor))
}

fn draft(space: &Space, status: S, what: What, actor: Actor) -> Draft {
    Draft {
        case_id: space.id.clone(),
        partner_id: space.partner_id.clone(),
        external_reference: space.external_reference.clone(),
        version: space.version + 1,
        status: Status::Onboarding(status),
        what: Happened::Onboarding(what),
        actor,
    }
}

/// The second one of one reference says the first anew; a reference of another partner is taken.
fn opened(model: &Model, who: &Who, open: Open) -> Result<Draft, Refusal> {
    if *who != Who::Host {
        return Err(Refusal::Forbidden);
    }
    given(&open.external_reference, LINE)?;
    given(&open.partner_id, 64)?;
    given(&open.programme, LINE)?;
    let actor = Actor { id: "host".to_owned(), side: "host".to_owned() };
    if let Some(space) = model.space_of(&open.external_reference) {
        if space.partner_id != open.partner_id {
            return Err(Refusal::Taken);
        }
        return Ok(draft(space, space.status, What::Opened(open), actor));
    }
    Ok(Draft {
        case_id: model.next_space_id(),
        partner_id: open.partner_id.clone(),
        external_reference: open.external_reference.clone(),
        version: 1,
        status: Status::Onboarding(S::Identified),
        what: Happened::Onboarding(What::Opened(open)),
        actor,
    })
}

fn task<'a>(space: &'a Space, id: &str) -> Result<&'a Task, Refusal> {
    space.tasks.get(id).ok_or(Refusal::UnknownTask)
}

/// Staying where it is is no transition: a repeat with another reason.
fn step(space: &Space, to: S) -> Result<S, Refusal> {
    if space.status == to || space.status.may_become(to) {
        Ok(to)
    } else {
        Err(Refusal::Transition { from: space.status.as_str(), to: to.as_str() })
    }
}

fn by_host(space: &Space, action: Action) -> Decided {
    let at = space.status;
    match action {
        Action::Update(a) => {
            given(&a.programme, LINE)?;
            Ok((at, What::Updated(a)))
        }
        Action::SetStatus(a) => {
            bounded(&a.label, LINE)?;
            bounded(&a.reason, TEXT)?;
            if a.status.is_partners() {
                return Err(Refusal::Transition { from: at.as_str(), to: a.status.as_str() });
            }
            let to = step(space, a.status)?;
            Ok((to, What::StatusChanged { from: at, to, label: a.label, reason: a.reason }))
        }
        Action::UpsertTask(a) => {
            sound(&a)?;
            if space.tasks.get(&a.task_id).is_some_and(|task| task.status.is_final()) {
                return Err(Refusal::Final);
            }
            if space.tasks.len() >= MANY && !space.tasks.contains_key(&a.task_id) {
                return Err(Refusal::Text);
            }
            Ok((at, What::TaskUpserted(a)))
        }
        Action::SetTaskStatus(a) => {
            bounded(&a.label, LINE)?;
            bounded(&a.reason, TEXT)?;
            let from = task(space, &a.task_id)?.status;
            let moves = from == a.status || (from.may_become(a.status) && !from.is_handing_in(a.status));
            if !moves {
                return Err(Refusal::Transition { from: from.as_str(), to: a.status.as_str() });
            }
            let (task_id, to) = (a.task_id, a.status);
            Ok((at, What::TaskStatusChanged { task_id, from, to, label: a.label, reason: a.reason }))
        }
        Action::SetMilestone(a) => {
            bounded(&a.label, LINE)?;
            bounded(&a.reason, TEXT)?;
            let known = MILESTONES.contains(&a.code.as_str()) && MILESTONE_STATES.contains(&a.state.as_str());
            if known { Ok((at, What::MilestoneSet(a))) } else { Err(Refusal::Field) }
        }
        Action::SetReadiness(a) => {
            bounded(&a.label, LINE)?;
            if !READINESS.contains(&a.state.as_str()) || a.blockers.len() > MANY {
                return Err(Refusal::Field);
            }
            a.blockers.iter().try_for_each(|b| bounded(&b.task_id, 128).and(bounded(&b.document_type, 64)))?;
            Ok((at, What::ReadinessSet(a)))
        }
        Action::Post(a) => {
            given(&a.text, TEXT)?;
            given(&a.note_key, LINE)?;
            bounded(&a.author_label, LINE)?;
            if !a.task_id.is_empty() {
                task(space, &a.task_id)?;
            }
            let (note_id, format) = (note_id(space), "plain".to_owned());
            let comment = Comment {
                note_id,
                author: a.author_label,
                text: a.text,
                format,
                note_key: a.note_key,
                files: Vec::new(),
                written_at: None,
                removed: false,
            };
            Ok((at, What::CommentPosted { task_id: a.task_id, comment }))
        }
        Action::Open(_)
        | Action::Accept(_)
        | Action::Decline(_)
        | Action::Expire
        | Action::Submit { .. }
        | Action::Ask(_) => Err(Refusal::Forbidden),
    }
}

fn sound(a: &UpsertTask) -> Result<(), Refusal> {
    given(&a.task_id, 128)?;
    given(&a.title, LINE * 2)?;
    bounded(&a.instructions, TEXT)?;
    bounded(&a.document_type, 64)?;
    bounded(&a.reason, TEXT)?;
    a.depends_on.iter().try_for_each(|id| bounded(id, 128))?;
    if !OWNER_SIDES.contains(&a.owner_side.as_str()) || a.depends_on.len() > 100 {
        return Err(Refusal::Field);
    }
    Ok(())
}

fn by_partner(space: &Space, action: Action) -> Decided {
    let at = space.status;
    if at.is_final() {
        return Err(Refusal::Final);
    }
    match action {
        Action::Accept(a) => Ok((step_on(space, S::Registered)?, What::InvitationAccepted(answer(a)?))),
        Action::Decline(a) => Ok((step_on(space, S::Declined)?, What::InvitationDeclined(answer(a)?))),
        Action::Expire => Ok((step_on(space, S::Expired)?, What::InvitationExpired(InvitationAnswer::default()))),
        Action::Submit { task_id, submit } => submitted(space, task_id, submit),
        Action::Ask(a) => {
            given(&a.text, TEXT)?;
            bounded(&a.author, LINE)?;
            if !a.task_id.is_empty() {
                task(space, &a.task_id)?;
            }
            let author = if a.author.is_empty() { space.partner_id.clone() } else { a.author };
            let (task_id, note_id, text) = (a.task_id, note_id(space), a.text);
            Ok((at, What::QuestionAsked(QuestionAsked { task_id, note_id, author, text })))
        }
        Action::Open(_)
        | Action::Update(_)
        | Action::SetStatus(_)
        | Action::UpsertTask(_)
        | Action::SetTaskStatus(_)
        | Action::SetMilestone(_)
        | Action::SetReadiness(_)
        | Action::Post(_) => Err(Refusal::Forbidden),
    }
}

/// Answers an invitation: only while there is one.
fn step_on(space: &Space, to: S) -> Result<S, Refusal> {
    if space.status == S::Invited {
        return step(space, to);
    }
    Err(Refusal::Transition { from: space.status.as_str(), to: to.as_str() })
}

fn answer(a: Answer) -> Result<InvitationAnswer, Refusal> {
    bounded(&a.comment, TEXT)?;
    for part in [&a.contact.name, &a.contact.email, &a.contact.phone, &a.contact.language, &a.contact.role] {
        bounded(part, LINE)?;
    }
    Ok(InvitationAnswer { contact: a.contact, comment: a.comment })
}

/// The partner's own task, while it is active and nothing that comes before it is open.
fn submitted(space: &Space, task_id: String, submit: Submit) -> Decided {
    let Submit { author, answer, documents } = submit;
    bounded(&answer, TEXT)?;
    bounded(&author, LINE)?;
    if documents.len() > 100 || (answer.trim().is_empty() && documents.is_empty()) {
        return Err(Refusal::Text);
    }
    documents.iter().try_for_each(|d| bounded(&d.type_code, 64).and(bounded(&d.number, 80)))?;
    let task = task(space, &task_id)?;
    if task.owner_side != "PARTNER" {
        return Err(Refusal::Forbidden);
    }
    if !task.status.is_handing_in(TaskStatus::Submitted) {
        return Err(Refusal::Transition { from: task.status.as_str(), to: TaskStatus::Submitted.as_str() });
    }
    if !space.waits_for(task).is_empty() {
        return Err(Refusal::Blocked);
    }
    let author = if author.is_empty() { space.partner_id.clone() } else { author };
    let note_id = note_id(space);
    Ok((space.status, What::TaskSubmitted(TaskSubmitted { task_id, note_id, author, answer, documents })))
}

fn note_id(space: &Space) -> String {
    format!("{}-n{}", space.id, space.comments.len() + 1)
}
