//! What time has made due, told to whom the bundle says. Texts are the bundle's own: nothing of a record crosses here.

use crate::bundle::reminders::Reminder;
use crate::engine::{Draft, Held};
use crate::said::note_of;
use crate::{date, document};
use domain::issue::PostComment;
use domain::timer::{Due, Event, Kind};
use domain::{
    Command, InternalCommand, PartnerCommand, ServiceLevelEvent, Shared, UseCase, discrepancy as d, document as p,
    issue as i, onboarding as o,
};

/// For ever: part of every command's id.
const RULE: &str = "timer.reminder";

/// The bundle's line for it; `None` where the line was taken out since, and nobody is to be told any more.
fn line<'a, C: Command>(draft: &Draft<'a, C>, due: &Due) -> Option<&'a Reminder> {
    draft.bundle.reminders.iter().find(|reminder| reminder.rule.id == due.rule)
}

/// The last day of a version has commands of its own at the community, which knows whether it still matters.
fn is_of_version(due: &Due) -> bool {
    Kind::parse(&due.timer) == Ok(Kind::DocumentValidTo)
}

/// Of somebody else: an onboarding begins in the case system, everything else at the community.
fn elsewhere<C: Command>(draft: &Draft<'_, C>, due: &Due) -> Option<&'static str> {
    match UseCase::from_word(&due.use_case) {
        UseCase::Onboarding => crate::onboarding::elsewhere(draft),
        UseCase::Issue | UseCase::Discrepancy | UseCase::Document => crate::issue::foreign(draft),
    }
}

const fn due_of(event: &ServiceLevelEvent) -> &Due {
    match event {
        ServiceLevelEvent::Timer(Event::ReminderDue(due) | Event::DeadlinePassed(due)) => due,
    }
}

/// A note for the agents.
pub(crate) fn to_internal(draft: &mut Draft<'_, InternalCommand>, event: &ServiceLevelEvent) -> Result<(), Held> {
    let due = due_of(event);
    let Some(reminder) = line(draft, due) else { return draft.only_skip("no-such-reminder") };
    if !reminder.to_agents {
        return draft.only_skip("not-for-agents");
    }
    if let Some(rule) = elsewhere(draft, due) {
        return draft.only_skip(rule);
    }
    if is_of_version(due) && reminder.to_partner {
        return draft.only_skip("told-once-taken");
    }
    let known = draft.known_partner()?;
    let (since, deadline) = (date::shown(due.counted_from), due.deadline.map(date::shown).unwrap_or_default());
    let values = [("since", since.as_str()), ("deadline", &deadline), ("item", &due.item)];
    let note = note_of(draft, &known, ("reminder-agent", &due.rule), &values);
    let command = match UseCase::from_word(&due.use_case) {
        UseCase::Issue => InternalCommand::Issue(i::InternalCommand::AddInternalNote(note)),
        UseCase::Discrepancy => InternalCommand::Discrepancy(d::InternalCommand::AddInternalNote(note)),
        UseCase::Onboarding => {
            let note = o::TaskNote { task_id: due.item.clone(), note, only_if: None };
            InternalCommand::Onboarding(o::InternalCommand::AddInternalNote(note))
        }
        UseCase::Document => InternalCommand::Document(p::InternalCommand::AddInternalNote(note)),
    };
    draft.push(RULE, "note", command);
    Ok(())
}

/// A comment that the partner sees, in its language.
pub(crate) fn to_partner(draft: &mut Draft<'_, PartnerCommand>, event: &ServiceLevelEvent) -> Result<(), Held> {
    let due = due_of(event);
    let Some(reminder) = line(draft, due) else { return draft.only_skip("no-such-reminder") };
    if !reminder.to_partner {
        return draft.only_skip("not-for-partner");
    }
    if let Some(rule) = elsewhere(draft, due) {
        return draft.only_skip(rule);
    }
    if is_of_version(due) {
        return document::due(draft, due, matches!(event, ServiceLevelEvent::Timer(Event::DeadlinePassed(_))));
    }
    let known = draft.known_partner()?;
    if !known.policy.shares("comments") {
        return draft.only_skip("not-shared");
    }
    let zone = &known.partner.zone;
    let (since, deadline) = (zone.told(Some(due.counted_from)), zone.told(due.deadline));
    let values = [("since", &since), ("deadline", &deadline)];
    let comment = PostComment {
        // Of this fact and no other; a repeat of the fact has the same id.
        note_key: draft.meta.id.to_string().replace('-', ""),
        author_label: Some(known.texts.get("label", "author").share()),
        text: Shared::filled(known.texts.get("reminder", &due.rule), &values),
        files: Vec::new(),
    };
    let command = match UseCase::from_word(&due.use_case) {
        UseCase::Issue => PartnerCommand::Issue(i::PartnerCommand::PostComment(comment)),
        UseCase::Discrepancy => PartnerCommand::Discrepancy(d::PartnerCommand::PostComment(comment)),
        UseCase::Onboarding => PartnerCommand::Onboarding(o::PartnerCommand::PostComment(o::PostTaskComment {
            task_id: due.item.clone(),
            note_key: comment.note_key,
            author_label: comment.author_label,
            text: comment.text,
        })),
        UseCase::Document => PartnerCommand::Document(p::PartnerCommand::PostComment(comment)),
    };
    draft.push(RULE, "comment", command);
    Ok(())
}
