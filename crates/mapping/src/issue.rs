//! Use case 1: the rules of a partner's case, both ways.

pub(crate) mod compose;
mod inward;
mod outward;
pub(crate) mod values;

pub(crate) use inward::to_internal;
pub(crate) use outward::{came_too_late, obeyed, to_partner};

use crate::engine::Draft;
use domain::Command;

/// Cases begin at the community. A record that agents made in X has none there and concerns no partner.
pub(crate) fn foreign<C: Command>(draft: &Draft<'_, C>) -> Option<&'static str> {
    (draft.meta.subject.system() != draft.bundle.community.as_str()).then_some("not-a-partner-case")
}
