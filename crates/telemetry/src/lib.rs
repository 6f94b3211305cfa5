//! Traces, metrics and the admin port
