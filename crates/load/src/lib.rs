//! People at both systems, as many and as fast as wanted: partners at the community's partner interface, agents in the
//! case system. They go on whatever happens to the systems, and journal what they have certainly done, for the
//! [`checker`] to compare with what came of it.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use load::{Community, Desk, Load, Partner, Patience, Plan, judged};
//! use std::sync::Arc;
//!
//! let partner = Partner { id: "ACME".into(), token: "of-acme".into() };
//! let plan = Plan { rate: 200, ..Plan::new("r1", 42, vec![partner]) };
//! let community = Community::new("http://127.0.0.1:8081")?;
//! let desk = Arc::new(Desk::new("http://127.0.0.1:8082", "of-an-agent")?);
//! let load = Load::begin(plan, community, desk, "people.jsonl".as_ref())?;
//! // ... kill and start again whatever is to be killed ...
//! println!("{:?}", load.end().await?);
//! let journals = checker::Journals {
//!     people: vec![checker::Source::file("people.jsonl")],
//!     community: checker::Source::file("community/changes.jsonl"),
//!     internal: checker::Internal::Desk(checker::Source::file("case-system/changes.jsonl")),
//!     rules: checker::Rules::default(),
//! };
//! print!("{}", judged(&journals, Patience::default()).await?);
//! # Ok(())
//! # }
//! ```
//!
//! The same seed makes the same choices; how they interleave depends on when the systems answer. What the acts are
//! made of keeps to what the starter bundle lets through: known codes, texts within limits, and no status that an
//! agent and a partner set against each other. A category is only suggested and a title never changed, because a note
//! about such a change quotes what was there before.

mod answer;
mod case_system;
mod community;
mod desk;
mod journal;
mod load;
mod person;
mod plan;
mod rest;
mod rt;
mod words;

pub use answer::Answer;
pub use case_system::{AgentAct, Asked, CaseSystem, Done as AgentDone, Made};
pub use community::{Community, PartnerAct, View};
pub use desk::Desk;
pub use load::{Done, Load};
pub use plan::{Mapped, Mix, Partner, Plan};
pub use rest::{Patience, judged};
pub use rt::{Doubles, Rt};

use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("a plan needs partners, people, and a run of lower-case letters and digits")]
    Plan,
    #[error("cannot write {}", path.display())]
    Journal { path: PathBuf, source: std::io::Error },
    #[error("the people's journal is not durable any more")]
    NotDurable,
    #[error("{path} was answered {status} {code}: it is asked wrongly")]
    Wrong { path: String, status: u16, code: String },
    #[error("{act} got no answer for too long")]
    Silent { act: String },
    #[error("cannot make a client")]
    Client(#[source] reqwest::Error),
    #[error("a person panicked")]
    Panicked,
}

fn client() -> Result<reqwest::Client, LoadError> {
    reqwest::Client::builder().connect_timeout(Duration::from_secs(2)).build().map_err(LoadError::Client)
}
