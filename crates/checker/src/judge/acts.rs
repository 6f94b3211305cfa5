//! What people did, by token and by the id that the system gave it.

use super::At;
use crate::act::{Act, Effect, Settled, Side};
use crate::observed::Observed;
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    No,
    /// Asked for; nobody knows yet.
    Perhaps,
}

#[derive(Debug)]
pub(super) struct Known {
    pub act: Act,
    pub taken: Taken,
    /// Where the people's journal says so, or, where none does, where it was first seen.
    pub told: At,
    /// How often it stands in its own system's journal, and where first.
    pub origins: u32,
    /// The system's word for it there. One request may be two changes; only the same one again is a second act.
    pub origin_kind: String,
    pub first: Option<At>,
    /// Grows along its own system's journal.
    pub ordinal: Option<u64>,
    /// It changed a status.
    pub moves: bool,
    pub effects: u32,
    pub last_effect: Option<At>,
    pub echoed: bool,
    /// Its effect is somewhere else, which was said: it is not lost besides.
    pub elsewhere: bool,
}

#[derive(Debug, Default)]
pub(super) struct Acts {
    all: Vec<Known>,
    by_token: HashMap<String, usize>,
    by_native: HashMap<(Side, String), usize>,
}

impl Acts {
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn get(&self, at: usize) -> Option<&Known> {
        self.all.get(at)
    }

    pub fn get_mut(&mut self, at: usize) -> Option<&mut Known> {
        self.all.get_mut(at)
    }

    pub fn find(&self, token: &str) -> Option<usize> {
        self.by_token.get(token).copied()
    }

    pub fn by_native(&self, side: Side, native: &str) -> Option<usize> {
        if native.is_empty() { None } else { self.by_native.get(&(side, native.to_owned())).copied() }
    }

    /// Of two lines about one act the more certain one holds.
    pub fn told(&mut self, act: Act, taken: Taken, told: At) {
        match self.find(&act.token) {
            None => {
                self.insert(act, taken, told);
            }
            Some(at) => {
                self.name(at, act.side, &act.native);
                if let Some(known) = self.all.get_mut(at).filter(|_| taken == Taken::Yes) {
                    (known.act, known.taken) = (act, taken);
                }
            }
        }
    }

    pub fn settled(&mut self, settled: Settled) {
        let Some(at) = self.find(&settled.token) else { return };
        let Some(known) = self.all.get_mut(at) else { return };
        known.taken = if settled.taken { Taken::Yes } else { Taken::No };
        if !settled.subject.is_empty() {
            known.act.subject = settled.subject;
        }
        let side = known.act.side;
        self.name(at, side, &settled.native);
        if let Some(known) = self.all.get_mut(at).filter(|_| !settled.native.is_empty()) {
            known.act.native = settled.native;
        }
    }

    fn name(&mut self, at: usize, side: Side, native: &str) {
        if !native.is_empty() {
            self.by_native.insert((side, native.to_owned()), at);
        }
    }

    fn insert(&mut self, act: Act, taken: Taken, told: At) -> usize {
        let at = self.all.len();
        self.by_token.insert(act.token.clone(), at);
        self.name(at, act.side, &act.native);
        self.all.push(Known {
            act,
            taken,
            told,
            origins: 0,
            origin_kind: String::new(),
            first: None,
            ordinal: None,
            moves: false,
            effects: 0,
            last_effect: None,
            echoed: false,
            elsewhere: false,
        });
        at
    }

    /// The act of a token that a person wrote, made where no journal tells of it: its writer may have died between the
    /// act and the line. It is not known how it should show, so only what must not be is judged.
    pub fn or_unknown(&mut self, token: &str, side: Side, o: &Observed, at: At) -> usize {
        self.find(token).unwrap_or_else(|| {
            let (token, partner, subject) = (token.to_owned(), o.partner.clone(), o.subject.clone());
            let act =
                Act { token, side, partner, subject, kind: o.kind.clone(), effect: Effect::None, ..Act::default() };
            self.insert(act, Taken::Perhaps, at)
        })
    }
}
