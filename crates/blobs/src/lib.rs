//! The bytes of files while they cross: a content-addressed blob store over `object_store` (a folder, or anything that
//! speaks S3), the scanner that has to agree, [`Taker`] that brings a file in before its event is published, and
//! [`Cleared`] that lets it out only with a verdict.
//!
//! Memory is bounded by the size of a part, however large the file is.

mod clamd;
mod cleared;
pub mod config;
mod crypto;
mod incoming;
mod source;
mod store;
mod taker;
mod wire;

pub use clamd::{Address, Clamd};
pub use cleared::Cleared;
pub use config::{Config, Ready};
pub use store::ObjectBlobs;
pub use taker::Taker;
