//! What became of commands, told to the other side. The same for every use case but for the two rules named here.

use crate::engine::{Draft, Held};
use crate::{discrepancy, document, issue, project, said};
use domain::{InternalCommand, Outcome, PartnerCommand, discrepancy as d, issue as i};

/// A command's use case: the second word of its type.
fn use_case(kind: &str) -> &str {
    kind.split('.').nth(1).unwrap_or_default()
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

/// The community refused something: the agents hear what did not reach the partner and why.
pub(crate) fn to_internal(draft: &mut Draft<'_, InternalCommand>, outcome: &Outcome) -> Result<(), Held> {
    if caused_by_outcome(draft.meta) {
        // The one step further: what X's side found in a file is told to the agents once its uploader knows. It is a note,
        // whose own outcome was caused by an outcome too and ends here.
        let told = matches!(outcome, Outcome::Done(done) if done.command.kind == "partner.document.reject-file");
        return match told.then(|| document::told(draft)).flatten() {
            Some(()) => Ok(()),
            None => draft.only_skip("caused-by-outcome"),
        };
    }
    match outcome {
        Outcome::Refused(refused) => {
            let texts = draft.bundle.agent_texts();
            let verb = refused.command.kind.rsplit('.').next().unwrap_or_default();
            let of = use_case(&refused.command.kind);
            let ways = [format!("{of}-what"), "what".to_owned()];
            let known = ways.iter().map(|section| texts.get(section, verb)).find(|text| !text.as_str().is_empty());
            let what = known.unwrap_or_else(|| texts.get("what", "other"));
            let reason = domain::text::cut(&refused.reason, 500, texts.get("agent", "cut").as_str());
            let values = [("what", what.as_str()), ("reason", reason.as_str())];
            let text = said::fill(texts.get("agent", "not_delivered").as_str(), &values);
            let note = i::AddInternalNote { text };
            match of {
                "discrepancy" => {
                    let command = d::InternalCommand::AddInternalNote(note);
                    draft.push("discrepancy.refused", "note", InternalCommand::Discrepancy(command));
                }
                "document" => document::not_delivered(draft, note),
                _ => {
                    let command = i::InternalCommand::AddInternalNote(note);
                    draft.push("issue.refused", "note", InternalCommand::Issue(command));
                }
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
