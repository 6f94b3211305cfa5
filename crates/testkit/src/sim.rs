//! One seed, one run: the rules of delivery between two simulated systems, over a simulated log, with a simulated
//! clock and every fault the seed asks for. Nothing here waits, and two runs of one seed are the same to the byte.

mod checker;
mod desk;
mod faults;
mod half;
mod ingest;
mod log;
mod mapping;
mod memory;
mod obey;
mod people;
#[cfg(test)]
mod revision;
mod rng;
mod script;
mod sink;
#[cfg(test)]
mod sink_life;
mod tiny;
mod tracker;
mod transform;
mod world;

pub use checker::Violation;
pub use faults::{CRASH_POINTS, Faults, Lost, Sabotage};
pub use mapping::{Mapped, Mapping, Timers};
pub use people::Action;
pub use script::{Next, Office, People, Said, Stage, Told};
pub use tiny::Tiny;
pub use world::{Report, Setup, play, run};
