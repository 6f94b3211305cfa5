//! What became of a document of the house's own at the community, told to its agents.

use super::VERSION;
use super::inward::push;
use super::sharing::SECTION;
use crate::engine::{Draft, Held};
use crate::outcome::unsaid;
use crate::said::{cut_marker, fill};
use domain::document::InternalCommand as C;
use domain::issue::AddInternalNote;
use domain::text::cut;
use domain::{InternalCommand, Outcome};

type Rules<'a> = Draft<'a, InternalCommand>;

/// As the sink says it of a command for a record that is not there.
const NO_BOND: &str = "no-bond";
/// As the sink says it of a second first version.
const BONDED: &str = "already-bonded";

pub(crate) fn is_of_sharing(outcome: &Outcome) -> bool {
    let kind = outcome.command().map_or("", |command| command.kind.as_str());
    ["partner.document.publish", "partner.document.publish-version"].contains(&kind)
}

/// Each outcome once: that the partner has it, or why not.
pub(crate) fn of_sharing(draft: &mut Rules<'_>, outcome: &Outcome) -> Result<(), Held> {
    match outcome {
        Outcome::Done(_) => note(draft, "published", ""),
        Outcome::Refused(refused) => note(draft, "not-published", &refused.reason),
        Outcome::Parked(parked) => note(draft, "not-published", &parked.reason),
        Outcome::Skipped(skipped) if skipped.rule == BONDED => note(draft, "not-published", BONDED),
        Outcome::Waiting(waiting) if waiting.reason == NO_BOND => note(draft, "not-published", NO_BOND),
        Outcome::Intent(_)
        | Outcome::NotApplied(_)
        | Outcome::Doubt(_)
        | Outcome::Skipped(_)
        | Outcome::Superseded(_)
        | Outcome::Waiting(_)
        | Outcome::Barrier(_) => return draft.only_skip(unsaid(outcome)),
    }
    Ok(())
}

fn note(draft: &mut Rules<'_>, key: &str, reason: &str) {
    let texts = draft.bundle.agent_texts();
    let version = draft.meta.ext.get(VERSION).map_or("", String::as_str);
    let said = texts.get(SECTION, reason).as_str();
    // What the community says of itself is told as it is.
    let reason = if said.is_empty() { cut(reason, 500, &cut_marker(draft)) } else { said.to_owned() };
    let text = fill(texts.get(SECTION, key).as_str(), &[("version", version), ("reason", &reason)]);
    push(draft, "document.shared-outward", "note", C::AddInternalNote(AddInternalNote { text }));
}
