//! Programmes and their tasks, in plain sentences.

use super::{Said, after};
use domain::Shared;
use domain::onboarding::{InternalEvent as I, PartnerCommand as C, PartnerEvent as P, Task};

pub fn partner_event(event: &P) -> Said {
    match event {
        P::InvitationAccepted(e) => Said::open("The partner accepted the invitation.", &e.comment),
        P::InvitationDeclined(e) => Said::open("The partner declined the invitation.", &e.comment),
        P::InvitationExpired(_) => Said::plain("The invitation ran out without an answer."),
        P::TaskSubmitted(e) => {
            let documents = e.documents.len();
            Said::open(format!("The partner handed in task {}, with {documents} references.", e.task_id), &e.answer)
        }
        P::QuestionAsked(e) => Said::open(format!("The partner asked{}.", about(&e.task_id)), &e.text),
    }
}

fn about(task: &str) -> String {
    if task.is_empty() { String::new() } else { format!(" about task {task}") }
}

/// `None`: said as of any ticket.
pub fn internal_event(event: &I) -> Option<Said> {
    Some(match event {
        I::Started(e) => Said::plain(format!("A programme began: “{}”.", e.programme)),
        I::ProgrammeChanged(e) => Said::plain(format!("The programme changed: “{}”.", e.programme)),
        I::TaskPublished(e) => of_task(e, "There is a new task"),
        I::TaskChanged(e) => of_task(e, "The agent changed a task"),
        I::TaskStatusChanged(e) => of_task(e, &format!("The agent moved a task from {} to {}", e.from, e.status)),
        I::MilestonesChanged(e) => Said::marked("The agent changed milestones.", &e.reason),
        I::ReadinessChanged(e) => Said::plain(format!(
            "Readiness was computed: {}, {} of {} tasks done, {} in the way.",
            e.state,
            e.done,
            e.total,
            e.blockers.len() as i64 + e.hidden
        )),
        I::CommentAdded(e) => Said::marked(format!("The agent replied to the partner{}.", about(&e.task_id)), &e.text),
        I::StatusChanged(_) | I::InternalNoteAdded(_) | I::Assigned(_) | I::FieldChanged(_) => return None,
    })
}

fn of_task(task: &Task, what: &str) -> Said {
    Said::marked(format!("{what}: {} ({}).", task.task_id, task.owner_side), &task.title)
}

/// What is said, and the status of the programme that the partner then sees.
pub fn partner_command(command: &C) -> (Said, &'static str) {
    let reason = |text: &Option<Shared<String>>| after(text.as_ref().map_or("", |text| text.get().as_str()));
    match command {
        C::OpenSpace(c) => (Said::open("Show the partner its programme.", c.programme.get()), "identified"),
        C::UpdateSpace(c) => (Said::open("Tell the partner what changed in its programme.", c.programme.get()), ""),
        C::SetStatus(c) => {
            let (status, label) = (c.status.as_str(), c.label.get());
            (Said::plain(format!("Tell the partner: {status} (“{label}”){}.", reason(&c.reason))), status)
        }
        C::UpsertTask(c) => (Said::open(format!("Show the partner task {}.", c.task_id), c.title.get()), ""),
        C::SetTaskStatus(c) => {
            let (task, status, why) = (&c.task_id, c.status.as_str(), reason(&c.reason));
            (Said::plain(format!("Tell the partner: task {task} is {status}{why}.")), "")
        }
        C::SetMilestone(c) => {
            let (milestone, why) = (c.label.get(), reason(&c.reason));
            (Said::plain(format!("Tell the partner: “{milestone}” is {}{why}.", c.state)), "")
        }
        C::SetReadiness(c) => (Said::plain(format!("Tell the partner: {} ({} of {}).", c.state, c.done, c.total)), ""),
        C::PostComment(c) => (Said::open("Show the reply to the partner.", c.text.get()), ""),
    }
}
