use domain::{Cause, Envelope, Fact, InternalCommand};

/// What one fact leads to.
pub struct Mapped<C> {
    pub commands: Vec<Envelope<C>>,
    /// What agents are told where their own doing is held.
    pub told: Vec<Envelope<InternalCommand>>,
    pub skipped: Vec<&'static str>,
    /// Reason word and detail of a hold.
    pub held: Option<(&'static str, String)>,
}

/// A pure function of the fact and where it stands.
pub type MapFn<E, C> = Box<dyn Fn(&Envelope<Fact<E>>, &Cause) -> Mapped<C> + Send>;

/// What makes a transformer this transformer.
pub struct TransformSpec<E, C> {
    /// Also the group's name.
    pub role: &'static str,
    pub events: &'static str,
    pub outcomes: &'static str,
    /// What time has made due.
    pub service_levels: &'static str,
    pub commands: &'static str,
    /// Where agents are told of what is held; the same as `commands` for who speaks to them anyway.
    pub told: &'static str,
    /// Names of their dead letters; of `events`, `outcomes` and `service_levels`.
    pub dead_letters: [&'static str; 3],
    pub mapping_version: i64,
    pub map: MapFn<E, C>,
}
