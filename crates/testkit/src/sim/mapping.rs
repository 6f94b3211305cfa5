use domain::timer::Rule;
use domain::{Cause, Envelope, Fact, InternalCommand, InternalEvent, PartnerCommand, PartnerEvent, Timestamp};

/// What a fact led to: `C` for the other side, `B` for the side that said it.
#[derive(Debug)]
pub struct Mapped<C, B> {
    pub commands: Vec<Envelope<C>>,
    /// Where something was held.
    pub back: Vec<Envelope<B>>,
    /// Dead letters of class HOLD, by reason.
    pub held: Vec<String>,
}

/// Rules for timers, and the moment of the calendar at which simulated time begins.
#[derive(Clone, Copy, Debug)]
pub struct Timers<'r> {
    pub rules: &'r [Rule],
    pub epoch: i64,
}

impl Timers<'_> {
    /// An outcome bears the time that its command was dated with; everything else is in simulated time.
    pub const fn dated(&self, at: Timestamp) -> Timestamp {
        if at.0 >= self.epoch { at } else { at.plus_millis(self.epoch) }
    }
}

/// The seam where the mapping is plugged in: pure, total, the same for a repeat of the same fact.
pub trait Mapping {
    fn partner(&self, fact: &Envelope<Fact<PartnerEvent>>, cause: &Cause) -> Mapped<InternalCommand, PartnerCommand>;
    fn internal(&self, fact: &Envelope<Fact<InternalEvent>>, cause: &Cause) -> Mapped<PartnerCommand, InternalCommand>;
    /// When something is due; nothing ever, unless a mapping says so.
    fn timers(&self) -> Timers<'_> {
        Timers { rules: &[], epoch: 0 }
    }
}
