//! `causeway track-service-levels` as a process: what is due is said once, wherever the process dies and wherever its group
//! is put.

use super::servers::{Servers, meta, outcome};
use domain::discrepancy::{OutcomeAnswer, PartnerEvent as Answer};
use domain::outcome::{Done, FieldHash};
use domain::{
    CommandRef, ContentHash, Envelope, Marked, Outcome, PartnerEvent, ServiceLevelEvent, SystemId, Timestamp,
};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ROLE: &str = "track-service-levels";
const SUBJECTS: u32 = 24;
const HOUR: i64 = 3_600_000;
const PATIENCE: Duration = Duration::from_secs(60);

struct Tracker {
    servers: Servers,
    config: PathBuf,
    now: i64,
}

impl Tracker {
    fn new() -> Self {
        let servers = Servers::start();
        let folder = servers.folder.path();
        let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/bundles/rt");
        let file = format!(
            "{}\n[admin]\nlisten = \"127.0.0.1:0\"\n[state]\ndir = \"{}\"\n[mapping]\nbundle = \"{bundle}\"\n",
            std::fs::read_to_string(servers.config())
                .unwrap()
                .replace("[registry]", "session_timeout_ms = 2000\ncommit_interval_ms = 10\n[registry]"),
            folder.join("state").display(),
        );
        let config = folder.join("tracker.toml");
        std::fs::write(&config, file).unwrap();
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Self { servers, config, now: i64::try_from(since.as_millis()).unwrap() }
    }

    fn start(&self, crash_at: &str) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_causeway"));
        command.arg("--config").arg(&self.config).arg(ROLE).stdin(Stdio::null()).stdout(Stdio::null());
        if !crash_at.is_empty() {
            command.env("CAUSEWAY_CRASH_AT", crash_at);
        }
        command.stderr(Stdio::null()).spawn().unwrap()
    }

    /// The community shows an outcome since `hours` ago, for every subject.
    fn offer(&self, round: u32, hours: i64) {
        let record = |n: u32| {
            let mut of = meta(1_000 * round + n, &format!("case/tg/D-{n}"), "partner.discrepancy.propose-outcome");
            of.recorded_at = Timestamp(self.now - hours * HOUR);
            let status = ContentHash::of_bytes(b"outcome-proposed");
            let done = Done {
                command: CommandRef {
                    id: of.id,
                    kind: of.kind.clone(),
                    hash: ContentHash::default(),
                    offset: i64::from(round),
                },
                native_id: format!("D-{n}"),
                reference: Marked::default(),
                effects: Vec::new(),
                fields: vec![FieldHash { field: "status".to_owned(), hash: status }],
                version: String::new(),
                created: false,
            };
            let mut said = outcome(500_000 + 1_000 * round + n, &of, Outcome::Done(done));
            said.meta.recorded_at = of.recorded_at;
            said.meta.system = SystemId::new("tg").unwrap();
            self.servers.output("partner.outcomes", &said, &[])
        };
        self.servers.produce((0..SUBJECTS).map(record).collect());
    }

    /// Every partner contests what it was offered, `hours` ago.
    fn contest(&self, round: u32, hours: i64) {
        let record = |n: u32| {
            let kind = "partner.discrepancy.outcome-contested";
            let mut meta = meta(900_000 + 1_000 * round + n, &format!("case/tg/D-{n}"), kind);
            meta.recorded_at = Timestamp(self.now - hours * HOUR);
            let payload = PartnerEvent::Discrepancy(Answer::OutcomeContested(OutcomeAnswer::default()));
            self.servers.output("partner.events", &Envelope { meta, payload }, &[])
        };
        self.servers.produce((0..SUBJECTS).map(record).collect());
    }

    /// Ids and rules of all facts, in the order of the log.
    fn facts(&self) -> Vec<(String, String)> {
        let read = self.servers.read("service-level.events");
        let word = |fact: Envelope<ServiceLevelEvent>| {
            let ServiceLevelEvent::Timer(event) = &fact.payload;
            (fact.meta.id.to_string(), event.due().rule.clone())
        };
        read.iter().map(|record| word(self.servers.decode(record))).collect()
    }

    /// Waits until so many facts are there; none of them may be there twice.
    fn until(&self, wanted: usize, what: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let facts = self.facts();
            let ids: BTreeSet<&String> = facts.iter().map(|(id, _)| id).collect();
            assert_eq!(ids.len(), facts.len(), "{what}: something was said twice");
            assert!(facts.len() <= wanted, "{what}: {} facts, expected {wanted}", facts.len());
            if facts.len() == wanted {
                return;
            }
            assert!(Instant::now() < deadline, "{what}: {} of {wanted} facts", facts.len());
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
}

fn died(mut child: Child, what: &str) {
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "{what}: it did not come there");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

#[test]
fn what_is_due_is_said_once_wherever_the_tracker_dies_and_wherever_its_group_is_put() {
    let tracker = Tracker::new();
    let all = SUBJECTS as usize;
    // 14 days for an answer, a reminder two days before: one is due for each.
    tracker.offer(1, 312);
    let points = [
        "tracker.due",
        "transaction.acknowledged",
        "transaction.offsets-sent",
        "transaction.committed",
        "tracker.said",
    ];
    for point in points {
        died(tracker.start(point), point);
    }
    let mut child = tracker.start("");
    tracker.until(all, "after five deaths");
    let rules: BTreeSet<String> = tracker.facts().into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules, BTreeSet::from(["outcome-closing".to_owned()]));
    child.kill().unwrap();
    child.wait().unwrap();

    // Everything read again, with the cache and without it.
    for (round, cache) in [(2, true), (3, false)] {
        runtime::admin::rewind(&tracker.servers.kafka, ROLE).unwrap();
        if !cache {
            std::fs::remove_dir_all(tracker.servers.folder.path().join("state")).unwrap();
        }
        let mut child = tracker.start("");
        // Another answer and another offer in every partition: what would be said again is said by then.
        tracker.contest(round, 324 - 8 * i64::from(round));
        tracker.offer(round, 320 - 8 * i64::from(round));
        tracker.until(all * round as usize, "after a reset");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
