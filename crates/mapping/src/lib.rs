//! Mapping as data over a fixed engine: a [`Bundle`] is what operators write, the engine is what cannot be changed
//! by them. Both directions are pure and total functions of the bundle and one fact.

mod bundle;
mod engine;
mod fault;

pub use bundle::Bundle;
pub use engine::{Held, Mapped, to_internal, to_partner};
pub use fault::Fault;
