//! Programmes begin here: their tickets and the tasks that are their members, told under one subject.

use crate::world::{Case, World, fields};
use domain::issue::{AddInternalNote, StatusWrite};
use domain::onboarding::{InternalCommand as C, InternalEvent as E, Task, TaskNote, TaskStatusWrite};
use domain::{InternalCommand, InternalEvent, OnlyIf, Subject, Visibility};
use ports::{CallError, Change, Feed as _, Look, News};
use reqwest::Method;
use serde_json::json;

struct Programme {
    world: World,
    id: u64,
    cursor: ports::Cursor,
}

impl Programme {
    async fn start(partner: &str) -> Self {
        let mut world = World::start().await;
        let cursor = world.feed.begin().await.unwrap();
        let made = world
            .agent(
                Method::POST,
                "/v1/tickets",
                json!({
                    "queue": "Partner Onboarding", "title": "Acme goes live", "partner_id": partner,
                    "fields": {"TG Use Case": "onboarding", "TG Programme": "supplier-edi"},
                }),
            )
            .await;
        Self { world, id: made["ticket_id"].as_u64().unwrap(), cursor }
    }

    async fn task(&self, title: &str, set: &[(&str, &str)]) -> u64 {
        let body = json!({
            "queue": "Partner Onboarding", "title": title, "parent": self.id, "due_at": "2026-07-01T00:00:00Z",
            "fields": fields(set),
        });
        self.world.agent(Method::POST, "/v1/tickets", body).await["ticket_id"].as_u64().unwrap()
    }

    async fn set(&self, ticket: u64, body: serde_json::Value) {
        self.world.agent(Method::PATCH, &format!("/v1/tickets/{ticket}"), body).await;
    }

    /// What the feed says since it was last asked.
    async fn said(&mut self) -> Vec<Change<InternalEvent>> {
        let mut said = Vec::new();
        loop {
            let page = self.world.feed.fetch(&self.cursor).await.unwrap();
            self.cursor = page.next;
            said.extend(page.changes);
            if !page.more {
                return said;
            }
        }
    }

    fn subject(&self) -> Subject {
        Subject::try_from(format!("onboarding/rt/{}", self.id)).unwrap()
    }

    fn case(&self) -> Case {
        Case { subject: self.subject(), ticket: self.id.to_string() }
    }
}

fn events(said: &[Change<InternalEvent>]) -> Vec<(&E, Visibility)> {
    let event = |change: &'_ Change<InternalEvent>| match &change.news {
        News::Event(InternalEvent::Onboarding(_)) => true,
        News::Event(other) => panic!("{other:?}"),
        News::Skipped { .. } => false,
        News::Malformed { reason, .. } => panic!("{reason}"),
    };
    said.iter()
        .filter(|change| event(change))
        .filter_map(|change| match &change.news {
            News::Event(InternalEvent::Onboarding(event)) => Some((event, change.visibility)),
            News::Event(_) | News::Skipped { .. } | News::Malformed { .. } => None,
        })
        .collect()
}

fn submit(task: u64, from: &str) -> InternalCommand {
    let only_if = Some(OnlyIf { field: "status".into(), one_of: vec![from.into()], set_by: String::new() });
    let write = StatusWrite { to: "open".into(), only_if };
    InternalCommand::Onboarding(C::SubmitTask(TaskStatusWrite { task_id: task.to_string(), write }))
}

fn note(task: u64, text: &str, only_if: Option<&str>) -> InternalCommand {
    let only_if =
        only_if.map(|status| OnlyIf { field: "status".into(), one_of: vec![status.into()], set_by: String::new() });
    let note = AddInternalNote { text: text.into() };
    InternalCommand::Onboarding(C::AddInternalNote(TaskNote { task_id: task.to_string(), note, only_if }))
}

#[tokio::test]
async fn a_task_is_told_at_its_programme_and_for_the_partner_only_where_it_says_so() {
    let mut programme = Programme::start("ACME").await;
    let mine = programme.task("Tax form", &[("TG Owner Side", "PARTNER"), ("TG Document Type", "Tax form")]).await;
    programme.task("Check the credit", &[("TG Owner Side", "HOST")]).await;
    programme.set(mine, json!({"due_at": "2026-08-01T00:00:00Z"})).await;
    programme.set(mine, json!({"status": "waiting-partner"})).await;
    let said = programme.said().await;
    for change in &said {
        assert_eq!(
            (change.entity.as_str(), change.subject.clone()),
            (&*programme.id.to_string(), Some(programme.subject()))
        );
        assert_eq!(change.partner_id.as_ref().map(|p| p.as_str()), Some("ACME"));
    }
    let events = events(&said);
    let published: Vec<_> = events
        .iter()
        .filter_map(|(event, visibility)| match event {
            E::TaskPublished(Task { title, due_at, .. }) => {
                assert_eq!(due_at, "2026-07-01T00:00:00Z");
                Some((title.for_host().as_str(), title.for_partner().is_some(), *visibility))
            }
            _ => None,
        })
        .collect();
    let wanted = [("Tax form", true, Visibility::Partner), ("Check the credit", false, Visibility::Host)];
    assert_eq!(published, wanted);
    assert!(matches!(events[0].0, E::Started(started) if started.programme == "supplier-edi"));
    let moved = |e: &&(&E, Visibility)| matches!(e.0, E::TaskChanged(t) if t.due_at == "2026-08-01T00:00:00Z");
    assert!(events.iter().any(|e| moved(&e)));
    let status = |e: &&(&E, Visibility)| matches!(e.0, E::TaskStatusChanged(t) if t.status == "waiting-partner");
    assert!(events.iter().any(|e| status(&e)));
}

#[tokio::test]
async fn readiness_follows_the_tasks_and_names_no_title() {
    let mut programme = Programme::start("ACME").await;
    let mine = programme.task("Tax form", &[("TG Owner Side", "PARTNER"), ("TG Document Type", "Tax form")]).await;
    let ours = programme.task("Check the credit", &[("TG Owner Side", "HOST")]).await;
    let extra = programme.task("Nice to have", &[("TG Owner Side", "PARTNER"), ("TG Mandatory", "no")]).await;
    let readiness = |said: &[Change<InternalEvent>]| {
        let mut last = events(said).into_iter().filter_map(|(event, _)| match event {
            E::ReadinessChanged(readiness) => Some(readiness.clone()),
            _ => None,
        });
        last.next_back().unwrap()
    };
    let said = readiness(&programme.said().await);
    assert_eq!((said.state.as_str(), said.done, said.total, said.hidden), ("NOT_READY", 0, 2, 1));
    assert_eq!((said.blockers.len(), said.blockers[0].document_type.as_str()), (1, "Tax form"));
    let fields = programme.world.ticket(&programme.id.to_string()).await["fields"].clone();
    assert!(!fields["TG Readiness"].as_str().unwrap().contains("credit"), "{fields}");
    assert!(fields["TG Blockers"].as_str().unwrap().contains("Check the credit"), "{fields}");
    for (ticket, status) in [(mine, "waiting-partner"), (mine, "resolved"), (ours, "open"), (ours, "rejected")] {
        programme.set(ticket, json!({ "status": status })).await;
    }
    let said = readiness(&programme.said().await);
    assert_eq!((said.state.as_str(), said.done, said.total), ("READY", 2, 2));
    // Mid-flight another task becomes mandatory: no longer ready.
    programme.set(extra, json!({"fields": {"TG Mandatory": "yes"}})).await;
    assert_eq!(readiness(&programme.said().await).state, "NOT_READY");
    programme.set(extra, json!({"status": "cancelled"})).await;
    assert_eq!(readiness(&programme.said().await).state, "READY");
}

#[tokio::test]
async fn an_answer_moves_its_task_and_its_echo_is_known() {
    let mut programme = Programme::start("ACME").await;
    let mine = programme.task("Tax form", &[("TG Owner Side", "PARTNER")]).await;
    programme.set(mine, json!({"status": "waiting-partner"})).await;
    programme.said().await;
    let case = programme.case();
    for command in [note(mine, "Ann handed in", None), submit(mine, "waiting-partner")] {
        let command = case.enveloped(command);
        let done = case.apply(&programme.world.target, &command).await.unwrap();
        assert_eq!(done.native_id, programme.id.to_string(), "told at the programme, as the feed does");
        assert_eq!(case.look(&programme.world.target, &command).await, Ok(Look::Applied(done.clone())));
        let echo = programme.said().await;
        let ours = echo.iter().find(|change| done.effects.contains(&change.id)).unwrap();
        assert_eq!((&ours.marker, ours.entity.as_str()), (&Some(command.meta.id.to_string()), &*done.native_id));
        if let Some(field) = &ours.field {
            let fields = domain::Command::fields(&command.payload);
            assert_eq!((&field.field, &field.hash), (&fields[0].0, &fields[0].1));
        }
    }
    assert_eq!(programme.world.ticket(&mine.to_string()).await["status"], "open");
    programme.set(mine, json!({"status": "resolved"})).await;
    let late = case.enveloped(submit(mine, "new"));
    let skipped = case.apply(&programme.world.target, &late).await.unwrap_err();
    assert!(matches!(skipped, CallError::ConditionNotMet { .. }), "{skipped}");
    let late = case.enveloped(note(mine, "too late", Some("cancelled")));
    let skipped = case.apply(&programme.world.target, &late).await.unwrap_err();
    assert!(matches!(skipped, CallError::ConditionNotMet { .. }), "{skipped}");
}

#[tokio::test]
async fn a_task_of_another_programme_is_not_touched_whoever_names_it() {
    let programme = Programme::start("ACME").await;
    let body = json!({
        "queue": "Partner Onboarding", "title": "Globex", "partner_id": "GLOBEX",
        "fields": {"TG Use Case": "onboarding", "TG Programme": "carrier"},
    });
    let other = programme.world.agent(Method::POST, "/v1/tickets", body).await["ticket_id"].as_u64().unwrap();
    let body = json!({"queue": "Partner Onboarding", "title": "Theirs", "parent": other});
    let theirs = programme.world.agent(Method::POST, "/v1/tickets", body).await["ticket_id"].as_u64().unwrap();
    let case = programme.case();
    let before = programme.world.history(&theirs.to_string()).await.len();
    for task in [theirs, other, 4711] {
        for command in [note(task, "theirs", None), submit(task, "new")] {
            let command = case.enveloped(command);
            let refused = case.apply(&programme.world.target, &command).await.unwrap_err();
            assert!(matches!(refused, CallError::Refused { .. }), "{task}: {refused}");
        }
    }
    assert_eq!(programme.world.history(&theirs.to_string()).await.len(), before);
}
