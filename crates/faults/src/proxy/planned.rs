//! Which call meets which fault.

use super::frame::Api;
use crate::dice::Dice;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What befalls one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Carried out, and answered after this long.
    Late(Duration),
    /// Reaches the broker after this long, and is answered.
    Held(Duration),
    /// Carried out, but the connection is cut instead of an answer: the client cannot know what became of it.
    CutAfter,
    /// The connection is cut and nothing is carried out.
    CutBefore,
    /// The connection is cut at once, and the request reaches the broker after this long all the same: the client has
    /// asked again by then, perhaps even begun something new.
    Stray(Duration),
}

impl Fault {
    const fn name(self) -> &'static str {
        match self {
            Self::Late(_) => "late",
            Self::Held(_) => "held",
            Self::CutAfter => "cut after",
            Self::CutBefore => "cut before",
            Self::Stray(_) => "stray",
        }
    }
}

/// How often each fault has befallen each kind of call.
pub type Befell = BTreeMap<(Api, &'static str), u64>;

/// Shared by a test and its proxy. Empty until a test adds to it.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Mutex<Plans>>);

#[derive(Debug)]
struct Plans {
    planned: Vec<(Api, Fault, u32)>,
    chances: Vec<(Api, Fault, u64)>,
    dice: Dice,
    befell: Befell,
    seen: BTreeMap<Api, u64>,
}

impl Faults {
    /// The seed decides what [`Self::chance`] hits, as far as the calls come in the same order.
    pub fn seeded(seed: u64) -> Self {
        let (planned, chances) = (Vec::new(), Vec::new());
        let plans = Plans { planned, chances, dice: Dice::new(seed), befell: BTreeMap::new(), seen: BTreeMap::new() };
        Self(Arc::new(Mutex::new(plans)))
    }

    fn plans(&self) -> MutexGuard<'_, Plans> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next `times` calls of this kind meet the fault. Several plans for one kind are met one after the other.
    pub fn plan(&self, api: Api, fault: Fault, times: u32) {
        self.plans().planned.push((api, fault, times));
    }

    /// Every `n`-th call of this kind, on average, meets the fault, until [`Self::calm`].
    pub fn chance(&self, api: Api, fault: Fault, n: u64) {
        self.plans().chances.push((api, fault, n));
    }

    /// Nothing more befalls anyone.
    pub fn calm(&self) {
        let mut plans = self.plans();
        plans.planned.clear();
        plans.chances.clear();
    }

    /// Nothing befalls anyone by chance any more; what is planned stays.
    pub fn calm_chances(&self) {
        self.plans().chances.clear();
    }

    /// Planned faults that nothing has met yet.
    pub fn left(&self) -> u32 {
        self.plans().planned.iter().map(|(_, _, times)| times).sum()
    }

    pub fn befell(&self) -> Befell {
        self.plans().befell.clone()
    }

    /// How many calls of this kind came through.
    pub fn seen(&self, api: Api) -> u64 {
        self.plans().seen.get(&api).copied().unwrap_or(0)
    }

    pub(super) fn next(&self, api: Api) -> Option<Fault> {
        let mut plans = self.plans();
        *plans.seen.entry(api).or_default() += 1;
        let found = plans.next(api)?;
        *plans.befell.entry((api, found.name())).or_default() += 1;
        Some(found)
    }
}

impl Plans {
    fn next(&mut self, api: Api) -> Option<Fault> {
        if let Some((_, fault, times)) = self.planned.iter_mut().find(|(of, _, times)| *of == api && *times > 0) {
            *times -= 1;
            let fault = *fault;
            self.planned.retain(|(_, _, times)| *times > 0);
            return Some(fault);
        }
        let dice = &mut self.dice;
        self.chances.iter().find(|(of, _, n)| *of == api && dice.once_in(*n)).map(|(_, fault, _)| *fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_befalls_what_it_names_as_often_as_it_says_and_is_counted() {
        let faults = Faults::seeded(1);
        faults.plan(Api::END_TXN, Fault::CutAfter, 2);
        assert_eq!(faults.next(Api::FETCH), None);
        assert_eq!(faults.left(), 2);
        assert_eq!(faults.next(Api::END_TXN), Some(Fault::CutAfter));
        assert_eq!(faults.next(Api::END_TXN), Some(Fault::CutAfter));
        assert_eq!(faults.next(Api::END_TXN), None);
        assert_eq!(faults.befell(), BTreeMap::from([((Api::END_TXN, "cut after"), 2)]));
        assert_eq!(faults.seen(Api::END_TXN), 3);
    }

    #[test]
    fn chance_follows_its_seed_and_ends_with_calm() {
        let hits = |seed| -> Vec<bool> {
            let faults = Faults::seeded(seed);
            faults.chance(Api::END_TXN, Fault::CutBefore, 4);
            let hits = (0..200).map(|_| faults.next(Api::END_TXN).is_some()).collect();
            faults.calm();
            assert!((0..50).all(|_| faults.next(Api::END_TXN).is_none()));
            hits
        };
        assert_eq!(hits(3), hits(3));
        let share = hits(3).into_iter().filter(|hit| *hit).count();
        assert!((25..75).contains(&share), "{share} of 200");
    }
}
