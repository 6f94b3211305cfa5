//! Simulation host, scenario reader, conformance suites.

pub mod sim;
