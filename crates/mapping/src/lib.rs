//! Mapping as data over a fixed engine: a [`Bundle`] is what operators write, the engine is what cannot be changed
//! by them. Both directions are pure and total functions of the bundle and one fact.

mod bundle;
mod date;
mod engine;
mod exposure;
mod fault;
mod folder;
mod issue;
mod outcome;
mod read;
mod selftest;
mod version;

pub use bundle::Bundle;
pub use engine::{Held, Mapped, to_internal, to_partner};
pub use exposure::{Crossing, exposure};
pub use fault::Fault;
pub use selftest::{TestResult, run_tests};
pub use version::{Admission, Inadmissible, candidate};

#[cfg(test)]
mod tests;
