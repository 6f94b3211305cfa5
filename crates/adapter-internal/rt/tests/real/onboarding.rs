//! Programmes begin in Request Tracker: their tasks are members, the scrip computes readiness, and one subject tells it all.

use crate::agent::Agent;
use crate::fixture::{Case, Rt, unique};
use domain::issue::{AddInternalNote, StatusWrite, UpdateFields};
use domain::onboarding::{InternalCommand as C, InternalEvent as E, TaskFields, TaskNote, TaskStatusWrite};
use domain::{InternalCommand, InternalEvent, OnlyIf, Subject, Visibility};
use ports::{CallError, Change, Cursor, Feed as _, Look, News, Target as _};
use serde_json::{Value, json};

const PROGRAMMES: &str = "Partner Onboarding";

fn id_of(made: &Value) -> String {
    made["id"].as_str().map(str::to_owned).or_else(|| made["id"].as_u64().map(|id| id.to_string())).unwrap()
}

async fn programme(agent: &Agent, partner: &str) -> String {
    let body = json!({
        "Queue": PROGRAMMES, "Subject": format!("Onboarding {}", unique()), "Content": "inside talk",
        "CustomFields": {"TG Programme": "supplier-edi", "TG Partner Id": partner},
    });
    let (status, made) = agent.post("/ticket", body).await;
    assert_eq!(status, 201, "{made}");
    id_of(&made)
}

async fn task(agent: &Agent, programme: &str, title: &str, fields: Value) -> String {
    let body = json!({
        "Queue": PROGRAMMES, "Subject": title, "Content": "inside talk", "Due": "2026-07-01 00:00:00",
        "MemberOf": programme, "CustomFields": fields,
    });
    let (status, made) = agent.post("/ticket", body).await;
    assert_eq!(status, 201, "{made}");
    id_of(&made)
}

async fn set(agent: &Agent, ticket: &str, body: Value) {
    let (status, said) = agent.put(&format!("/ticket/{ticket}"), body).await;
    assert_eq!(status, 200, "{said}");
}

/// What the feed says of a programme, up to its end.
async fn said(rt: &Rt, from: &mut Cursor, programme: &str) -> Vec<Change<InternalEvent>> {
    let (mut feed, mut said) = (rt.feed(), Vec::new());
    loop {
        let page = feed.fetch(from).await.unwrap();
        *from = page.next;
        said.extend(page.changes.into_iter().filter(|change| change.entity.as_str() == programme));
        if !page.more {
            return said;
        }
    }
}

fn events(said: &[Change<InternalEvent>]) -> Vec<(&E, Visibility)> {
    said.iter()
        .filter_map(|change| match &change.news {
            News::Event(InternalEvent::Onboarding(event)) => Some((event, change.visibility)),
            News::Event(other) => panic!("{other:?}"),
            News::Skipped { .. } => None,
            News::Malformed { reason, .. } => panic!("{reason}"),
        })
        .collect()
}

fn submit(task: &str, from: &str) -> InternalCommand {
    let only_if = Some(OnlyIf { field: "status".into(), one_of: vec![from.into()], set_by: String::new() });
    let write = StatusWrite { to: "open".into(), only_if };
    InternalCommand::Onboarding(C::SubmitTask(TaskStatusWrite { task_id: task.to_owned(), write }))
}

fn note(task: &str, only_if: Option<&str>) -> InternalCommand {
    let only_if =
        only_if.map(|status| OnlyIf { field: "status".into(), one_of: vec![status.into()], set_by: String::new() });
    let note = AddInternalNote { text: "Ann handed in: here".into() };
    InternalCommand::Onboarding(C::AddInternalNote(TaskNote { task_id: task.to_owned(), note, only_if }))
}

fn follows(task: &str, said: &str) -> InternalCommand {
    let write = UpdateFields { fields: crate::fixture::map(&[("TG Partner Status", said)]) };
    InternalCommand::Onboarding(C::UpdateFields(TaskFields { task_id: task.to_owned(), write }))
}

#[tokio::test]
async fn tasks_are_told_at_their_programme_and_readiness_is_computed() {
    let Some(rt) = Rt::get() else { return };
    let agent = rt.agent();
    let mut cursor = rt.feed().begin().await.unwrap();
    let programme = programme(&agent, "p-7").await;
    let mine = task(
        &agent,
        &programme,
        "Send your tax form",
        json!({"TG Owner Side": "PARTNER", "TG Document Type": "Tax form", "TG Instructions": "Signed, as PDF"}),
    )
    .await;
    let ours = task(&agent, &programme, "Check the credit", json!({"TG Owner Side": "HOST"})).await;
    assert_eq!(agent.field(&mine, "TG Task Of").await, std::slice::from_ref(&programme));
    assert_eq!(agent.field(&mine, "TG Partner Id").await, ["p-7"]);
    let readiness = format!("NOT_READY 0/2\n{mine} Tax form\n+1");
    assert_eq!(agent.field(&programme, "TG Readiness").await.concat().replace("\r\n", "\n"), readiness);
    assert!(agent.field(&programme, "TG Blockers").await.concat().contains("Check the credit"));
    for status in ["waiting-partner", "resolved"] {
        set(&agent, &mine, json!({"Status": status})).await;
    }
    set(&agent, &ours, json!({"Status": "rejected"})).await;
    set(&agent, &mine, json!({"Due": "2026-08-01 00:00:00"})).await;
    set(&agent, &programme, json!({"CustomFields": {"TG Milestones": "Certified 2026-07-01\nLive 2026-09-01"}})).await;
    assert_eq!(agent.field(&programme, "TG Readiness").await, ["READY 2/2"]);

    let subject = Subject::try_from(format!("onboarding/rt/{programme}")).unwrap();
    let said = said(&rt, &mut cursor, &programme).await;
    for change in said.iter().filter(|change| !matches!(change.news, News::Skipped { .. })) {
        assert_eq!(change.subject.as_ref(), Some(&subject));
        assert_eq!(change.partner_id.as_ref().map(|p| p.as_str()), Some("p-7"));
    }
    let events = events(&said);
    assert!(
        events.iter().any(|(e, v)| *v == Visibility::Partner
            && matches!(e, E::Started(started) if started.programme == "supplier-edi"))
    );
    for (id, title, shown) in [(&mine, "Send your tax form", true), (&ours, "Check the credit", false)] {
        let found = events.iter().find_map(|(e, visibility)| match e {
            E::TaskPublished(task) if task.task_id == **id => Some((task, visibility)),
            _ => None,
        });
        let (task, visibility) = found.unwrap_or_else(|| panic!("{title} was not published"));
        assert_eq!((task.title.for_host().as_str(), task.title.for_partner().is_some()), (title, shown));
        assert_eq!(*visibility == Visibility::Partner, shown);
    }
    let last_due = events.iter().rev().find_map(|(e, _)| match e {
        E::TaskChanged(task) if task.task_id == mine => Some(task.due_at.clone()),
        _ => None,
    });
    assert_eq!(last_due.as_deref(), Some("2026-08-01T00:00:00Z"));
    let moved: Vec<_> = events
        .iter()
        .filter_map(|(e, _)| match e {
            E::TaskStatusChanged(task) if task.task_id == mine => Some((task.from.as_str(), task.status.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(moved, [("new", "waiting-partner"), ("waiting-partner", "resolved")]);
    let last = events.iter().rev().find_map(|(e, _)| match e {
        E::ReadinessChanged(readiness) => Some((readiness.state.as_str(), readiness.done, readiness.total)),
        _ => None,
    });
    assert_eq!(last, Some(("READY", 2, 2)));
    let milestones = |e: &&(&E, Visibility)| matches!(e.0, E::MilestonesChanged(m) if m.to.lines().count() == 2);
    assert!(events.iter().any(|e| milestones(&e)));
}

#[tokio::test]
async fn an_answer_moves_its_task_its_echo_is_known_and_no_other_programme_is_touched() {
    let Some(rt) = Rt::get() else { return };
    let (agent, target) = (rt.agent(), rt.target());
    let programme = programme(&agent, "p-7").await;
    let mine = task(&agent, &programme, "Tax form", json!({"TG Owner Side": "PARTNER"})).await;
    let other = self::programme(&agent, "p-8").await;
    let theirs = task(&agent, &other, "Theirs", json!({"TG Owner Side": "PARTNER"})).await;
    set(&agent, &mine, json!({"Status": "waiting-partner"})).await;
    let mut cursor = rt.feed().begin().await.unwrap();
    let subject = Subject::try_from(format!("onboarding/rt/{programme}")).unwrap();
    let case = Case { subject, ticket: programme.clone() };
    for command in
        [note(&mine, None), submit(&mine, "waiting-partner"), follows(&mine, "delivered"), follows("", "waiting")]
    {
        let command = case.enveloped(command);
        let there = case.context(&command);
        let done = target.apply(&command, &there).await.unwrap();
        assert_eq!(done.native_id, programme, "told at the programme, as the feed does");
        let Look::Applied(found) = target.look(&command, &there).await.unwrap() else { panic!("not found") };
        assert_eq!(found.effects, done.effects);
        let told = said(&rt, &mut cursor, &programme).await;
        let echo = told.iter().find(|change| done.effects.contains(&change.id)).unwrap();
        assert_eq!(echo.by_us, Some(true));
        if let Some(field) = &echo.field {
            let fields = domain::Command::fields(&command.payload);
            assert_eq!((&field.field, &field.hash), (&fields[0].0, &fields[0].1));
        }
    }
    assert_eq!(agent.ticket(&mine).await["Status"], "open");
    for (ticket, said) in [(&mine, "delivered"), (&programme, "waiting")] {
        assert_eq!(agent.field(ticket, "TG Partner Status").await, [said]);
    }
    set(&agent, &mine, json!({"Status": "resolved"})).await;
    for late in [submit(&mine, "new"), note(&mine, Some("cancelled"))] {
        let late = case.enveloped(late);
        let skipped = target.apply(&late, &case.context(&late)).await.unwrap_err();
        assert!(matches!(skipped, CallError::ConditionNotMet { .. }), "{skipped}");
    }
    for foreign in [submit(&theirs, "new"), note(&theirs, None), note(&other, None), follows(&theirs, "delivered")] {
        let foreign = case.enveloped(foreign);
        let refused = target.apply(&foreign, &case.context(&foreign)).await.unwrap_err();
        assert!(matches!(refused, CallError::Refused { .. }), "{refused}");
    }
    assert_eq!(agent.ticket(&theirs).await["Status"], "new");
}
