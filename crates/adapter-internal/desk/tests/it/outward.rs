//! Documents of the house's own: heard from the gesture on, with the file of the reply before it; and links to cases.

use crate::files::uploaded;
use crate::world::{Case, World};
use domain::document::{InternalCommand as C, InternalEvent as E, LinkCase};
use domain::{InternalCommand, InternalEvent, Visibility};
use ports::{CallError, Change, Feed as _, Look, News, Target as _};
use reqwest::Method;
use serde_json::{Value, json};

async fn heard(world: &mut World) -> Vec<Change<InternalEvent>> {
    let (mut at, mut all) = (ports::Cursor::default(), Vec::new());
    loop {
        let page = world.feed.fetch(&at).await.unwrap();
        all.extend(page.changes);
        at = page.next;
        if !page.more {
            return all;
        }
    }
}

async fn ticket(world: &World, partner: &str) -> String {
    let body = json!({
        "queue": "Partner Documents", "title": "For a partner", "description": "agreed", "partner_id": partner,
        "fields": {"TG Document Type": "OWN NDA"},
    });
    let made = world.agent(Method::POST, "/v1/tickets", body).await;
    made["ticket_id"].as_u64().unwrap().to_string()
}

async fn replies(world: &World, ticket: &str, text: &str, name: &str) {
    let file = uploaded(world, name).await;
    let body = json!({"text": text, "files": [file]});
    world.agent(Method::POST, &format!("/v1/tickets/{ticket}/replies"), body).await;
}

async fn sets(world: &World, ticket: &str, body: Value) {
    world.agent(Method::PATCH, &format!("/v1/tickets/{ticket}"), body).await;
}

#[tokio::test]
async fn it_is_told_from_the_gesture_on_with_the_newest_file_and_a_reply_brings_words_alone() {
    let mut world = World::start().await;
    let id = ticket(&world, "acme").await;
    replies(&world, &id, "the first", "first.pdf").await;
    replies(&world, &id, "the second", "second.pdf").await;
    let none = heard(&mut world).await;
    assert!(none.iter().all(|change| matches!(change.news, News::Skipped { rule: "not-ours" })), "{none:?}");
    sets(&world, &id, json!({"fields": {"TG Share": "version=1"}})).await;
    replies(&world, &id, "one more", "third.pdf").await;
    sets(&world, &id, json!({"fields": {"TG Share": ""}})).await;
    sets(&world, &id, json!({"status": "cancelled"})).await;

    let mut told = Vec::new();
    for change in heard(&mut world).await {
        let News::Event(InternalEvent::Document(event)) = change.news else { continue };
        assert_eq!(change.subject.unwrap().as_str(), format!("document/rt/{id}"));
        assert_eq!(change.partner_id.unwrap().as_str(), "acme");
        told.push((event, change.visibility));
    }
    let [(first, seen), (second, _), (third, inside), (fourth, _)] = told.as_slice() else { panic!("{told:#?}") };
    let E::SharedOutward(shared) = first else { panic!("{first:?}") };
    let names: Vec<_> = shared.files.iter().map(|file| file.file_name.for_host().as_str()).collect();
    assert_eq!((shared.gesture.for_host().as_str(), names), ("version=1", vec!["second.pdf"]));
    assert_eq!((*seen, shared.gesture.visibility()), (Visibility::Partner, Visibility::Host));
    let E::PublicCommentAdded(said) = second else { panic!("{second:?}") };
    assert_eq!((said.text.for_host().as_str(), said.files.len()), ("one more", 0));
    // An emptied field is no gesture, and does not make the ticket nobody's.
    assert!(matches!(third, E::FieldChanged(_)) && *inside == Visibility::Host, "{third:?}");
    assert!(matches!(fourth, E::StatusChanged(_)), "{fourth:?}");
}

#[tokio::test]
async fn a_ticket_of_a_case_shares_nothing_and_one_without_a_partner_is_nobodys() {
    let mut world = World::start().await;
    let case = world.case().await;
    sets(&world, &case.ticket, json!({"fields": {"TG Share": "version=1"}})).await;
    let body = json!({"queue": "Partner Documents", "title": "Ours", "description": "x"});
    let made = world.agent(Method::POST, "/v1/tickets", body).await;
    sets(&world, &made["ticket_id"].to_string(), json!({"fields": {"TG Share": "version=1"}})).await;
    for change in heard(&mut world).await {
        assert!(!matches!(change.news, News::Event(InternalEvent::Document(_))), "{change:?}");
    }
}

#[tokio::test]
async fn a_document_refers_to_the_ticket_of_its_case_once_and_to_no_other_partners() {
    let world = World::start().await;
    let (case, paper) = (world.case().await, Case::new("2"));
    let made = paper.apply(&world.target, &paper.create()).await.unwrap();
    let paper = Case { ticket: made.native_id, ..paper };
    let link = |case: &str| paper.enveloped(InternalCommand::Document(C::LinkCase(LinkCase { case: case.to_owned() })));
    let subject = case.create().meta.subject.to_string();
    let command = link(&subject);
    assert_eq!(world.target.look(&command, &paper.context(&command)).await, Ok(Look::Absent));
    let applied = paper.apply(&world.target, &command).await.unwrap();
    assert_eq!(paper.look(&world.target, &command).await, Ok(Look::Applied(applied)));
    paper.apply(&world.target, &command).await.unwrap();
    let links = world.ticket(&paper.ticket).await["links"].clone();
    assert_eq!(links.as_array().unwrap().len(), 1);
    assert_eq!((&links[0]["relation"], &links[0]["to"]), (&json!("refers-to"), &json!(case.ticket)));

    let nowhere = paper.apply(&world.target, &link("case/tg/nobody")).await;
    assert_eq!(nowhere, Err(CallError::LeftAlone { rule: "case-without-ticket" }));
    let mut foreign = link(&subject);
    foreign.meta.partner_id = domain::PartnerId::new("globex").ok();
    let refused = paper.apply(&world.target, &foreign).await;
    assert!(matches!(refused, Err(CallError::Refused { .. })), "{refused:?}");
}
