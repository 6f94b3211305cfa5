//! Traces, metrics, logs and the admin port.
//!
//! One struct per observable fact ([`facts`]): `fact.emit()` counts it and, where a person should know, logs it.

pub mod admin;
mod export;
pub mod facts;
pub mod http;
mod init;
pub mod trace;

pub use init::{Guard, LogFormat, TelemetryConfig, TelemetryError, init};
pub use trace::{TRACEPARENT, inject, set_parent};
