//! Systems that implement our contracts, and misbehave on demand.
//!
//! [`community`] is **not** a model of any product's API: no public API of OpenText Active Community exists. It
//! implements the contract of this project, `schemas/trading-grid.openapi.yaml`, and nothing else.

pub mod community;
pub mod serve;
