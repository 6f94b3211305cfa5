//! The independent judge of the pipeline.
//!
//! It knows no type of ours and none of our rules but the few in [`Rules`]. It reads journals that were on disk before
//! anybody was told of what they say: what **people** certainly did at both systems ([`Line`], written by whoever plays
//! them), and what both **systems** really hold. Texts carry a token each ([`tokens`]) and are compared by length and
//! hash ([`Digest`]), so that a prefix or a signature that the mapping adds does not matter. What it finds is
//! [`Kind`]; for what it does not find it prints how many it looked at, and the bound that this number supports (rule
//! of three, 95 %).
//!
//! ```no_run
//! use checker::{Internal, Journals, Source, check};
//!
//! let journals = Journals {
//!     people: vec![Source::file("people.jsonl")],
//!     community: Source::file("community/changes.jsonl"),
//!     internal: Internal::Desk(Source::file("case-system/changes.jsonl")),
//!     rules: checker::Rules::default(),
//! };
//! let verdict = check(&journals)?;
//! print!("{verdict}");
//! assert!(verdict.is_clean());
//! # Ok::<(), checker::CheckError>(())
//! ```
//!
//! It judges what **is**: what is still under way is lost to it. So call it when both systems have come to rest, or
//! again until it finds nothing.
//!
//! How it works, in time linear in the journals and with a few dozen bytes for each act and effect (texts are hashed
//! and dropped):
//!
//! 1. Acts are read from the people's journals, by token.
//! 2. Each change in a system's journal is either a person's (or the system's own), which gives the acts of one case
//!    and direction their order, or the pipeline's, which is looked through for tokens: an effect, an echo, a leak, or
//!    something that nobody asked for.
//! 3. Statuses carry no token. Those that people set in the case system must be found, in their order, in what the
//!    community was told; and in the end both sides must agree.
//!
//! What it leaves to others: documents, and everything whose text was changed by a person on the way.

mod act;
mod digest;
mod finding;
mod judge;
mod observed;
mod read;
mod rules;
mod source;
mod token;

pub use act::{Act, Effect, Line, Settled, Side};
pub use digest::Digest;
pub use finding::{Finding, KINDS, Kind, Place, Verdict};
pub use observed::{Author, Observed, What};
pub use rules::{Answer, Rules};
pub use source::Source;
pub use token::{is_canary, tokens};

use std::collections::HashMap;

/// All that is judged together.
#[derive(Clone, Debug)]
pub struct Journals {
    /// As many as there were people's journals.
    pub people: Vec<Source>,
    /// `changes.jsonl` of the simulated community.
    pub community: Source,
    pub internal: Internal,
    pub rules: Rules,
}

/// What tells of the case system.
#[derive(Clone, Debug)]
pub enum Internal {
    /// `changes.jsonl` of the simulated case system.
    Desk(Source),
    /// Lines of [`Observed`], for any other.
    Observed(Source),
}

/// A journal that cannot be read at all. Damage inside one is a finding.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {journal}")]
pub struct CheckError {
    pub journal: String,
    pub source: std::io::Error,
}

/// Judges. Findings come in no order that matters.
pub fn check(journals: &Journals) -> Result<Verdict, CheckError> {
    let mut judge = judge::Judge::new(&journals.rules);
    for people in &journals.people {
        read::people(&mut judge, people)?;
    }
    read::side(&mut judge, Side::Partner, &journals.community, read::community::parse)?;
    match &journals.internal {
        Internal::Desk(source) => {
            let mut desk = read::desk::Desk { prefix: &journals.rules.subject_prefix, tickets: HashMap::new() };
            read::side(&mut judge, Side::Internal, source, |line| desk.parse(line))?;
        }
        Internal::Observed(source) => read::side(&mut judge, Side::Internal, source, read::observed)?,
    }
    Ok(judge.finish())
}
