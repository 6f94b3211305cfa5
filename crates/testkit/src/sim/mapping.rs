use domain::{Cause, Envelope, Fact, InternalCommand, InternalEvent, PartnerCommand, PartnerEvent};

/// What a fact led to.
#[derive(Debug)]
pub struct Mapped<C> {
    pub commands: Vec<Envelope<C>>,
    /// Dead letters of class HOLD, by reason.
    pub held: Vec<String>,
}

/// The seam where the mapping is plugged in: pure, total, the same for a repeat of the same fact.
pub trait Mapping {
    fn partner(&self, fact: &Envelope<Fact<PartnerEvent>>, cause: &Cause) -> Mapped<InternalCommand>;
    fn internal(&self, fact: &Envelope<Fact<InternalEvent>>, cause: &Cause) -> Mapped<PartnerCommand>;
}
