//! Mapping as data over a fixed engine: a [`Bundle`] is what operators write, the engine is what cannot be changed
//! by them. Both directions are pure and total functions of the bundle and one fact.
//!
//! Text of the case system reaches a partner command through `project` alone: by `Marked::for_partner`, or by a `Grant`
//! that an operator wrote into the bundle. What else partners read is a `PublicText` of the bundle itself. `clippy.toml` bans what could go around that; each use
//! in the loader carries an `expect` with its reason.

mod bundle;
mod date;
mod discrepancy;
mod document;
mod engine;
mod exposure;
mod fault;
mod files;
mod folder;
mod held;
mod issue;
mod known;
mod never;
mod onboarding;
mod outcome;
mod project;
mod read;
mod said;
mod selftest;
mod timer;
mod uploader;
mod version;

pub use bundle::Bundle;
pub use engine::{Held, Mapped, to_internal, to_partner};
pub use exposure::{Crossing, exposure};
pub use fault::Fault;
pub use held::told_of_hold;
pub use selftest::{TestResult, run_tests};
pub use version::{Admission, Inadmissible, candidate};

#[cfg(test)]
mod tests;
