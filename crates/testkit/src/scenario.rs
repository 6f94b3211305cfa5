//! Scenarios: what people on both sides do, and what both sides must see in the end. One file says it once; it is
//! played on the mapping alone, in the simulation under faults, and on the real parts.
//!
//! Files are TOML under `tests/scenarios/<use case>/NN-name.toml` and are read strictly: [`read`] names the file and the
//! line of every mistake.

mod community;
mod dates;
mod expect;
mod level1;
mod level2;
mod mapper;
mod player;
mod read;
pub mod sentinel;
mod step;
mod systems;
mod tickets;
mod waits;

pub use dates::{days_since_told, moved};
pub use expect::{Depth, DocumentView, Expect, TicketView, View};
pub use level1::play_on_mapping;
pub use level2::{Variant, play_in_simulation};
pub use mapper::load_starter_bundle;
pub use read::{Fault, read, read_folder, read_folder_as};
pub use step::{
    Act, Agent, Case, File, NewPaper, NewProgramme, NewTask, Open, Partner, Raise, Share, Step, TaskLine, contested,
    day, decision_line, document, file_line, hash_of, line, newer_version, outcome_line, readiness_line,
};
pub use systems::Systems;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// Stands in every text that an agent writes for colleagues. Wherever a partner could see it, something leaked.
pub const CANARY: &str = "canary-4f1c9e-internal";

/// What a scenario is played on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The mapping engine with the starter bundle, between plain models of both systems.
    Mapping,
    /// The same, with the rules of delivery between them, on a simulated log, under faults.
    Simulation,
    /// Apache Kafka, a registry, Request Tracker, the simulated community, one process per role.
    Real,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::Mapping, Self::Simulation, Self::Real];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mapping => "mapping",
            Self::Simulation => "simulation",
            Self::Real => "real",
        }
    }

    /// By name or by number from 1.
    pub fn parse(word: &str) -> Option<Self> {
        let number = word.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        number
            .and_then(|at| Self::ALL.get(at).copied())
            .or_else(|| Self::ALL.into_iter().find(|level| level.as_str() == word))
    }
}

/// One file.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// `01-issue/03-name`.
    pub name: String,
    pub title: String,
    pub levels: Vec<Level>,
    pub steps: Vec<Step>,
    /// In the end, by case.
    pub expect: Vec<(Case, Expect)>,
}

impl Scenario {
    pub fn runs_at(&self, level: Level) -> bool {
        self.levels.contains(&level)
    }

    /// Cases that partners open, in order, without repeats.
    pub fn cases(&self) -> Vec<&Case> {
        let mut seen = BTreeSet::new();
        let opens = self.steps.iter().filter(|step| step.opens_as().is_some());
        opens.map(|step| &step.case).filter(|case| seen.insert(*case)).collect()
    }

    pub fn partner_of(&self, case: &Case) -> &str {
        self.steps.iter().filter(|step| step.case == *case).find_map(Step::opens_as).unwrap_or_default()
    }
}

/// What went otherwise than a scenario says, one line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub failures: Vec<String>,
    /// `type` of every event that was mapped.
    pub kinds: BTreeSet<&'static str>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failures.iter().try_for_each(|failure| writeln!(f, "  {failure}"))
    }
}

/// The project's scenarios.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios")
}

/// The bundle that the scenarios are about.
pub fn starter_bundle() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/bundles/rt")
}
