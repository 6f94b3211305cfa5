//! What the contract promises, over every schema and record of it.

// Helpers here are called from tests only.
#![allow(clippy::unwrap_used)]

#[path = "support/any.rs"]
mod any;
#[path = "contract/engines.rs"]
mod engines;
#[path = "contract/evolution.rs"]
mod evolution;
#[path = "contract/hostile.rs"]
mod hostile;
#[path = "contract/lint.rs"]
mod lint;
#[path = "contract/registry.rs"]
mod registry;
#[path = "contract/round_trip.rs"]
mod round_trip;
#[path = "support/samples.rs"]
mod samples;
