//! People at work at two systems that misbehave and are started again, without any pipeline between them: what they
//! say they have certainly done is there, once each. That nothing crosses is what the checker must say of it.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use checker::{Internal, Journals, Kind, Rules, Source, check};
use load::{Community, Desk, Load, Partner, Plan};
use serde_json::{Value, json};
use simulators::{case_system, community};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::interval;

/// Both systems in this process, on ports that stay the same.
struct Systems {
    at: [SocketAddr; 2],
    stop: Vec<oneshot::Sender<()>>,
    tasks: Vec<JoinHandle<()>>,
}

async fn listener(at: SocketAddr) -> TcpListener {
    let mut again = interval(Duration::from_millis(20));
    loop {
        again.tick().await;
        if let Ok(listener) = TcpListener::bind(at).await {
            return listener;
        }
    }
}

impl Systems {
    async fn start(folder: &Path, at: Option<[SocketAddr; 2]>) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let [first, second] = at.unwrap_or([any, any]);
        let (one, other) = (listener(first).await, listener(second).await);
        let at = [one.local_addr().unwrap(), other.local_addr().unwrap()];
        let partners = [("acme", "ACME"), ("globex", "GLOBEX")];
        let community = community::Options {
            folder: folder.join("community"),
            host_token: "host".to_owned(),
            partners: partners.iter().map(|(token, id)| ((*token).to_owned(), (*id).to_owned())).collect(),
            environment: "P".to_owned(),
            hook: None,
            control: true,
            page: false,
        };
        let user = |name: &str| case_system::User { name: name.to_owned(), token: name.to_owned() };
        let desk = case_system::Options {
            folder: folder.join("desk"),
            pipeline: user("sync"),
            partner_voice: user("voice"),
            agents: vec![user("agent")],
            environment: "P".to_owned(),
            hook: None,
            control: true,
            reply_opens: true,
            page: false,
        };
        let (stop_one, one_stops) = oneshot::channel::<()>();
        let (stop_other, other_stops) = oneshot::channel::<()>();
        let ended = |stops: oneshot::Receiver<()>| async move {
            let _ = stops.await;
        };
        let tasks = vec![
            tokio::spawn(async move { community::serve(one, community, ended(one_stops)).await.unwrap() }),
            tokio::spawn(async move { case_system::serve(other, desk, ended(other_stops)).await.unwrap() }),
        ];
        Self { at, stop: vec![stop_one, stop_other], tasks }
    }

    async fn stop(self) -> [SocketAddr; 2] {
        drop(self.stop);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.at
    }

    fn url(&self, side: usize) -> String {
        format!("http://{}", self.at[side])
    }
}

/// Makes a ticket for every case: all of a pipeline that agents need to have work.
async fn make_tickets(community: String, desk: String) {
    let http = reqwest::Client::new();
    let mut made = BTreeSet::new();
    let mut again = interval(Duration::from_millis(50));
    loop {
        again.tick().await;
        let Ok(answer) = http.get(format!("{community}/control/cases")).send().await else { continue };
        let Ok(cases) = answer.json::<Vec<Value>>().await else { continue };
        for case in cases {
            let id = case["id"].as_str().unwrap().to_owned();
            if made.contains(&id) {
                continue;
            }
            let ticket = json!({
                "queue": "Partner Cases", "title": case["title"], "description": case["description"],
                "external_id": format!("case/tg/{id}"), "partner_id": case["partner_id"], "requestor": "someone",
            });
            let request = http.post(format!("{desk}/v1/tickets")).bearer_auth("voice").json(&ticket);
            if request.send().await.is_ok_and(|answer| answer.status().is_success()) {
                made.insert(id);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_say_they_did_is_there_once_whatever_happened_to_the_systems() {
    let folder = tempfile::tempdir().unwrap();
    let mut systems = Systems::start(folder.path(), None).await;
    let (community, desk) = (systems.url(0), systems.url(1));
    let tickets = tokio::spawn(make_tickets(community.clone(), desk.clone()));
    let partner = |token: &str, id: &str| Partner { id: id.to_owned(), token: token.to_owned() };
    let partners = vec![partner("acme", "ACME"), partner("globex", "GLOBEX")];
    let plan = Plan { people: 16, ..Plan::new("t1", 11, partners) };
    let people = folder.path().join("people.jsonl");
    let agents = Arc::new(Desk::new(&desk, "agent").unwrap());
    let load = Load::begin(plan, Community::new(&community).unwrap(), agents, &people).unwrap();

    let faults = json!({ "rules": [
        { "kind": "drop-after-apply", "method": "POST", "every": 7 },
        { "kind": "bad-gateway-after-apply", "method": "PATCH", "every": 5 },
        { "kind": "drop-before-apply", "every": 11 },
        { "kind": "too-many-requests", "every": 13 },
        { "kind": "empty-success", "method": "POST", "every": 17 },
    ]});
    let http = reqwest::Client::new();
    let mut until = 0;
    for _ in 0..3 {
        for side in [&community, &desk] {
            http.put(format!("{side}/control/faults")).json(&faults).send().await.unwrap().error_for_status().unwrap();
        }
        until += 400;
        let mut look = interval(Duration::from_millis(10));
        while load.acts() < until {
            look.tick().await;
        }
        // Whoever is being answered at this moment is not.
        let at = systems.stop().await;
        systems = Systems::start(folder.path(), Some(at)).await;
    }
    let done = load.end().await.unwrap();
    tickets.abort();
    systems.stop().await;

    let journals = Journals {
        people: vec![Source::file(&people)],
        community: Source::file(folder.path().join("community/changes.jsonl")),
        internal: Internal::Desk(Source::file(folder.path().join("desk/changes.jsonl"))),
        rules: Rules::default(),
    };
    let verdict = check(&journals).unwrap();
    println!("{done:?}");
    assert_eq!(verdict.acts, done.acts, "every act that counts is in the journal");
    assert!(done.counts["answers lost"] > 20, "{done:?}");
    for kind in
        ["open", "comment", "contact", "suggest", "reply", "note", "root-cause", "status", "question", "withdraw"]
    {
        assert!(done.counts.get(kind).is_some_and(|n| *n > 0), "nobody did `{kind}`: {done:?}");
    }
    // Nothing crosses, so the checker finds that; but each act is in its own system's journal, and once.
    let found: BTreeMap<Kind, &String> = verdict.findings.iter().map(|f| (f.kind, &f.detail)).collect();
    let own = |detail: &str| detail.contains("own system");
    assert!(!verdict.findings.iter().any(|finding| own(&finding.detail)), "{verdict}");
    // Who makes tickets without looking makes second ones when answers are lost, and here without their fields.
    let expected = [Kind::Lost, Kind::Dropped, Kind::Torn, Kind::Duplicated];
    assert!(found.keys().all(|kind| expected.contains(kind)), "{found:?}");
    assert!(found.contains_key(&Kind::Duplicated) && found.contains_key(&Kind::Torn), "{found:?}");
    assert!(verdict.found[&Kind::Lost] > 100, "nothing crossed and the checker did not see it: {verdict}");
}

/// `cargo test -p load --release -- --ignored --nocapture` for the figure that is told.
#[tokio::test]
#[ignore = "a measurement"]
async fn how_many_acts_a_second_one_thread_brings_about() {
    let folder = tempfile::tempdir().unwrap();
    let systems = Systems::start(folder.path(), None).await;
    let tickets = tokio::spawn(make_tickets(systems.url(0), systems.url(1)));
    let partners = vec![Partner { id: "ACME".to_owned(), token: "acme".to_owned() }];
    let plan = Plan { people: 32, ..Plan::new("t2", 5, partners) };
    let agents = Arc::new(Desk::new(&systems.url(1), "agent").unwrap());
    let people = folder.path().join("people.jsonl");
    let load = Load::begin(plan, Community::new(&systems.url(0)).unwrap(), agents, &people).unwrap();
    let mut looks = interval(Duration::from_secs(10));
    looks.tick().await;
    looks.tick().await;
    let acts = load.acts();
    println!("{} acts a second, both systems in the same thread", acts / 10);
    load.end().await.unwrap();
    tickets.abort();
    assert!(acts > 0);
}
