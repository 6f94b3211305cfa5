//! Use case 4: the rules of a discrepancy, both ways.

mod compose;
mod inward;
mod lines;
mod outward;
mod render;

pub(crate) use inward::to_internal;
pub(crate) use outward::{acknowledge, came_too_late, obeyed, to_partner};

use crate::bundle::discrepancy::Discrepancies;
use crate::engine::{Draft, Held};
use domain::Command;

/// What the bundle says of discrepancies; a link without any holds them.
fn terms<'a, C: Command>(draft: &Draft<'a, C>) -> Result<&'a Discrepancies, Held> {
    draft.bundle.discrepancies.as_ref().ok_or_else(|| Held::new("no-discrepancies", draft.bundle.link()))
}
