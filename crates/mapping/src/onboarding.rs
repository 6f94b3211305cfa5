//! Use case 3: the rules of onboarding, both ways.

mod inward;
mod milestones;
mod outward;
mod tasks;

pub(crate) use inward::to_internal;
pub(crate) use outward::{obeyed, to_partner};

use crate::bundle::onboarding::Onboarding;
use crate::engine::{Draft, Held};
use domain::{Command, PublicText};

/// In `ext` of a command and of its outcomes: the task it is about.
pub(crate) const TASK: &str = "about.task";

/// What the bundle says of onboarding; a link without any holds it.
fn terms<'a, C: Command>(draft: &Draft<'a, C>) -> Result<&'a Onboarding, Held> {
    draft.bundle.onboarding.as_ref().ok_or_else(|| Held::new("no-onboarding", draft.bundle.link()))
}

/// A programme begins in X; anything else is not ours.
pub(crate) fn elsewhere<C: Command>(draft: &Draft<'_, C>) -> Option<&'static str> {
    let subject = &draft.meta.subject;
    let here = subject.kind() == domain::SubjectKind::Onboarding && subject.system() == draft.bundle.internal.as_str();
    (!here).then_some("not-a-programme")
}

/// The code that partners see for X's word; an empty word is none.
fn document_type<'a>(terms: &'a Onboarding, word: &str) -> Result<Option<&'a PublicText>, Held> {
    match word.trim() {
        "" => Ok(None),
        word => terms.document_types.get(word).map(Some).ok_or_else(|| Held::new("unknown-document-type", word)),
    }
}
