//! Agents at work in a real Request Tracker, whose histories the checker reads. Needs one that
//! `deploy/local/rt.sh` set up: `LOAD_RT_URL` and `LOAD_RT_SECRETS` (the folder with `agent1.token` and
//! `partner.token`).
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use checker::{Author, Observed, What};
use load::{AgentAct, AgentDone, CaseSystem as _, Rt};
use serde_json::json;
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

fn secret(folder: &str, name: &str) -> String {
    std::fs::read_to_string(format!("{folder}/{name}.token")).unwrap().trim().to_owned()
}

#[tokio::test]
async fn an_agents_acts_stand_in_the_history_once_and_are_found_again() {
    let (Ok(url), Ok(secrets)) = (std::env::var("LOAD_RT_URL"), std::env::var("LOAD_RT_SECRETS")) else {
        // Past the harness, which keeps what a passing test prints.
        let said = b"SKIPPED: no Request Tracker in LOAD_RT_URL and LOAD_RT_SECRETS\n";
        std::io::stderr().write_all(said).unwrap();
        return;
    };
    let run = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let (case, act) = (format!("C-load-{run}"), format!("act-r{run}-1"));
    // As the pipeline makes it.
    let ticket = json!({"Queue": "Partner Cases", "Subject": format!("[ACME] {act}"), "Content": format!("{act} text"),
        "ContentType": "text/plain", "CustomFields": {"TG Case Id": format!("case/tg/{case}"), "TG Partner Id": "ACME"}});
    let made = reqwest::Client::new().post(format!("{url}/REST/2.0/ticket")).json(&ticket);
    let made = made.header("Authorization", format!("token {}", secret(&secrets, "partner"))).send().await.unwrap();
    assert!(made.status().is_success(), "{} {}", made.status(), made.text().await.unwrap());

    let rt = Rt::new(&url, "agent1", &secret(&secrets, "agent1")).unwrap();
    assert_eq!(rt.ticket("case/tg/C-nobody").await.unwrap(), Some(None));
    let ticket = rt.ticket(&format!("case/tg/{case}")).await.unwrap().flatten().unwrap();
    let note = format!("canary-r{run}-3 inside Grüße");
    let acts = [
        AgentAct::Reply(format!("act-r{run}-2 we look into it, Grüße")),
        AgentAct::Note(note.clone()),
        AgentAct::RootCause(format!("canary-r{run}-4 us{}", " and them, überfällig".repeat(30))),
        AgentAct::Status("stalled".to_owned()),
        AgentAct::Resolve(format!("act-r{run}-5 credit issued")),
    ];
    let mut newest = 0;
    for act in &acts {
        assert_eq!(rt.find(&ticket, newest, act).await.unwrap(), Some(None), "before {act:?}");
        let AgentDone::Made(made) = rt.act(&ticket, act).await.unwrap() else { panic!("{act:?} was not taken") };
        assert_eq!(made.moved, matches!(act, AgentAct::Status(_) | AgentAct::Resolve(_)), "{act:?}");
        assert_eq!(rt.find(&ticket, newest, act).await.unwrap(), Some(Some(made.clone())), "after {act:?}");
        assert!(made.newest > newest);
        newest = made.newest;
    }
    let again = rt.act(&ticket, &AgentAct::Status("resolved".to_owned())).await.unwrap();
    assert_eq!(again, AgentDone::Not, "it is so already");

    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("rt.jsonl");
    assert!(rt.observe(&["causeway-sync", "causeway-partner"], "case/tg/", &to).await.unwrap() >= 6);
    let lines = std::fs::read_to_string(&to).unwrap();
    let mut all: Vec<Observed> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    all.retain(|o| o.subject == case);
    assert!(all.iter().all(|o| o.partner == "ACME" && o.record == ticket));
    let created = all.iter().find(|o| matches!(o.what, What::Created { .. })).unwrap();
    let What::Created { title, text, status, .. } = &created.what else { panic!("{created:?}") };
    assert_eq!((created.author, title.as_str(), status.as_str()), (Author::Ours, &*format!("[ACME] {act}"), "new"));
    assert!(text.contains(&format!("{act} text")), "{text}");
    let persons = |o: &&Observed| o.author == Author::Person;
    let noted: Vec<&What> = all.iter().filter(persons).map(|o| &o.what).collect();
    assert!(noted.iter().any(|what| matches!(what, What::Noted { text } if text.trim() == note)), "{noted:?}");
    let said = format!("act-r{run}-2 we look into it, Grüße");
    assert!(noted.iter().any(|what| matches!(what, What::Said { text } if text.trim() == said)), "{noted:?}");
    let statuses: Vec<&str> = all
        .iter()
        .filter_map(|o| if let What::Status { to, .. } = &o.what { Some(to.as_str()) } else { None })
        .collect();
    assert!(statuses.ends_with(&["stalled", "resolved"]), "{statuses:?}");
}
