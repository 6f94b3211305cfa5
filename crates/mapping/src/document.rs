//! Use case 2: the rules of a document, both ways.

mod compose;
mod decision;
mod expiry;
mod inward;
mod merge;
mod outward;
mod sharing;
mod told;

pub(crate) use expiry::{due, is_reminded, reminded};
pub(crate) use inward::{to_internal, told};
pub(crate) use merge::came_too_late;
pub(crate) use outward::{acknowledge, obeyed, refused, to_partner};
pub(crate) use told::{is_of_sharing, of_sharing};

use crate::bundle::document::Documents;
use crate::engine::{Draft, Held};
use domain::Command;

/// The version that a command is about, beside it: for what is to be said when it was carried out or refused.
const VERSION: &str = domain::document::ABOUT_VERSION;
/// Why its file was withheld, in the words of the bundle's rules.
const WITHHELD: &str = "about.withheld";
/// X's side would not let a version's file in, and the agents do not know yet.
const FILE_REFUSED: &str = "about.file-refused";

/// What the bundle says of documents; a link without any holds them.
fn terms<'a, C: Command>(draft: &Draft<'a, C>) -> Result<&'a Documents, Held> {
    draft.bundle.documents.as_ref().ok_or_else(|| Held::new("no-documents", draft.bundle.link()))
}
