/// Between which steps a process dies: after what is named, and before the next step.
pub const CRASH_POINTS: [&str; 19] = [
    "ingest: asked",
    "ingest: fetched",
    "ingest: judged",
    "ingest: committed",
    "transform: read",
    "transform: mapped",
    "transform: sent",
    "transform: committed",
    "sink: barrier decided",
    "sink: intent decided",
    "sink: intent read back",
    "sink: call answered",
    "sink: done decided",
    "sink: other outcome decided",
    "sink: look decided",
    "sink: place decided",
    "sink: fetch decided",
    "sink: dead letter decided",
    "sink: settled",
];

/// What goes wrong, in per cent of the chances it gets, until `until`.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Milliseconds of simulated time; afterwards everything works and the run has to come to rest.
    pub until: i64,
    /// Crashes, pauses and takeovers over the whole run.
    pub incidents: i64,
    pub call_lost_before: u32,
    pub call_lost_after: u32,
    pub call_applied_late: u32,
    pub call_not_applied: u32,
    pub call_refused: u32,
    pub look_fails: u32,
    /// The process stops between its last check and the socket, and another takes over.
    pub pause_at_socket: u32,
    pub commit_fails: u32,
    /// The process dies between two steps; [`super::CRASH_POINTS`] names them.
    pub crash_between: u32,
    /// Of a restart: its cache is gone, its offsets go back.
    pub cache_lost: u32,
    pub rewound: u32,
    /// Every call fails once, definitely.
    pub every_call_fails_once: bool,
    /// Every first call gets no answer: it was lost on its way there, or its answer on the way back.
    pub first_call_lost: Option<Lost>,
    /// Every step of a transformer and every delivery to a sink happens twice.
    pub everything_twice: bool,
    /// Milliseconds at most until a write can be found by a look.
    pub search_lag: i64,
}

impl Faults {
    pub fn none() -> Self {
        Self::default()
    }

    pub fn all() -> Self {
        Self {
            until: 30_000,
            incidents: 8,
            call_lost_before: 6,
            call_lost_after: 6,
            call_applied_late: 5,
            call_not_applied: 12,
            call_refused: 3,
            look_fails: 15,
            pause_at_socket: 3,
            commit_fails: 10,
            crash_between: 1,
            cache_lost: 50,
            rewound: 40,
            every_call_fails_once: false,
            first_call_lost: None,
            everything_twice: false,
            search_lag: 400,
        }
    }

    /// Every step doubled, every call failed once, nothing else.
    pub fn doubled() -> Self {
        Self { until: 600_000, every_call_fails_once: true, everything_twice: true, ..Self::default() }
    }
}

/// Where a request was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    BeforeApply,
    AfterApply,
}

/// A mistake planted into the host or around the rules, to prove that the checker finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// The target is called when the intent is written, not when it is read back.
    CallBeforeReadBack,
    /// A new owner of a sink's partition forgets what is finished.
    DedupeOff,
    /// A command's offset is committed when it arrives.
    OffsetBeforeOutcome,
    /// The owner does not see the barrier of the one that replaced it.
    BarrierIgnored,
    /// Ingest knows neither markers nor effect ids.
    EchoCheckOff,
    /// Every look says "absent".
    NoLookBeforeRetry,
    /// Ingest classifies without having read the outcomes first.
    ClassifiedTooEarly,
    /// A look is believed at once, although the target's search lags.
    NoSettleTime,
    /// A transformer commits its offsets before its records.
    OffsetsBeforeRecords,
    /// Every open write counts as doubtful: an equal value is taken for ours.
    EqualValueIsAlwaysOurs,
}
