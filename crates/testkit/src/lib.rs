//! Simulation host, scenario reader, conformance suites.

pub mod scenario;
pub mod sim;
