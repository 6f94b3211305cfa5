//! Which fault falls when: from a seed, so that a failing run can be had again.

use crate::dice::Dice;
use std::fmt;
use std::time::Duration;

/// Faults in a seeded order with seeded waits before each. What is chosen after that, such as where a file is torn,
/// comes from the same dice: ask [`Schedule::dice`].
#[derive(Debug)]
pub struct Schedule<T> {
    seed: u64,
    rest: Vec<(Duration, T)>,
    dice: Dice,
}

impl<T: Clone> Schedule<T> {
    /// Each fault of the mix as often as it says, all together over about `time`.
    pub fn new(seed: u64, mix: &[(T, u32)], time: Duration) -> Self {
        let mut dice = Dice::new(seed);
        let mut all: Vec<T> =
            mix.iter().flat_map(|(fault, times)| std::iter::repeat_n(fault.clone(), *times as usize)).collect();
        // Fisher and Yates.
        for last in (1..all.len()).rev() {
            let other = usize::try_from(dice.below(last as u64 + 1)).unwrap_or(0);
            all.swap(last, other);
        }
        let mean = time.checked_div(u32::try_from(all.len()).unwrap_or(u32::MAX)).unwrap_or_default();
        let mut rest: Vec<_> = all.into_iter().map(|fault| (dice.between(Duration::ZERO, mean * 2), fault)).collect();
        rest.reverse();
        Self { seed, rest, dice }
    }

    /// For the choices that a fault leaves open.
    pub const fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }
}

impl<T> Iterator for Schedule<T> {
    /// How long to wait before the fault.
    type Item = (Duration, T);

    fn next(&mut self) -> Option<Self::Item> {
        self.rest.pop()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest.len(), Some(self.rest.len()))
    }
}

impl<T> fmt::Display for Schedule<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time: Duration = self.rest.iter().map(|(wait, _)| wait).sum();
        write!(f, "seed {}: {} faults over {:.0} s", self.seed, self.rest.len(), time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn each_fault_falls_as_often_as_the_mix_says_in_about_the_time_given() {
        let schedule = Schedule::new(11, &[("kill", 100), ("stop", 20), ("never", 0)], Duration::from_secs(60));
        let text = schedule.to_string();
        assert!(text.starts_with("seed 11: 120 faults over "), "{text}");
        let (mut counts, mut time) = (BTreeMap::new(), Duration::ZERO);
        for (wait, fault) in schedule {
            *counts.entry(fault).or_insert(0) += 1;
            time += wait;
        }
        assert_eq!(counts, BTreeMap::from([("kill", 100), ("stop", 20)]));
        assert!((50..70).contains(&time.as_secs()), "{time:?}");
    }

    #[test]
    fn a_seed_is_a_schedule() {
        let of = |seed| Schedule::new(seed, &[(1, 30), (2, 30)], Duration::from_secs(10)).collect::<Vec<_>>();
        assert_eq!(of(4), of(4));
        assert_ne!(of(4), of(5));
    }
}
