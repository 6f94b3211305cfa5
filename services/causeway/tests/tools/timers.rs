//! `causeway track-service-levels` as a process: what is due is said once, wherever the process dies and wherever its group
//! is put.

use super::servers::{Servers, meta, outcome};
use domain::discrepancy::{OutcomeAnswer, PartnerEvent as Answer};
use domain::onboarding::{InternalEvent as Said, PartnerEvent as Answered, Task, TaskSubmitted, task_status_field};
use domain::outcome::{Done, FieldHash};
use domain::{
    CommandRef, ContentHash, Envelope, InternalEvent, Marked, Outcome, PartnerEvent, ServiceLevelEvent, SystemId,
    Timestamp,
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

    /// A task of the partner's with a date that has passed; the partner is asked for it, or has answered.
    fn task(&self, n: u32, asked: bool, answered: bool) {
        const PROGRAMME: &str = "onboarding/rt/40";
        let task_id = format!("T-{n}");
        let field = task_status_field(&task_id);
        let (due_at, owner_side) = ("2026-06-01T00:00:00Z".to_owned(), "PARTNER".to_owned());
        let task = Task { task_id: task_id.clone(), owner_side, due_at, ..Task::default() };
        let payload = InternalEvent::Onboarding(Said::TaskPublished(task));
        let published = meta(n, PROGRAMME, "internal.onboarding.task-published");
        let mut records = vec![self.servers.output("internal.events", &Envelope { meta: published, payload }, &[])];
        if asked {
            let of = meta(100 + n, PROGRAMME, "partner.onboarding.set-task-status");
            let kind = of.kind.clone();
            let command = CommandRef { id: of.id, kind, hash: ContentHash::default(), offset: i64::from(n) };
            let done = Done {
                command,
                native_id: "O-1".to_owned(),
                reference: Marked::default(),
                effects: Vec::new(),
                fields: vec![FieldHash { field, hash: ContentHash::of_bytes(b"active") }],
                version: String::new(),
                created: false,
            };
            let mut said = outcome(200 + n, &of, Outcome::Done(done));
            said.meta.system = SystemId::new("tg").unwrap();
            records.push(self.servers.output("partner.outcomes", &said, &[]));
        }
        if answered {
            let mut meta = meta(300 + n, PROGRAMME, "partner.onboarding.task-submitted");
            meta.recorded_at = meta.recorded_at.plus_millis(HOUR);
            let payload = TaskSubmitted { task_id, note_id: "n-1".to_owned(), ..TaskSubmitted::default() };
            let payload = PartnerEvent::Onboarding(Answered::TaskSubmitted(payload));
            records.push(self.servers.output("partner.events", &Envelope { meta, payload }, &[]));
        }
        self.servers.produce(records);
    }

    /// Ids of all facts, with rule and item, in the order of the log.
    fn facts(&self) -> Vec<(String, String)> {
        let read = self.servers.read("service-level.events");
        let word = |fact: Envelope<ServiceLevelEvent>| {
            let ServiceLevelEvent::Timer(event) = &fact.payload;
            (fact.meta.id.to_string(), format!("{} {}", event.due().rule, event.due().item).trim().to_owned())
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

#[test]
fn a_task_whose_date_has_passed_is_said_only_while_the_partner_is_waited_for() {
    let tracker = Tracker::new();
    for (n, asked, answered) in [(1, true, false), (2, true, true), (3, false, false)] {
        tracker.task(n, asked, answered);
    }
    let mut child = tracker.start("");
    tracker.until(1, "one of three tasks");
    // What would be said of the others is said by then.
    tracker.task(4, true, false);
    tracker.until(2, "a fourth one");
    let rules: BTreeSet<String> = tracker.facts().into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules, BTreeSet::from(["task-overdue T-1".to_owned(), "task-overdue T-4".to_owned()]));
    child.kill().unwrap();
    child.wait().unwrap();
}
