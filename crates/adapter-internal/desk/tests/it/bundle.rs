//! The starter bundle of Request Tracker fits the simulated case system unchanged: every command that it makes is taken
//! there, and everything that is said there is known to it.

use crate::world::{Case, World};
use domain::issue::{
    CommentAdded, Contact, DetailsChanged, DocumentRef, FieldChange, InternalEvent as I, Opened, PartnerEvent as P,
    ResolutionAnswer, Withdrawn,
};
use domain::{
    Actor, Cause, Envelope, Environment, Fact, InternalCommand, InternalEvent, MessageId, Meta, PartnerEvent,
    PartnerId, Side, SystemId, Timestamp, Visibility,
};
use mapping::{Bundle, to_internal, to_partner};
use ports::{CallError, Change, Feed as _, News};
use reqwest::Method;
use serde_json::json;
use std::path::Path;

fn bundle() -> Bundle {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../deploy/bundles/rt");
    Bundle::load(Path::new(folder)).unwrap()
}

fn cause(topic: &str) -> Cause {
    Cause { topic: topic.to_owned(), partition: 0, offset: 1 }
}

fn meta(case: &Case, system: &str, kind: &str, discriminator: &str, side: Side) -> Meta {
    let system = SystemId::new(system).unwrap();
    Meta {
        id: MessageId::of_event(&system, "1", discriminator, &case.subject),
        subject: case.subject.clone(),
        system,
        partner_id: Some(PartnerId::new("ACME").unwrap()),
        kind: kind.to_owned(),
        occurred_at: Timestamp(1_800_000_000_000),
        recorded_at: Timestamp(1_800_000_000_000),
        source_version: String::new(),
        causation_id: None,
        actor: Actor { id: "somebody".into(), side },
        visibility: Visibility::Partner,
        environment: Environment::Production,
        ext: Default::default(),
        mapping_version: 0,
        cause: None,
    }
}

fn commands(bundle: &Bundle, case: &Case, discriminator: &str, said: P) -> Vec<Envelope<InternalCommand>> {
    let payload = PartnerEvent::Issue(said);
    let meta = meta(case, "tg", payload.kind(), discriminator, Side::Partner);
    let mapped = to_internal(bundle, &Fact::event(Envelope { meta, payload }), &cause("partner.events"));
    assert_eq!(mapped.held, None, "{discriminator}");
    mapped.commands
}

/// Carries out what the bundle makes of it; how many commands that were.
async fn hears(world: &World, bundle: &Bundle, case: &mut Case, discriminator: &str, said: P) -> usize {
    let commands = commands(bundle, case, discriminator, said);
    for command in &commands {
        match case.apply(&world.target, command).await {
            Ok(applied) => case.ticket = applied.native_id,
            // What needs another state is skipped by the sink, finally.
            Err(CallError::ConditionNotMet { .. }) => {}
            Err(other) => panic!("{discriminator}: {} {other:?}", command.meta.kind),
        }
    }
    commands.len()
}

fn opened(category: &str, severity: &str) -> P {
    P::Opened(Box::new(Opened {
        title: "Invoice 4711 was rejected".into(),
        description: "The 810 came back with error 7.".into(),
        severity: severity.into(),
        category: category.into(),
        sub_category: String::new(),
        contact: Contact { name: "Pat".into(), email: "pat@partner.example".into(), ..Contact::default() },
        documents: vec![DocumentRef { type_code: "380".into(), number: "4711".into(), issue_date: String::new() }],
        transaction: None,
        requested_resolution_at: None,
        language: "en".into(),
        files: Vec::new(),
    }))
}

#[tokio::test]
async fn every_command_of_the_starter_bundle_is_taken() {
    let (world, bundle) = (World::start().await, bundle());
    let categories =
        ["ORDER", "SHIPMENT", "INVOICE", "PAYMENT", "EDI_TECHNICAL", "MASTER_DATA", "COMPLIANCE", "ACCESS", "OTHER"];
    for (number, category) in categories.into_iter().enumerate() {
        for severity in ["CRITICAL", "MAJOR", "MINOR"] {
            let mut case = Case::new(&format!("{severity}{number}"));
            assert!(hears(&world, &bundle, &mut case, "open", opened(category, severity)).await > 0);
        }
    }
    let mut case = Case::new("1");
    hears(&world, &bundle, &mut case, "open", opened("INVOICE", "MAJOR")).await;
    let ticket = format!("/v1/tickets/{}", case.ticket);
    let comment = |text: &str| {
        let (note_id, author, text) = (text.to_owned(), "Pat".to_owned(), text.to_owned());
        P::CommentAdded(CommentAdded {
            note_id,
            author,
            text,
            format: "plain".into(),
            case_status: String::new(),
            files: Vec::new(),
        })
    };
    hears(&world, &bundle, &mut case, "first", comment("position 3")).await;
    let change = FieldChange { field: "severity".into(), old: "MAJOR".into(), new: "CRITICAL".into() };
    let changed = P::DetailsChanged(DetailsChanged { changes: vec![change], reason: String::new() });
    assert!(hears(&world, &bundle, &mut case, "changed", changed).await > 0);
    assert_eq!(world.ticket(&case.ticket).await["fields"]["TG Severity"], "critical");
    // An answer to a question resumes; a rejection reopens; an acceptance closes; a withdrawal cancels.
    world.agent(Method::POST, &format!("{ticket}/questions"), json!({"text": "which line?"})).await;
    hears(&world, &bundle, &mut case, "answer", comment("line 3")).await;
    assert_eq!(world.ticket(&case.ticket).await["status"], "open");
    for (said, status) in [(P::ResolutionRejected as fn(_) -> P, "open"), (P::ResolutionAccepted, "closed")] {
        world.agent(Method::PATCH, &ticket, json!({"status": "resolved"})).await;
        let resolved = world.history(&case.ticket).await.last().unwrap()["id"].to_string();
        let system = SystemId::new("rt").unwrap();
        let event = MessageId::of_event(&system, &case.ticket, &resolved, &case.subject);
        let said = said(ResolutionAnswer { resolution_version: event.to_string(), comment: "well".into() });
        hears(&world, &bundle, &mut case, status, said).await;
        assert_eq!(world.ticket(&case.ticket).await["status"], status);
    }
    world.agent(Method::PATCH, &ticket, json!({"status": "open"})).await;
    hears(&world, &bundle, &mut case, "withdrawn", P::Withdrawn(Withdrawn { reason: "paid".into() })).await;
    assert_eq!(world.ticket(&case.ticket).await["status"], "cancelled");
}

fn fact(change: &Change<InternalEvent>, payload: InternalEvent) -> Envelope<Fact<InternalEvent>> {
    let case = Case { subject: change.subject.clone().unwrap(), ticket: String::new() };
    let meta = Meta {
        partner_id: change.partner_id.clone(),
        actor: change.actor.clone(),
        visibility: change.visibility,
        environment: change.environment,
        ext: change.ext.clone(),
        ..meta(&case, "rt", payload.kind(), &change.id, Side::Internal)
    };
    Fact::event(Envelope { meta, payload })
}

#[tokio::test]
async fn everything_that_is_said_is_known_to_the_starter_bundle_and_nothing_internal_goes_out() {
    let (mut world, bundle) = (World::start().await, bundle());
    let begin = world.feed.begin().await.unwrap();
    let mut case = Case::new("1");
    hears(&world, &bundle, &mut case, "open", opened("INVOICE", "MAJOR")).await;
    let ticket = format!("/v1/tickets/{}", case.ticket);
    let set = async |body| world.agent(Method::PATCH, &ticket, body).await;
    world.agent(Method::POST, &format!("{ticket}/replies"), json!({"text": "we are on it"})).await;
    world.agent(Method::POST, &format!("{ticket}/notes"), json!({"text": "SECRET credit"})).await;
    world.agent(Method::POST, &format!("{ticket}/questions"), json!({"text": "which line?"})).await;
    set(json!({"owner": "ann", "priority": 90, "fields": {"Root Cause": "SECRET disk"}})).await;
    for status in ["open", "stalled"] {
        set(json!({"status": status})).await;
    }
    set(json!({"status": "resolved", "fields": {"Resolution Note": "credit note 77"}})).await;
    set(json!({"status": "closed"})).await;
    // The other ends, each of a case of its own: what is closed to a partner is not opened again.
    for status in ["rejected", "cancelled"] {
        let mut other = Case::new(status);
        hears(&world, &bundle, &mut other, "open", opened("INVOICE", "MAJOR")).await;
        let path = format!("/v1/tickets/{}", other.ticket);
        for status in ["open", status] {
            world.agent(Method::PATCH, &path, json!({"status": status})).await;
        }
    }
    let (mut at, mut sent) = (begin, Vec::new());
    loop {
        let page = world.feed.fetch(&at).await.unwrap();
        for change in &page.changes {
            let News::Event(event) = &change.news else { continue };
            let mapped = to_partner(&bundle, &fact(change, event.clone()), &cause("internal.events"));
            assert_eq!(mapped.held, None, "{event:?}");
            let InternalEvent::Issue(issue) = event else { panic!("not of an issue: {event:?}") };
            assert!(!matches!(issue, I::InternalNoteAdded(_)) || mapped.commands.is_empty());
            sent.extend(mapped.commands);
        }
        at = page.next;
        if !page.more {
            break;
        }
    }
    let shown = format!("{sent:?}");
    assert!(!shown.contains("SECRET"), "{shown}");
    for text in ["we are on it", "which line?", "credit note 77"] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    let kinds: Vec<&str> = sent.iter().map(|c| c.meta.kind.as_str()).collect();
    for kind in ["post-comment", "request-information", "set-case-status", "propose-resolution", "close-case"] {
        assert!(kinds.contains(&format!("partner.issue.{kind}").as_str()), "{kind} in {kinds:?}");
    }
}
