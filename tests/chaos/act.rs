//! What can fall, how often each falls in a run, and how it is told.

use crate::settings::Settings;
use crate::stack::ROLES;
use faults::proxy::{Api, Door, Fault};
use faults::target::Trouble;
use std::fmt;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Community,
    CaseSystem,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Act {
    /// SIGKILL of a role, and its start.
    Kill(&'static str),
    /// SIGKILL, its state deleted or torn, and its start.
    KillAndTear(&'static str),
    /// SIGKILL, a page of each file of its state turned to zeros, and its start.
    KillAndBlank(&'static str),
    /// SIGKILL, and its start where no file may grow; after a while the same where they may.
    FullDisk(&'static str),
    /// SIGKILL, and its start with a clock that is wrong; the next start has the right one.
    Skew(&'static str),
    /// SIGKILL, and its start with an order to die when it comes to this point; then the start without it.
    DieAt(&'static str, &'static str),
    /// SIGTERM, and its start.
    Terminate(&'static str),
    /// SIGSTOP past the session timeout, and SIGCONT; nobody takes over.
    Pause(&'static str),
    /// SIGSTOP past the session timeout while a second instance takes over, and SIGCONT.
    Takeover(&'static str),
    KillBroker,
    PauseBroker,
    /// No space left where the broker keeps its data; after a while there is again, and whoever has died of it is started.
    FullBroker,
    /// The next call of this kind.
    Cut(Api, Fault),
    /// The network between the roles and Kafka.
    Network(Door),
    /// Between the roles and a system. Through a silent one a call arrives after its caller has given up.
    Reach(Side, Door),
    Registry(Door),
    Trouble(Side, Trouble),
    /// SIGKILL of a simulated system, and its start.
    KillSystem(Side),
    /// Thousands of forged webhooks at once.
    FloodHooks(Side),
    /// One partner writes as fast as it is answered.
    FloodPartner,
    /// A create in the case system whose connection is cut, and that arrives when everybody has looked.
    Stray,
}

/// Transactional calls, and the offsets of a sink.
const CALLS: [Api; 6] = [
    Api::END_TXN,
    Api::TXN_OFFSET_COMMIT,
    Api::ADD_OFFSETS_TO_TXN,
    Api::ADD_PARTITIONS_TO_TXN,
    Api::OFFSET_COMMIT,
    Api::INIT_PRODUCER_ID,
];

const CUTS: [Fault; 7] = [
    Fault::CutAfter,
    Fault::CutBefore,
    Fault::Stray(Duration::from_millis(150)),
    Fault::Stray(Duration::from_millis(900)),
    Fault::Stray(Duration::from_secs(4)),
    Fault::Late(Duration::from_millis(1_500)),
    Fault::Held(Duration::from_millis(1_500)),
];

const TROUBLES: [Trouble; 9] = [
    Trouble::Outage,
    Trouble::DropAfterApply,
    Trouble::TimeoutAfterApply,
    Trouble::BadGatewayAfterApply,
    Trouble::Unavailable,
    Trouble::TooManyRequests,
    Trouble::EmptySuccess,
    Trouble::Latency(Duration::from_millis(800)),
    Trouble::LateFeed(Duration::from_secs(2)),
];

/// Between which steps a role of a debug build can be told to die, and which roles pass there.
const POINTS: [(&str, &[&str]); 4] = [
    ("ingest", &["ingest.fetched", "ingest.judged", "ingest.committed"]),
    ("transform", &["transform.read", "transform.mapped"]),
    (
        "sink",
        &[
            "sink.assigned",
            "sink.restored",
            "sink.arrived",
            "sink.intended",
            "sink.read-back",
            "sink.called",
            "sink.done-written",
            "sink.settled",
        ],
    ),
    (
        "",
        &[
            "transaction.begun",
            "transaction.sent",
            "transaction.acknowledged",
            "transaction.offsets-sent",
            "transaction.committed",
        ],
    ),
];

/// The offsets of an ingest service are its cursor, which is a record.
fn passes(role: &str, family: &str, point: &str) -> bool {
    let transacts = family.is_empty() && !role.starts_with("sink");
    (transacts || !family.is_empty() && role.starts_with(family))
        && !(point == "transaction.offsets-sent" && role.starts_with("ingest"))
}

/// Every act with how often it falls.
pub fn mix(settings: &Settings) -> Vec<(Act, u32)> {
    let mut mix = Vec::new();
    for role in ROLES {
        mix.push((Act::Kill(role), settings.kills));
        mix.push((Act::Pause(role), settings.pauses));
        mix.push((Act::Skew(role), settings.skews));
        mix.push((Act::Terminate(role), settings.pauses));
        for (family, points) in POINTS {
            let points = points.iter().filter(|point| passes(role, family, point));
            mix.extend(points.map(|point| (Act::DieAt(role, point), settings.deaths)));
        }
        if !role.starts_with("transform") {
            mix.push((Act::KillAndTear(role), settings.torn));
            mix.push((Act::KillAndBlank(role), settings.blanks));
            mix.push((Act::FullDisk(role), settings.full));
        }
        if role.starts_with("sink") {
            mix.push((Act::Takeover(role), settings.stops));
        } else {
            // Others hold no call: what a second of them could do twice, the transaction forbids.
            mix.push((Act::Takeover(role), settings.stops / 3));
        }
    }
    mix.push((Act::KillBroker, settings.broker_kills));
    mix.push((Act::FullBroker, settings.full_broker));
    mix.push((Act::PauseBroker, settings.broker_kills / 2));
    for api in CALLS {
        let each = settings.cuts / CUTS.len() as u32;
        let more = settings.cuts as usize % CUTS.len();
        for (place, fault) in CUTS.into_iter().enumerate() {
            mix.push((Act::Cut(api, fault), each + u32::from(place < more)));
        }
    }
    for side in [Side::Community, Side::CaseSystem] {
        let each = settings.troubles / TROUBLES.len() as u32;
        let more = settings.troubles as usize % TROUBLES.len();
        for (place, trouble) in TROUBLES.into_iter().enumerate() {
            mix.push((Act::Trouble(side, trouble), each + u32::from(place < more)));
        }
        mix.push((Act::KillSystem(side), settings.troubles.div_ceil(3)));
        mix.push((Act::FloodHooks(side), settings.troubles.div_ceil(4)));
    }
    mix.push((Act::FloodPartner, settings.floods));
    mix.push((Act::Stray, settings.strays));
    // A real system cannot be told to misbehave; its network can, and it can be killed.
    let real = |act: &Act| settings.rt.is_some() && matches!(act, Act::Trouble(Side::CaseSystem, _));
    mix.retain(|(act, _)| !real(act));
    for door in [Door::Shut, Door::Silent] {
        mix.push((Act::Registry(door), settings.outages));
        mix.push((Act::Network(door), settings.outages));
        for side in [Side::Community, Side::CaseSystem] {
            mix.push((Act::Reach(side, door), settings.outages));
        }
    }
    mix.retain(|(_, times)| *times > 0);
    mix
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(role) => write!(f, "kill {role}"),
            Self::KillAndTear(role) => write!(f, "kill {role} and tear its state"),
            Self::KillAndBlank(role) => write!(f, "kill {role} and blank pages of its state"),
            Self::FullDisk(role) => write!(f, "full disk for {role}"),
            Self::DieAt(role, point) => write!(f, "{role} dies at {point}"),
            Self::Skew(role) => write!(f, "wrong clock for {role}"),
            Self::Terminate(role) => write!(f, "end {role}"),
            Self::Pause(role) => write!(f, "stop {role}"),
            Self::Takeover(role) => write!(f, "stop {role} while another takes over"),
            Self::KillBroker => write!(f, "kill a broker"),
            Self::FullBroker => write!(f, "full disk for the broker"),
            Self::PauseBroker => write!(f, "stop a broker"),
            Self::Cut(api, fault) => write!(f, "call {} {fault:?}", api.0),
            Self::Network(door) => write!(f, "network {door:?}"),
            Self::Reach(side, door) => write!(f, "network to {side:?} {door:?}"),
            Self::Registry(door) => write!(f, "registry {door:?}"),
            Self::Trouble(side, trouble) => write!(f, "{side:?} {trouble:?}"),
            Self::KillSystem(side) => write!(f, "kill {side:?}"),
            Self::FloodPartner => write!(f, "a partner's flood"),
            Self::Stray => write!(f, "a create that arrives late"),
            Self::FloodHooks(side) => write!(f, "flood hooks of {side:?}"),
        }
    }
}
