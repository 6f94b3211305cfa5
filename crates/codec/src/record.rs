/// A record of the contract: [`domain::Envelope`] of an event, command or outcome, or a compacted topic's record.
pub trait Record: Sized + sealed::Sealed {}

mod sealed {
    pub trait Sealed {}
}

use domain::{
    BundleVersion, CursorRecord, Envelope, InternalCommand, InternalEvent, Outcome, PartnerCommand, PartnerEvent,
};
macro_rules! records { ($($t:ty),+) => { $(impl sealed::Sealed for $t {} impl Record for $t {})+ } }
records!(
    Envelope<PartnerEvent>,
    Envelope<InternalEvent>,
    Envelope<PartnerCommand>,
    Envelope<InternalCommand>,
    Envelope<Outcome>,
    CursorRecord,
    BundleVersion
);
