//! Tasks of a programme, for the community.

use super::document_type;
use super::outward::{Rules, push};
use crate::bundle::onboarding::Onboarding;
use crate::bundle::statuses::Meaning;
use crate::date;
use crate::engine::{Held, Known};
use domain::onboarding::{OWNER_SIDES, PartnerCommand as C, SetTaskStatus, Task, UpsertTask};
use domain::{OnlyIf, PublicText, Shared, TaskStatus as Status, Visibility};

/// The rule by which nothing of a task crosses: its record is not for the partner.
pub(super) fn unseen(task: &Task) -> Option<&'static str> {
    (task.title.visibility() != Visibility::Partner).then_some("task-not-shown")
}

/// What a status of X means of this task. What lies with the house is handed in where it is the partner's task, and at
/// work where it is the house's own.
fn meaning<'a>(terms: &'a Onboarding, task: &Task, status: &str) -> Result<(Status, Option<Status>, &'a str), Held> {
    match terms.tasks.meaning.get(status) {
        Some(Meaning::Is { canonical: Status::Submitted, .. }) if task.owner_side == "HOST" => {
            Ok((Status::Active, None, Status::Active.as_str()))
        }
        Some(Meaning::Is { canonical, otherwise, label }) => Ok((*canonical, *otherwise, label)),
        Some(Meaning::Hold) => Err(Held::new("held-status", status)),
        None => Err(Held::new("unknown-status", status)),
    }
}

fn whole(known: &Known<'_>, terms: &Onboarding, e: &Task) -> Result<Option<UpsertTask>, Held> {
    if !OWNER_SIDES.contains(&e.owner_side.as_str()) {
        return Err(Held::new("unknown-owner-side", &e.owner_side));
    }
    let Some(title) = known.told(&e.title) else { return Ok(None) };
    Ok(Some(UpsertTask {
        task_id: e.task_id.clone(),
        title,
        instructions: known.told(&e.instructions),
        owner_side: e.owner_side.clone(),
        mandatory: e.mandatory,
        document_type: document_type(terms, &e.document_type)?.map(PublicText::share),
        depends_on: e.depends_on.clone(),
        due_at: known.date("due_at", date::parse(&e.due_at)?),
        reason: known.shared("status_reason", &e.reason),
    }))
}

/// The task, then where it stands: only while nobody has moved it there, for it may be told a second time.
pub(super) fn published(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Onboarding, e: &Task) -> Result<(), Held> {
    let rule = "onboarding.task-published";
    let Some(command) = whole(known, terms, e)? else { return draft.only_skip("task-not-shown") };
    let (to, otherwise, label) = meaning(terms, e, &e.status)?;
    let (path, label) = way(Status::New, (to, otherwise, label))?;
    push(draft, rule, "task", C::UpsertTask(command));
    let mut at = Status::New;
    for (index, step) in path.iter().copied().enumerate() {
        let label = if index + 1 == path.len() { label } else { step.as_str() };
        let command = step_to(known, e, (step, label), None, Some(&[at]));
        push(draft, rule, step.as_str(), command);
        at = step;
    }
    Ok(())
}

/// What is no longer shown is cancelled for the partner, without a word.
pub(super) fn changed(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Onboarding, e: &Task) -> Result<(), Held> {
    let rule = "onboarding.task-changed";
    if e.hidden {
        let command = step_to(known, e, (Status::Cancelled, Status::Cancelled.as_str()), None, None);
        push(draft, rule, "hide", command);
        return Ok(());
    }
    match whole(known, terms, e)? {
        Some(command) => push(draft, rule, "task", C::UpsertTask(command)),
        None => draft.skip("task-not-shown"),
    }
    Ok(())
}

type Wanted<'a> = (Status, Option<Status>, &'a str);

fn way<'a>(from: Status, (to, otherwise, label): Wanted<'a>) -> Result<(Vec<Status>, &'a str), Held> {
    let ways = [Some((to, label)), otherwise.map(|o| (o, o.as_str()))];
    let found = ways.into_iter().flatten().find_map(|(to, label)| Some((from.path(to)?, label)));
    found.ok_or_else(|| Held::new("no-transition", &format!("{} to {}", from.as_str(), to.as_str())))
}

/// X jumps; the partner is led along every step that is the house's to take.
pub(super) fn moved(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Onboarding, e: &Task) -> Result<(), Held> {
    let (from, _, _) = meaning(terms, e, &e.from)?;
    let wanted = meaning(terms, e, &e.status)?;
    if from == wanted.0 {
        return draft.only_skip("same-status");
    }
    let (path, label) = way(from, wanted)?;
    if path.is_empty() {
        return draft.only_skip("same-status");
    }
    let reason = known.shared("status_reason", &e.reason);
    for (index, step) in path.iter().copied().enumerate() {
        let last = index + 1 == path.len();
        let label = if last { label } else { step.as_str() };
        // Only what was handed in, or once accepted, is given back: agents also put their status there by hand.
        let returned = step == Status::Returned;
        let from: Option<&[Status]> = returned.then_some(&[Status::Submitted, Status::Completed]);
        let told = reason.as_ref().filter(|_| last || returned);
        push(draft, "onboarding.task-status-changed", step.as_str(), step_to(known, e, (step, label), told, from));
    }
    Ok(())
}

fn step_to(
    known: &Known<'_>,
    e: &Task,
    (status, label): (Status, &str),
    reason: Option<&Shared<String>>,
    from: Option<&[Status]>,
) -> C {
    let only_if = from.map(|from| OnlyIf {
        field: "status".to_owned(),
        one_of: from.iter().map(|s| s.as_str().to_owned()).collect(),
        set_by: String::new(),
    });
    C::SetTaskStatus(SetTaskStatus {
        task_id: e.task_id.clone(),
        status,
        label: known.texts.get("onboarding-task-status", label).share(),
        reason: reason.cloned(),
        only_if,
    })
}
