//! What became of commands, told to the other side. The same for every use case but for the two rules named here.

use crate::bundle::sync::Sync;
use crate::engine::{Draft, Held};
use crate::{discrepancy, document, issue, onboarding, project, said, uploader};
use domain::{InternalCommand, Outcome, PartnerCommand, discrepancy as d, document as p, issue as i, onboarding as o};

/// A command's use case: the second word of its type.
fn use_case(kind: &str) -> &str {
    kind.split('.').nth(1).unwrap_or_default()
}

/// A command that an outcome caused must not cause another one through its own outcome: that would never end.
fn caused_by_outcome(meta: &domain::Meta) -> bool {
    meta.cause.as_ref().is_some_and(|cause| cause.topic.ends_with(".outcomes"))
}

/// The name of the rule by which an outcome of this kind says nothing to the other side.
pub(crate) const fn unsaid(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Intent(_) => "outcome-intent",
        Outcome::Done(_) => "outcome-done",
        Outcome::NotApplied(_) => "outcome-not-applied",
        Outcome::Doubt(_) => "outcome-doubt",
        Outcome::Refused(_) => "outcome-refused",
        Outcome::Skipped(_) => "outcome-skipped",
        Outcome::Superseded(_) => "outcome-superseded",
        Outcome::Waiting(_) => "outcome-waiting",
        Outcome::Parked(_) => "outcome-parked",
        Outcome::Barrier(_) => "outcome-barrier",
    }
}

/// X took the case on: the partner hears of it. Nothing else of X's bookkeeping leaves the house.
pub(crate) fn to_partner(draft: &mut Draft<'_, PartnerCommand>, outcome: &Outcome) -> Result<(), Held> {
    if caused_by_outcome(draft.meta) {
        return draft.only_skip("caused-by-outcome");
    }
    uploader::to_partner(draft, outcome)?;
    match outcome {
        // A programme begins in X, so nothing of it is made there by a command.
        Outcome::Done(done) if use_case(&done.command.kind) == "onboarding" => {
            onboarding::obeyed(draft, &done.command.kind)
        }
        Outcome::Done(done) if done.created => {
            if let Some(rule) = issue::foreign(draft) {
                return draft.only_skip(rule);
            }
            let known = draft.known_partner()?;
            let reference = project::granted(known.isolation, known.policy, "reference", &done.reference);
            let reference = reference.filter(|r| !r.get().is_empty());
            match use_case(&done.command.kind) {
                "discrepancy" => discrepancy::acknowledge(draft, reference),
                "document" => document::acknowledge(draft, reference),
                _ => {
                    let command = i::PartnerCommand::AcknowledgeCase(i::AcknowledgeCase { reference });
                    draft.push("issue.created", "acknowledge", PartnerCommand::Issue(command));
                }
            }
            Ok(())
        }
        Outcome::Done(done) => match issue::foreign(draft) {
            Some(rule) => draft.only_skip(rule),
            None => match use_case(&done.command.kind) {
                "discrepancy" => discrepancy::obeyed(draft, &done.command.kind),
                "document" => document::obeyed(draft, &done.command.kind),
                _ => issue::obeyed(draft, &done.command.kind),
            },
        },
        Outcome::Skipped(skipped) if skipped.rule == "merged" => match issue::foreign(draft) {
            Some(rule) => draft.only_skip(rule),
            None => match use_case(&skipped.command.kind) {
                "discrepancy" => discrepancy::came_too_late(draft, &skipped.command.kind),
                "document" => document::came_too_late(draft, &skipped.command.kind),
                _ => issue::came_too_late(draft, &skipped.command.kind),
            },
        },
        // Agents see the dead letter; what the partner should hear of it is theirs to decide.
        Outcome::Refused(refused) if refused.command.kind.ends_with(".create-case") => {
            draft.only_skip("create-refused")
        }
        Outcome::Refused(refused)
            if use_case(&refused.command.kind) == "document" && issue::foreign(draft).is_none() =>
        {
            document::refused(draft, &refused.command.kind, &refused.reason)
        }
        Outcome::Intent(_)
        | Outcome::NotApplied(_)
        | Outcome::Doubt(_)
        | Outcome::Refused(_)
        | Outcome::Skipped(_)
        | Outcome::Superseded(_)
        | Outcome::Waiting(_)
        | Outcome::Parked(_)
        | Outcome::Barrier(_) => draft.only_skip(unsaid(outcome)),
    }
}

/// The record that agents look at: its use case, and the task of a programme where it is one's.
pub(crate) type Place<'a> = (&'a str, &'a str);

/// The rule by which agents hear what became of a command. For ever: part of every command's id.
fn rule_of(of: &str) -> &'static str {
    match of {
        "discrepancy" => "discrepancy.refused",
        "document" => "document.refused",
        "onboarding" => "onboarding.refused",
        _ => "issue.refused",
    }
}

/// A note or field of the ticket, in the words of its use case.
pub(crate) fn push_to_ticket(
    draft: &mut Draft<'_, InternalCommand>,
    rule: &'static str,
    (of, task): Place<'_>,
    effect: &str,
    asked: Asked,
) {
    let task_id = task.to_owned();
    let command = match (asked, of) {
        (Asked::Note(c), "document") => InternalCommand::Document(p::InternalCommand::AddInternalNote(c)),
        (Asked::Fields(c), "document") => InternalCommand::Document(p::InternalCommand::UpdateFields(c)),
        (Asked::Note(note), "onboarding") => {
            let note = o::TaskNote { task_id, note, only_if: None };
            InternalCommand::Onboarding(o::InternalCommand::AddInternalNote(note))
        }
        (Asked::Fields(write), "onboarding") => {
            InternalCommand::Onboarding(o::InternalCommand::UpdateFields(o::TaskFields { task_id, write }))
        }
        (Asked::Note(c), "discrepancy") => InternalCommand::Discrepancy(d::InternalCommand::AddInternalNote(c)),
        (Asked::Fields(c), "discrepancy") => InternalCommand::Discrepancy(d::InternalCommand::UpdateFields(c)),
        (Asked::Note(c), _) => InternalCommand::Issue(i::InternalCommand::AddInternalNote(c)),
        (Asked::Fields(c), _) => InternalCommand::Issue(i::InternalCommand::UpdateFields(c)),
    };
    draft.push(rule, effect, command);
}

pub(crate) enum Asked {
    Note(i::AddInternalNote),
    Fields(i::UpdateFields),
}

/// Sets the field that tells how far the partner's side has followed, where the bundle names one. Its change is our own
/// write, and no change of a field tells a partner anything: it never comes round.
pub(crate) fn tell_sync(
    draft: &mut Draft<'_, InternalCommand>,
    rule: &'static str,
    place: Place<'_>,
    value: &dyn Fn(&Sync) -> String,
) -> bool {
    let Some(sync) = draft.bundle.sync() else { return false };
    let value = domain::text::cut(&value(sync), 250, "…");
    let fields = std::collections::BTreeMap::from([(sync.field.clone(), value)]);
    push_to_ticket(draft, rule, place, "sync", Asked::Fields(i::UpdateFields { fields }));
    true
}

/// The community refused something, or it was given up: the agents hear what did not reach the partner and why.
pub(crate) fn to_internal(draft: &mut Draft<'_, InternalCommand>, outcome: &Outcome) -> Result<(), Held> {
    if caused_by_outcome(draft.meta) {
        // The one step further: what X's side found in a file is told to the agents once its uploader knows. It is a note,
        // whose own outcome was caused by an outcome too and ends here.
        let of = outcome.command().map_or("", |command| use_case(&command.kind));
        if let Some(text) = uploader::to_agents(draft, outcome) {
            push_to_ticket(draft, rule_of(of), (of, ""), "file", Asked::Note(i::AddInternalNote { text }));
            return Ok(());
        }
        let told = matches!(outcome, Outcome::Done(done) if done.command.kind == "partner.document.reject-file");
        return match told.then(|| document::told(draft)).flatten() {
            Some(()) => Ok(()),
            None => draft.only_skip("caused-by-outcome"),
        };
    }
    if document::is_of_sharing(outcome) {
        return document::of_sharing(draft, outcome);
    }
    let of = outcome.command().map_or("", |command| use_case(&command.kind));
    let (rule, place) = (rule_of(of), (of, draft.meta.ext.get(onboarding::TASK).map_or("", String::as_str)));
    if let Some(text) = uploader::to_agents(draft, outcome) {
        push_to_ticket(draft, rule, place, "file", Asked::Note(i::AddInternalNote { text }));
    }
    match outcome {
        Outcome::Refused(_) | Outcome::Parked(_) => {
            let (kind, reason) = match outcome {
                Outcome::Refused(refused) => (&refused.command.kind, &refused.reason),
                Outcome::Parked(parked) => (&parked.command.kind, &parked.reason),
                Outcome::Intent(_)
                | Outcome::Done(_)
                | Outcome::NotApplied(_)
                | Outcome::Doubt(_)
                | Outcome::Skipped(_)
                | Outcome::Superseded(_)
                | Outcome::Waiting(_)
                | Outcome::Barrier(_) => return draft.only_skip(unsaid(outcome)),
            };
            let texts = draft.bundle.agent_texts();
            let verb = kind.rsplit('.').next().unwrap_or_default();
            let ways = [format!("{of}-what"), "what".to_owned()];
            let known = ways.iter().map(|section| texts.get(section, verb)).find(|text| !text.as_str().is_empty());
            let what = known.unwrap_or_else(|| texts.get("what", "other"));
            let reason = domain::text::cut(reason, 500, texts.get("agent", "cut").as_str());
            let values = [("what", what.as_str()), ("reason", reason.as_str())];
            let text = said::fill(texts.get("agent", "not_delivered").as_str(), &values);
            push_to_ticket(draft, rule, place, "note", Asked::Note(i::AddInternalNote { text }));
            tell_sync(draft, rule, place, &|sync| said::fill(&sync.held, &values));
            Ok(())
        }
        Outcome::Done(_) if of == "document" && document::is_reminded(draft.meta) => document::reminded(draft),
        Outcome::Done(_) if tell_sync(draft, rule, place, &|sync| sync.delivered.clone()) => Ok(()),
        Outcome::Waiting(_) if tell_sync(draft, rule, place, &|sync| sync.waiting.clone()) => Ok(()),
        Outcome::Intent(_)
        | Outcome::Done(_)
        | Outcome::NotApplied(_)
        | Outcome::Doubt(_)
        | Outcome::Skipped(_)
        | Outcome::Superseded(_)
        | Outcome::Waiting(_)
        | Outcome::Barrier(_) => draft.only_skip(unsaid(outcome)),
    }
}
