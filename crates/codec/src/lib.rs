//! Avro records in the Confluent wire format, and the schema registry.
//!
//! The checked-in `schemas/` are the truth and are embedded here at build time; a running service looks its ids up and
//! registers nothing (`causeway schemas apply` does). A [`Codec`] encodes by schema, never by subject, decodes by the
//! id in the bytes with the writer's schema, and lets serde fill in what an older writer did not know. It is the one
//! place that turns bytes into text a partner may see, and the one that marks what only the host may.

mod codec;
mod describe;
mod embedded;
mod error;
mod fetched;
mod record;
mod registry;
mod shape;
mod wire;

pub mod contract;
pub mod headers;

pub use codec::Codec;
pub use describe::Described;
pub use error::{DecodeError, EncodeError, RegistryError};
pub use record::Record;
pub use registry::RegistryConfig;
pub use wire::MAX_DATUM;
