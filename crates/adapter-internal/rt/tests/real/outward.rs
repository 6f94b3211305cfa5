//! Documents of the house's own, by the gestures that agents have; and links to the tickets of cases.

use crate::agent::Agent;
use crate::feed::drain;
use crate::fixture::{Case, Rt, unique};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::document::{InternalCommand as C, InternalEvent as E, LinkCase};
use domain::{InternalCommand, InternalEvent, Visibility};
use ports::{CallError, Feed as _, Look, News, Target as _};
use serde_json::{Value, json};

async fn ticket(agent: &Agent, partner: &str) -> String {
    let fields = json!({"TG Partner Id": partner, "TG Document Type": "OWN NDA"});
    let body = json!({
        "Queue": "Partner Documents", "Subject": "For a partner", "Content": "agreed by telephone", "CustomFields": fields,
    });
    let (status, made) = agent.post("/ticket", body).await;
    assert_eq!(status, 201, "{made}");
    let id = &made["id"];
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

async fn replies(agent: &Agent, ticket: &str, text: &str, name: &str) {
    let file = json!({"FileName": name, "FileType": "application/pdf", "FileContent": STANDARD.encode(name)});
    let body = json!({"Content": text, "ContentType": "text/plain", "Attachments": [file]});
    let (status, said) = agent.post(&format!("/ticket/{ticket}/correspond"), body).await;
    assert_eq!(status, 201, "{said}");
}

async fn shares(agent: &Agent, ticket: &str, gesture: &str) -> Value {
    agent.put(&format!("/ticket/{ticket}"), json!({"CustomFields": {"TG Share": gesture}})).await.1
}

#[tokio::test]
async fn a_document_is_told_from_the_gesture_on_with_the_newest_file() {
    let Some(rt) = Rt::get() else { return };
    let (mut feed, agent) = (rt.feed(), rt.agent());
    let mut from = feed.begin().await.unwrap();
    let id = ticket(&agent, "p-7").await;
    replies(&agent, &id, "the first", "first.pdf").await;
    replies(&agent, &id, "the second", "second.pdf").await;
    // Whether it is read before the gesture or after it, nothing that came before it is told.
    let early = drain(&mut feed, &mut from).await;
    assert!(early.iter().all(|change| change.entity.as_str() != id || !matches!(change.news, News::Event(_))));
    shares(&agent, &id, "version=1 title=\"Our terms\"").await;
    replies(&agent, &id, "one more", "third.pdf").await;
    shares(&agent, &id, "").await;
    agent.put(&format!("/ticket/{id}"), json!({"Status": "cancelled"})).await;

    let mut told = Vec::new();
    for change in drain(&mut feed, &mut from).await.into_iter().filter(|change| change.entity.as_str() == id) {
        let News::Event(InternalEvent::Document(event)) = change.news else { continue };
        assert_eq!(change.subject.unwrap().as_str(), format!("document/rt/{id}"));
        assert_eq!(change.partner_id.unwrap().as_str(), "p-7");
        told.push((event, change.visibility));
    }
    let shared: Vec<_> = told.iter().filter(|(event, _)| matches!(event, E::SharedOutward(_))).collect();
    let [(E::SharedOutward(first), Visibility::Partner)] = shared.as_slice() else { panic!("{told:#?}") };
    let names: Vec<_> = first.files.iter().map(|file| file.file_name.for_host().as_str()).collect();
    assert_eq!((first.gesture.for_host().as_str(), names), ("version=1 title=\"Our terms\"", vec!["second.pdf"]));
    let said = |event: &E| {
        let E::PublicCommentAdded(said) = event else { return None };
        Some((said.text.for_host().clone(), said.files.len()))
    };
    let said: Vec<_> = told.iter().filter_map(|(event, _)| said(event)).collect();
    assert_eq!(said, [("one more".to_owned(), 0)]);
    assert!(told.iter().any(|(event, _)| matches!(event, E::StatusChanged(e) if e.to == "cancelled")), "{told:#?}");
}

#[tokio::test]
async fn what_is_no_gesture_is_refused_by_rt_itself() {
    let Some(rt) = Rt::get() else { return };
    let agent = rt.agent();
    let id = ticket(&agent, "p-7").await;
    for wrong in ["please share", "title=x version=1", "version=1 valid_to=soon", "version=1 note=two words"] {
        shares(&agent, &id, wrong).await;
        assert_eq!(agent.field(&id, "TG Share").await, [""; 0], "{wrong}");
    }
    shares(&agent, &id, "version=1 valid_to=2031-12-31 note=\"two words\" file=a.pdf partner=p-7").await;
    assert_eq!(agent.field(&id, "TG Share").await.len(), 1);
}

#[tokio::test]
async fn a_document_refers_to_the_ticket_of_its_case_once_and_to_no_other_partners() {
    let Some(rt) = Rt::get() else { return };
    let (agent, target) = (rt.agent(), rt.target());
    let (case, paper) = (rt.case().await, rt.case().await);
    let link = |case: &str| paper.enveloped(InternalCommand::Document(C::LinkCase(LinkCase { case: case.to_owned() })));
    let command = link(case.subject.as_str());
    assert_eq!(paper.look(&target, &command).await, Ok(Look::Absent));
    let applied = paper.apply(&target, &command).await.unwrap();
    assert_eq!(applied.effects.len(), 1, "{applied:?}");
    assert!(matches!(paper.look(&target, &command).await, Ok(Look::Applied(_))));
    assert_eq!(paper.apply(&target, &command).await.unwrap().effects.len(), 0);
    let links = agent.ticket(&paper.ticket).await["_hyperlinks"].clone();
    let links = links.as_array().unwrap().iter().filter(|link| link["ref"] == "refers-to");
    let to: Vec<_> = links.map(|link| link["id"].to_string().trim_matches('"').to_owned()).collect();
    assert_eq!(to, std::slice::from_ref(&case.ticket));

    let nowhere = paper.apply(&target, &link(&format!("case/tg/{}", unique()))).await;
    assert_eq!(nowhere, Err(CallError::LeftAlone { rule: "case-without-ticket" }));
    let other = Case { ticket: paper.ticket.clone(), ..paper.clone() };
    let mut foreign =
        other.enveloped(InternalCommand::Document(C::LinkCase(LinkCase { case: case.subject.to_string() })));
    foreign.meta.partner_id = domain::PartnerId::new("p-8").ok();
    let refused = target.apply(&foreign, &other.context(&foreign)).await;
    assert!(matches!(refused, Err(CallError::Refused { .. })), "{refused:?}");
}
