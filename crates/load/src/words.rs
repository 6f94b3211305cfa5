//! What people say: chosen by seed, recognisable by token.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

const WORDS: [&str; 24] = [
    "invoice",
    "pallet",
    "Lieferung",
    "Grüße",
    "überfällig",
    "carton",
    "ASN",
    "quantity",
    "price",
    "truck",
    "Straße",
    "ORDERS",
    "997",
    "missing",
    "façade",
    "thanks",
    "please",
    "日本",
    "again",
    "<b>",
    "&amp;",
    "\"quoted\"",
    "100 %",
    "–",
];

/// One person's choices and words.
pub struct Words {
    random: StdRng,
    run: String,
    /// Tokens of different people never meet: each counts in steps of its own.
    next: u64,
    step: u64,
}

impl Words {
    pub fn new(seed: u64, run: &str, person: u64, people: u64) -> Self {
        let random = StdRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(person));
        Self { random, run: run.to_owned(), next: person + 1, step: people.max(1) }
    }

    pub fn below(&mut self, n: usize) -> usize {
        if n < 2 { 0 } else { self.random.random_range(0..n) }
    }

    pub fn percent(&mut self, chance: u32) -> bool {
        self.random.random_range(0..100) < chance
    }

    /// The position of one of the weights, each as often as it weighs.
    pub fn weighed(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().map(|w| *w as usize).sum());
        for (at, weight) in weights.iter().enumerate() {
            match left.checked_sub(*weight as usize) {
                Some(rest) => left = rest,
                None => return at,
            }
        }
        0
    }

    fn token(&mut self, head: &str) -> String {
        let number = self.next;
        self.next += self.step;
        format!("{head}-{}-{number}", self.run)
    }

    /// Of an act that may be seen by its partner.
    pub fn act(&mut self) -> String {
        self.token("act")
    }

    /// Of what must not.
    pub fn canary(&mut self) -> String {
        self.token("canary")
    }

    /// A short text, now and then a long one, that begins with the token and ends with a word.
    pub fn text(&mut self, token: &str) -> String {
        let words = if self.percent(5) { 200 } else { 3 + self.below(30) };
        self.line(token, words)
    }

    pub fn line(&mut self, token: &str, words: usize) -> String {
        let mut text = token.to_owned();
        for _ in 0..words {
            text.push(' ');
            let at = self.below(WORDS.len());
            text.push_str(WORDS.get(at).unwrap_or(&""));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_never_use_the_same_token_and_say_the_same_under_the_same_seed() {
        let said = |person| {
            let mut words = Words::new(7, "r", person, 2);
            let token = words.act();
            (token.clone(), words.text(&token))
        };
        assert_eq!(said(0), said(0));
        assert_eq!((said(0).0.as_str(), said(1).0.as_str()), ("act-r-1", "act-r-2"));
        assert!(said(0).1.starts_with("act-r-1 "));
    }

    #[test]
    fn what_weighs_nothing_is_never_chosen() {
        let mut words = Words::new(1, "r", 0, 1);
        assert!((0..1_000).all(|_| words.weighed(&[0, 3, 0, 1]) % 2 == 1));
    }
}
