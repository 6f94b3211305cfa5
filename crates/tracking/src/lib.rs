//! What is waited for and when it is due: pure folds over what the log says of one subject.
//!
//! No clock and no I/O. Records may come in any order between topics and as often as they like: the fold is the same.
//! Rules say when something is due; they are not part of the fold, so that a new bundle needs no new fold.

mod discrepancy;
mod document;
mod due;
mod heard;
mod issue;
mod onboarding;
mod tracked;

pub use due::{due, next};
pub use heard::Heard;
pub use tracked::{Open, Tracked};

#[cfg(test)]
mod tests;
