//! Onboarding over the contract: a space made under our own reference, tasks, and what the partner answers.

use crate::world::{World, context, enveloped, shared};
use domain::onboarding::{self as o, PartnerCommand as C, PartnerEvent as E};
use domain::{Envelope, NativeId, PartnerCommand, PartnerEvent, ProgrammeStatus, Subject, TaskStatus, Timestamp};
use ports::{CallContext, CallError, Capability, Cursor, Feed as _, Look, News, Target as _};
use reqwest::Method;
use serde_json::{Value, json};

const REFERENCE: &str = "onboarding/rt/17";

fn about(number: u32, command: C) -> Envelope<PartnerCommand> {
    let mut command = enveloped("onboarding", number, PartnerCommand::Onboarding(command));
    command.meta.subject = Subject::try_from(REFERENCE.to_owned()).unwrap();
    command
}

fn at(space: &str, command: &Envelope<PartnerCommand>) -> CallContext {
    let native_id = (!space.is_empty()).then(|| NativeId::new(space).unwrap());
    CallContext { native_id, ..context(command) }
}

fn open() -> C {
    C::OpenSpace(o::OpenSpace { programme: shared("Supplier, by EDI"), target_live_at: Some(Timestamp(9)) })
}

fn status(status: ProgrammeStatus) -> C {
    let (label, reason) = (shared("You are invited"), Some(shared("welcome")));
    C::SetStatus(o::SetStatus { status, label, reason, only_if: None })
}

fn task(id: &str, depends_on: &[&str]) -> C {
    C::UpsertTask(o::UpsertTask {
        task_id: id.to_owned(),
        title: shared("Send your tax form"),
        instructions: Some(shared("Signed, as PDF")),
        owner_side: "PARTNER".to_owned(),
        mandatory: true,
        document_type: Some(shared("W9")),
        depends_on: depends_on.iter().map(|id| (*id).to_owned()).collect(),
        due_at: Some(Timestamp(5)),
        reason: Some(shared("a new rule")),
    })
}

fn moved(id: &str, status: TaskStatus, only_if: &[&str]) -> C {
    let one_of: Vec<String> = only_if.iter().map(|s| (*s).to_owned()).collect();
    let only_if =
        (!one_of.is_empty()).then(|| domain::OnlyIf { field: "status".to_owned(), one_of, set_by: String::new() });
    let (task_id, label) = (id.to_owned(), shared("To do"));
    C::SetTaskStatus(o::SetTaskStatus { task_id, status, label, reason: Some(shared("now")), only_if })
}

/// One of each kind, in an order that the lives allow.
fn one_of_each() -> Vec<C> {
    vec![
        C::UpdateSpace(o::OpenSpace { programme: shared("Supplier"), target_live_at: None }),
        status(ProgrammeStatus::Invited),
        task("12", &[]),
        moved("12", TaskStatus::Active, &["new"]),
        C::SetMilestone(o::SetMilestone {
            code: shared("LIVE"),
            label: shared("Live"),
            state: "planned".to_owned(),
            date: Some(Timestamp(7)),
            previous_date: Some(Timestamp(6)),
            reason: Some(shared("the test file came late")),
        }),
        C::SetReadiness(o::SetReadiness {
            state: "NOT_READY".to_owned(),
            label: shared("Not ready yet"),
            done: 0,
            total: 2,
            blockers: vec![o::PublicBlocker { task_id: "12".to_owned(), document_type: Some(shared("W9")) }],
            hidden: 1,
        }),
        C::PostComment(o::PostTaskComment {
            task_id: "12".to_owned(),
            note_key: "n".to_owned(),
            author_label: Some(shared("Support")),
            text: shared("page 2, please"),
        }),
    ]
}

/// Everything both sides can do, once; gives the id of the space.
pub async fn tour(world: &World) -> String {
    let make = about(900, open());
    let made = world.target.apply(&make, &at("", &make)).await.unwrap();
    let space = made.native_id;
    world.target.look(&make, &at("", &make)).await.unwrap();
    for (number, command) in (901..).zip(one_of_each()) {
        let command = about(number, command);
        world.target.apply(&command, &at(&space, &command)).await.unwrap();
    }
    let path = |rest: &str| format!("/onboarding/{space}{rest}");
    let contact = json!({"name": "Ann", "email": "ann@acme.example"});
    for (rest, body) in [
        ("/invitation/acceptance", json!({"contact": contact, "comment": "gladly"})),
        ("/tasks/12/submission", json!({"answer": "here", "documents": [{"type_code": "W9", "number": "1"}]})),
        ("/questions", json!({"task_id": "12", "text": "which page?"})),
    ] {
        let (status, body) = world.as_partner("acme", Method::POST, &path(rest), body).await;
        assert_eq!(status, 201, "{body}");
    }
    // A second programme, whose invitation is declined.
    let mut other = about(990, open());
    other.meta.subject = Subject::try_from("onboarding/rt/18".to_owned()).unwrap();
    let second = world.target.apply(&other, &at("", &other)).await.unwrap().native_id;
    let mut invite = about(991, status(ProgrammeStatus::Invited));
    invite.meta.subject = other.meta.subject.clone();
    world.target.apply(&invite, &at(&second, &invite)).await.unwrap();
    let declined = format!("/onboarding/{second}/invitation/decline");
    assert_eq!(world.as_partner("acme", Method::POST, &declined, json!({"comment": "no"})).await.0, 201);
    for path in ["/onboarding", &path("")] {
        assert_eq!(world.as_partner("acme", Method::GET, path, Value::Null).await.0, 200);
        assert_eq!(world.ask("host-token", Method::GET, &format!("/v1{path}"), None).await.0, 200);
    }
    space
}

#[tokio::test]
async fn a_space_is_made_once_whatever_is_repeated_and_is_found_again() {
    let world = World::start().await;
    let make = about(1, open());
    assert_eq!(world.target.look(&make, &at("", &make)).await, Ok(Look::Absent));
    let made = world.target.apply(&make, &at("", &make)).await.unwrap();
    let again = world.target.apply(&make, &at("", &make)).await.unwrap();
    assert_eq!(made, again);
    assert_eq!(world.target.look(&make, &at("", &make)).await, Ok(Look::Applied(made.clone())));
    // Beyond the window of its key, or under another id: still the one space.
    let other = about(2, open());
    assert_eq!(world.target.apply(&other, &at("", &other)).await.unwrap().native_id, made.native_id);
    let (_, spaces) = world.ask("host-token", Method::GET, "/v1/onboarding", None).await;
    assert_eq!(spaces["onboarding"].as_array().unwrap().len(), 1);
    assert_eq!(spaces["onboarding"][0]["external_reference"], REFERENCE);
    // Of another partner it is taken.
    let mut stolen = about(3, open());
    stolen.meta.partner_id = Some(domain::PartnerId::new("globex").unwrap());
    let refused = world.target.apply(&stolen, &at("", &stolen)).await.unwrap_err();
    assert!(matches!(refused, CallError::Refused { ref reason, .. } if reason == "reference-taken"), "{refused}");
    for kind in ["partner.onboarding.open-space", "partner.onboarding.set-task-status"] {
        assert!(matches!(world.target.capability(kind), Capability::Idempotent { .. }));
    }
}

#[tokio::test]
async fn a_command_about_anothers_space_or_a_task_elsewhere_changes_nothing() {
    let world = World::start().await;
    let space = tour(&world).await;
    let before = world.journalled();
    let mut foreign = about(1, task("13", &[]));
    foreign.meta.partner_id = Some(domain::PartnerId::new("globex").unwrap());
    let refused = world.target.apply(&foreign, &at(&space, &foreign)).await.unwrap_err();
    assert!(matches!(refused, CallError::Refused { ref reason, .. } if reason == "foreign-partner"), "{refused}");
    let unknown = about(2, moved("99", TaskStatus::Waived, &[]));
    let refused = world.target.apply(&unknown, &at(&space, &unknown)).await.unwrap_err();
    assert!(matches!(refused, CallError::Refused { ref reason, .. } if reason == "task-unknown"), "{refused}");
    // The condition is about the task, not about the programme.
    let late = about(3, moved("12", TaskStatus::Active, &["new"]));
    let skipped = world.target.apply(&late, &at(&space, &late)).await.unwrap_err();
    assert_eq!(skipped, CallError::ConditionNotMet { actual: "submitted".to_owned() });
    let path = format!("/onboarding/{space}/questions");
    assert_eq!(world.as_partner("globex", Method::POST, &path, json!({"text": "?"})).await.0, 404);
    assert_eq!(world.journalled(), before);
}

#[tokio::test]
async fn the_feed_tells_answers_under_our_own_reference_and_the_hosts_doing_as_echo() {
    let world = World::start().await;
    let space = tour(&world).await;
    let (status, _) = world.ask("", Method::POST, &format!("/control/onboarding/{space}/expiry"), None).await;
    assert_eq!(status, 409, "nobody is invited any more");
    let mut feed = world.feed.clone();
    let (mut cursor, mut told) = (Cursor::default(), Vec::new());
    loop {
        let page = feed.fetch(&cursor).await.unwrap();
        for change in page.changes {
            match change.news {
                News::Event(PartnerEvent::Onboarding(event)) => told.push((change.subject.unwrap().to_string(), event)),
                News::Event(other) => panic!("{other:?}"),
                News::Skipped { rule } => assert_eq!(rule, "by-the-host"),
                News::Malformed { reason, .. } => panic!("{reason}"),
            }
        }
        cursor = page.next;
        if !page.more {
            break;
        }
    }
    let kinds: Vec<_> = told.iter().map(|(s, e)| (s.as_str(), PartnerEvent::Onboarding(e.clone()).kind())).collect();
    let wanted = [
        (REFERENCE, "partner.onboarding.invitation-accepted"),
        (REFERENCE, "partner.onboarding.task-submitted"),
        (REFERENCE, "partner.onboarding.question-asked"),
        ("onboarding/rt/18", "partner.onboarding.invitation-declined"),
    ];
    assert_eq!(kinds, wanted);
    let E::TaskSubmitted(submitted) = &told[1].1 else { panic!("{told:?}") };
    assert_eq!((submitted.task_id.as_str(), submitted.documents.len()), ("12", 1));
}
