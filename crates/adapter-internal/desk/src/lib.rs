//! The simulated case system of this project (`schemas/case-system.openapi.yaml`) as the case system.
//!
//! [`DeskTarget`] obeys commands, [`DeskFeed`] tells what changed, [`NudgeVerifier`] knows a genuine nudge. For
//! newcomers without a Request Tracker and for large fault tests; it joins no product.
//!
//! Every write carries the command's marker and expires (`X-Not-After`), so that nothing appears after a call was given
//! up for ever; every write is found again in the ticket's own history, which never lags. Only the search for a ticket
//! by its external id may, and external ids are not unique there: one caller per subject and a look before a create are
//! what prevents doubles.

mod api;
mod config;
mod error;
mod feed;
mod hook;
mod http;
mod preflight;
mod target;
mod wire;

pub use config::{Config, Ready};
pub use feed::DeskFeed;
pub use hook::NudgeVerifier;
pub use preflight::preflight;
pub use target::DeskTarget;
