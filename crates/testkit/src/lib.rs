//! Simulation host, scenario reader, conformance suites
