//! What a run is told by its environment.

use std::path::PathBuf;
use std::time::Duration;

/// Every figure can be set by the variable named beside it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `CHAOS_SEED`: what falls when. The moment at which a process is hit is the machine's own.
    pub seed: u64,
    /// `CHAOS_SECONDS`: how long faults fall. 0: nobody does anything, and what an earlier run has left in `CHAOS_KEEP` and on
    /// the log is judged.
    pub time: Duration,
    /// `CHAOS_EVENTS`: people go on until they have done so much, however long the faults took; 0 for no such bound.
    pub events: u64,
    /// `CHAOS_KILLS`: SIGKILL, of each role.
    pub kills: u32,
    /// `CHAOS_BROKER_KILLS`: SIGKILL of a Kafka node.
    pub broker_kills: u32,
    /// `CHAOS_STOPS`: SIGSTOP past the session timeout while a second instance takes over, of each sink.
    pub stops: u32,
    /// `CHAOS_PAUSES`: SIGSTOP past the session timeout with nobody to take over, and SIGTERM, of each role.
    pub pauses: u32,
    /// `CHAOS_CUTS`: late, held, cut and stray calls, of each transactional kind.
    pub cuts: u32,
    /// `CHAOS_TROUBLES`: misbehaviour, SIGKILL and floods at each system.
    pub troubles: u32,
    /// `CHAOS_TORN`: SIGKILL of a role with its state deleted or torn before it starts again, of each role with state.
    pub torn: u32,
    /// `CHAOS_BLANKS`: the same with one page of each file turned to zeros.
    pub blanks: u32,
    /// `CHAOS_FLOODS`: one partner writes as fast as it is answered.
    pub floods: u32,
    /// `CHAOS_FULL`: a disk that takes no more of a role's state for a while, of each role with state.
    pub full: u32,
    /// `CHAOS_FULL_BROKER`: a disk that takes nothing more of the broker's data for a while.
    pub full_broker: u32,
    /// `CHAOS_DISK`: where the broker's data lies, a small file system of its own; `test.sh` mounts one.
    pub disk: Option<PathBuf>,
    /// `CHAOS_SKEWS`: a start with a wrong clock, of each role; needs libfaketime.
    pub skews: u32,
    /// `CHAOS_DEATHS`: an end at a point between two steps, of each role at each of its points.
    pub deaths: u32,
    /// `CHAOS_OUTAGES`: the registry away; the network cut or silent.
    pub outages: u32,
    /// `CHAOS_RATE`: acts and looks of people a second, all together.
    pub rate: u32,
    /// `CHAOS_PEOPLE`: how many work at the same time, each at both sides, one act after the other.
    pub people: usize,
    /// `CHAOS_STATUSES=0`: nobody moves a case. Where an answer overtakes what it did not answer, both sides may end with
    /// statuses that disagree; a run about lost and doubled words leaves that out.
    pub statuses: bool,
    /// `CHAOS_SESSION_MS`: how long a group waits for a silent member.
    pub session: Duration,
    /// `CHAOS_PATIENCE`: seconds until everything must have crossed once all is healed.
    pub patience: Duration,
    /// `CHAOS_FAILING`: after the judgement, for how many seconds one of a hundred tickets takes no more writes; the others
    /// must keep their rate.
    pub failing: Duration,
    /// `CHAOS_DOWN`: after that, for how many seconds the case system is away while people go on at the community.
    pub down: Duration,
    /// `CHAOS_DOWN_RATE`: with so many acts a second.
    pub down_rate: u32,
    /// `CHAOS_RESET`: in the end every group is set back to the beginning, and nothing may be done again.
    pub reset: bool,
    /// `CHAOS_PLANTED`: the bundle maps one severity wrongly; in the end it is corrected, and every group set back.
    pub planted: bool,
    /// `CHAOS_BLIND`: the systems' searches show nothing younger than 30 s, which is more than the sinks are told to wait
    /// for: with `CHAOS_DEATHS` this must end in findings, or the run proves nothing. Other troubles would heal it.
    pub blind: bool,
    /// `CHAOS_UNGUARDED`: sinks do not look whether they have been replaced before they call. With `CHAOS_STOPS` this must
    /// end in findings, or the run proves nothing. Needs a debug build.
    pub unguarded: bool,
    /// `CHAOS_KEEP`: a folder for logs and journals that stays.
    pub keep: Option<PathBuf>,
    /// `CHAOS_ERRORS`: of a hundred requests to either system how many are cut, half of them after they were carried out.
    pub errors: u32,
    /// `CHAOS_STRAYS`: creates in the case system that arrive when their caller has given up and another may have looked.
    pub strays: u32,
    pub broker: BrokerKind,
    /// `CHAOS_TARGET=rt`: a real Request Tracker in place of the simulated case system.
    pub rt: Option<RtAt>,
}

/// Where `test.sh` started it. `deploy/local/rt.sh`, which kills and starts it, finds its own settings in the environment.
#[derive(Clone, Debug)]
pub struct RtAt {
    /// `CHAOS_RT`: without `/REST/2.0`.
    pub url: String,
    /// `CHAOS_RT_SECRETS`: the folder with its tokens.
    pub secrets: PathBuf,
    /// `CHAOS_RT_HOOK_PORT`: where its nudges go.
    pub hook: u16,
}

/// `CHAOS_BROKER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerKind {
    /// Fresh servers that `test.sh` started: addresses in `CHAOS_KAFKA` and `CHAOS_REGISTRY`.
    Apache { kafka: String, registry: String },
    /// A process of this binary.
    Embedded,
}

fn text(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn number(name: &str, default: u64) -> u64 {
    text(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}

fn count(name: &str, default: u32) -> u32 {
    u32::try_from(number(name, u64::from(default))).unwrap_or(u32::MAX)
}

impl Settings {
    /// `None` where no servers are named.
    pub fn from_environment() -> Option<Self> {
        let broker = match text("CHAOS_BROKER").as_deref() {
            Some("embedded") => BrokerKind::Embedded,
            None | Some("apache") => {
                BrokerKind::Apache { kafka: text("CHAOS_KAFKA")?, registry: text("CHAOS_REGISTRY")? }
            }
            Some(other) => panic!("CHAOS_BROKER is apache or embedded, not {other}"),
        };
        let rt = match text("CHAOS_TARGET").as_deref() {
            None | Some("sim") => None,
            Some("rt") => Some(RtAt {
                url: text("CHAOS_RT").expect("CHAOS_RT says where Request Tracker is"),
                secrets: text("CHAOS_RT_SECRETS").expect("CHAOS_RT_SECRETS names a folder").into(),
                hook: u16::try_from(number("CHAOS_RT_HOOK_PORT", 27_202)).expect("CHAOS_RT_HOOK_PORT is a port"),
            }),
            Some(other) => panic!("CHAOS_TARGET is sim or rt, not {other}"),
        };
        let fresh = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        Some(Self {
            seed: number("CHAOS_SEED", u64::try_from(fresh).unwrap_or(0)),
            time: Duration::from_secs(number("CHAOS_SECONDS", 60)),
            events: number("CHAOS_EVENTS", 0),
            kills: count("CHAOS_KILLS", 2),
            broker_kills: count("CHAOS_BROKER_KILLS", 1),
            stops: count("CHAOS_STOPS", 1),
            pauses: count("CHAOS_PAUSES", 0),
            cuts: count("CHAOS_CUTS", 3),
            troubles: count("CHAOS_TROUBLES", 2),
            torn: count("CHAOS_TORN", 1),
            blanks: count("CHAOS_BLANKS", 0),
            floods: count("CHAOS_FLOODS", 1),
            full: count("CHAOS_FULL", 0),
            full_broker: count("CHAOS_FULL_BROKER", 0),
            disk: text("CHAOS_DISK").map(PathBuf::from),
            skews: count("CHAOS_SKEWS", 0),
            deaths: count("CHAOS_DEATHS", 0),
            outages: count("CHAOS_OUTAGES", 1),
            rate: count("CHAOS_RATE", 30),
            people: usize::try_from(number("CHAOS_PEOPLE", 10)).unwrap_or(10),
            statuses: number("CHAOS_STATUSES", 1) > 0,
            session: Duration::from_millis(number("CHAOS_SESSION_MS", 3_000)),
            patience: Duration::from_secs(number("CHAOS_PATIENCE", 600)),
            failing: Duration::from_secs(number("CHAOS_FAILING", 0)),
            down: Duration::from_secs(number("CHAOS_DOWN", 0)),
            down_rate: count("CHAOS_DOWN_RATE", 200),
            reset: text("CHAOS_RESET").is_some(),
            planted: text("CHAOS_PLANTED").is_some(),
            blind: text("CHAOS_BLIND").is_some(),
            unguarded: text("CHAOS_UNGUARDED").is_some(),
            keep: text("CHAOS_KEEP").map(PathBuf::from),
            errors: count("CHAOS_ERRORS", 0),
            strays: count("CHAOS_STRAYS", 0),
            broker,
            rt,
        })
    }
}
