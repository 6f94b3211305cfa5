//! Mapping as data over a fixed engine: a [`Bundle`] is what operators write, the engine is what cannot be changed
//! by them. Both directions are pure and total functions of the bundle and one fact.

mod bundle;
mod date;
mod engine;
mod fault;
mod folder;
mod read;

pub use bundle::Bundle;
pub use engine::{Held, Mapped, to_internal, to_partner};
pub use fault::Fault;
