//! Level 2: the mapping and the rules of delivery, on a simulated log, under faults.

use super::mapper::Mapper;
use super::player::Player;
use super::systems::Systems;
use super::{Level, Scenario, Verdict};
use crate::sim::{Faults, Lost, Office, Stage, play};
use mapping::Bundle;
use std::cell::RefCell;
use std::rc::Rc;

/// What goes wrong while a scenario is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    Plain,
    /// Every record is delivered two times, at every station.
    EverythingTwice,
    /// Every first call fails, and the sink is told so.
    EveryCallFails,
    /// Every first call is lost on its way to the system.
    EveryCallLost,
    /// Every first call is carried out, and the answer is lost.
    EveryAnswerLost,
}

impl Variant {
    pub const ALL: [Self; 5] =
        [Self::Plain, Self::EverythingTwice, Self::EveryCallFails, Self::EveryCallLost, Self::EveryAnswerLost];

    fn faults(self) -> Faults {
        let none = Faults::none();
        match self {
            Self::Plain => none,
            Self::EverythingTwice => Faults { everything_twice: true, ..none },
            Self::EveryCallFails => Faults { every_call_fails_once: true, ..none },
            Self::EveryCallLost => Faults { first_call_lost: Some(Lost::BeforeApply), search_lag: 400, ..none },
            Self::EveryAnswerLost => Faults { first_call_lost: Some(Lost::AfterApply), search_lag: 400, ..none },
        }
    }
}

pub fn play_in_simulation(scenario: &Scenario, bundle: &Bundle, variant: Variant, seed: u64) -> Verdict {
    let systems = Rc::new(RefCell::new(Systems::default()));
    let mapper = Mapper::new(bundle, systems.clone());
    let mut player = Player::new(scenario, systems.clone());
    let (community, internal) = (systems.clone(), systems);
    let stage = Stage {
        people: &mut player,
        community: Office::new(move |native, command| community.borrow_mut().community_obeys(native, command)),
        internal: Office::new(move |native, command| internal.borrow_mut().internal_obeys(native, command)),
    };
    let report = play(seed, variant.faults(), &mapper, stage);
    let mut verdict = player.verdict(Level::Simulation);
    verdict.failures.extend(report.violations.iter().map(|violation| format!("{}: {violation}", scenario.name)));
    for failure in &mut verdict.failures {
        *failure = format!("{failure} [{variant:?}, seed {seed}]");
    }
    verdict
}
