//! Chance from a seed, so that a run can be had again.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::time::Duration;

/// The same seed yields the same throws.
#[derive(Debug)]
pub struct Dice(StdRng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// 0 up to, not including, `limit`; 0 where the limit is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.0.random_range(0..limit) }
    }

    pub fn between(&mut self, from: Duration, to: Duration) -> Duration {
        let span = to.saturating_sub(from).as_micros();
        from + Duration::from_micros(self.below(u64::try_from(span).unwrap_or(u64::MAX).saturating_add(1)))
    }

    /// `None` only for an empty slice.
    pub fn one_of<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(usize::try_from(self.below(of.len() as u64)).unwrap_or(0))
    }

    /// True once in `n` throws, on average.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n.max(1)) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_one_sequence() {
        let throws = |seed| -> Vec<u64> {
            let mut dice = Dice::new(seed);
            (0..50).map(|_| dice.below(1000)).collect()
        };
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
    }

    #[test]
    fn a_span_holds_its_ends_and_an_empty_one_is_no_trouble() {
        let mut dice = Dice::new(1);
        let (from, to) = (Duration::from_micros(5), Duration::from_micros(7));
        let thrown: std::collections::BTreeSet<_> = (0..100).map(|_| dice.between(from, to)).collect();
        assert_eq!(thrown.len(), 3);
        assert_eq!(dice.between(to, from), to);
        assert_eq!(dice.one_of::<u8>(&[]), None);
    }
}
