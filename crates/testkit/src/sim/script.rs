//! The seam for scenarios: people who follow a script, and systems that hold more than a desk does. The host, the log
//! and the rules of delivery stay the simulation's own.

use domain::{
    Actor, Envelope, Environment, InternalCommand, InternalEvent, PartnerCommand, PartnerEvent, PartnerId, Subject,
    Visibility,
};
use ports::CallError;
use std::collections::BTreeMap;
use std::fmt;

/// What the feed of a system tells of a person's act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Partner(PartnerEvent),
    Internal(InternalEvent),
}

/// A person's act on a record, as the feed tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub said: Said,
    /// The status it leaves, where it moves it.
    pub status: Option<String>,
    /// Of a new record; other acts belong to the record they name.
    pub subject: Option<Subject>,
    pub partner: Option<PartnerId>,
    pub actor: Actor,
    pub visibility: Visibility,
    pub environment: Environment,
    pub ext: BTreeMap<String, String>,
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// On the record of this native id; `None` makes a new one. The side is that of what is said.
    Do(Option<String>, Box<Told>),
    /// Nothing yet: ask again a little later.
    Later,
    /// Nothing before that moment.
    At(i64),
    /// Nothing any more.
    Over,
}

/// The people of a scenario.
pub trait People {
    /// `now` is simulated time in milliseconds; it only grows.
    fn next(&mut self, now: i64) -> Next;
}

/// What a system makes of a command on the record of that native id, called once per arrival: also for a repeat that
/// no rule held back. An error other than an unknown outcome means that nothing was changed.
pub struct Office<C>(Box<Obey<C>>);

type Obey<C> = dyn FnMut(&str, &Envelope<C>) -> Result<(), CallError>;

impl<C> Office<C> {
    pub fn new(obey: impl FnMut(&str, &Envelope<C>) -> Result<(), CallError> + 'static) -> Self {
        Self(Box::new(obey))
    }
    pub(super) fn obey(&mut self, native: &str, command: &Envelope<C>) -> Result<(), CallError> {
        (self.0)(native, command)
    }
}

impl<C> fmt::Debug for Office<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Office")
    }
}

/// Everything a scenario brings.
pub struct Stage<'a> {
    pub people: &'a mut dyn People,
    pub community: Office<PartnerCommand>,
    pub internal: Office<InternalCommand>,
}
