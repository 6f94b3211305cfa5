//! What became of commands, told to the other side. The same for every use case but for the two rules named here.

use crate::engine::{Draft, Held};
use crate::{discrepancy, issue, onboarding, project, said};
use domain::{InternalCommand, Outcome, PartnerCommand, discrepancy as d, issue as i, onboarding as o};

/// A command's use case: the second word of its type.
fn of_discrepancy(kind: &str) -> bool {
    kind.split('.').nth(1) == Some("discrepancy")
}

fn of_onboarding(kind: &str) -> bool {
    kind.split('.').nth(1) == Some("onboarding")
}

/// A command that an outcome caused must not cause another one through its own outcome: that would never end.
fn caused_by_outcome(meta: &domain::Meta) -> bool {
    meta.cause.as_ref().is_some_and(|cause| cause.topic.ends_with(".outcomes"))
}

/// The name of the rule by which an outcome of this kind says nothing to the other side.
const fn unsaid(outcome: &Outcome) -> &'static str {
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
    match outcome {
        // A programme begins in X, so nothing of it is made there by a command.
        Outcome::Done(done) if of_onboarding(&done.command.kind) => onboarding::obeyed(draft, &done.command.kind),
        Outcome::Done(done) if done.created => {
            if let Some(rule) = issue::foreign(draft) {
                return draft.only_skip(rule);
            }
            let known = draft.known_partner()?;
            let reference = project::granted(known.isolation, known.policy, "reference", &done.reference);
            let reference = reference.filter(|r| !r.get().is_empty());
            if of_discrepancy(&done.command.kind) {
                discrepancy::acknowledge(draft, reference);
                return Ok(());
            }
            let command = i::PartnerCommand::AcknowledgeCase(i::AcknowledgeCase { reference });
            draft.push("issue.created", "acknowledge", PartnerCommand::Issue(command));
            Ok(())
        }
        Outcome::Done(done) => match issue::foreign(draft) {
            Some(rule) => draft.only_skip(rule),
            None if of_discrepancy(&done.command.kind) => discrepancy::obeyed(draft, &done.command.kind),
            None => issue::obeyed(draft, &done.command.kind),
        },
        // Agents see the dead letter; what the partner should hear of it is theirs to decide.
        Outcome::Refused(refused) if refused.command.kind.ends_with(".create-case") => {
            draft.only_skip("create-refused")
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

/// The community refused something: the agents hear what did not reach the partner and why.
pub(crate) fn to_internal(draft: &mut Draft<'_, InternalCommand>, outcome: &Outcome) -> Result<(), Held> {
    if caused_by_outcome(draft.meta) {
        return draft.only_skip("caused-by-outcome");
    }
    match outcome {
        Outcome::Refused(refused) => {
            let texts = draft.bundle.agent_texts();
            let verb = refused.command.kind.rsplit('.').next().unwrap_or_default();
            let dispute = of_discrepancy(&refused.command.kind);
            let programme = of_onboarding(&refused.command.kind);
            let ways = [("discrepancy-what", dispute), ("onboarding-what", programme), ("what", true)]
                .into_iter()
                .filter(|(_, fits)| *fits);
            let known = ways.map(|(section, _)| texts.get(section, verb)).find(|text| !text.as_str().is_empty());
            let what = known.unwrap_or_else(|| texts.get("what", "other"));
            let reason = domain::text::cut(&refused.reason, 500, texts.get("agent", "cut").as_str());
            let values = [("what", what.as_str()), ("reason", reason.as_str())];
            let text = said::fill(texts.get("agent", "not_delivered").as_str(), &values);
            let note = i::AddInternalNote { text };
            if programme {
                let note = o::TaskNote { task_id: String::new(), note, only_if: None };
                let command = o::InternalCommand::AddInternalNote(note);
                draft.push("onboarding.refused", "note", InternalCommand::Onboarding(command));
            } else if dispute {
                let command = d::InternalCommand::AddInternalNote(note);
                draft.push("discrepancy.refused", "note", InternalCommand::Discrepancy(command));
            } else {
                let command = i::InternalCommand::AddInternalNote(note);
                draft.push("issue.refused", "note", InternalCommand::Issue(command));
            }
            Ok(())
        }
        Outcome::Intent(_)
        | Outcome::Done(_)
        | Outcome::NotApplied(_)
        | Outcome::Doubt(_)
        | Outcome::Skipped(_)
        | Outcome::Superseded(_)
        | Outcome::Waiting(_)
        | Outcome::Parked(_)
        | Outcome::Barrier(_) => draft.only_skip(unsaid(outcome)),
    }
}
