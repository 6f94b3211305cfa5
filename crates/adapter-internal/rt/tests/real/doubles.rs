use crate::fixture::{Case, QUEUE, Rt, context, unique};
use domain::{Envelope, InternalCommand, NativeId, issue};
use issue::InternalCommand as Issue;
use ports::{CallContext, Doubles, Target};
use serde_json::json;

struct Made {
    case: Case,
    create: Envelope<InternalCommand>,
    title: String,
    context: CallContext,
}

async fn made(rt: &Rt) -> Made {
    let (case, title) = (Case::new(), format!("Late {}", unique()));
    let create = case.command(Issue::CreateCase(issue::CreateCase {
        route: QUEUE.into(),
        title: title.clone(),
        description: "d".into(),
        status: String::new(),
        priority: String::new(),
        fields: Default::default(),
    }));
    let ticket = rt.target().apply(&create, &context(None)).await.unwrap().native_id;
    let context = CallContext { native_id: NativeId::new(ticket.clone()).ok(), ..context(None) };
    Made { case: Case { ticket, ..case }, create, title, context }
}

/// What a request leaves that takes effect after its sender gave up: the same ticket, past our own look. Its number, and
/// whether it bears the external id.
async fn double(rt: &Rt, made: &Made) -> (String, bool) {
    let body = json!({
        "Queue": QUEUE, "Subject": made.title, "Requestor": "causeway-partner", "Content": "d",
        "CustomFields": { "TG Partner Id": "p-7", "TG Case Id": made.case.subject.as_str() },
    });
    let (status, ticket) = rt.user("partner").post("/ticket", body).await;
    assert_eq!(status, 201, "{ticket}");
    let id = ticket["id"].as_str().map_or_else(|| ticket["id"].to_string(), str::to_owned);
    let tied = !rt.agent().field(&id, "TG Case Id").await.is_empty();
    (id, tied)
}

#[tokio::test]
async fn a_second_ticket_of_a_subject_is_closed_and_the_first_stays() {
    let Some(rt) = Rt::get() else { return };
    let (made, target) = (made(&rt).await, rt.target());
    assert_eq!(target.look_twice(&made.create, &made.context).await, Ok(Doubles::default()));
    let (second, tied) = double(&rt, &made).await;
    println!("the double bears the external id: {tied}");
    assert_eq!(target.look_twice(&made.create, &made.context).await, Ok(Doubles { closed: 1, left: 0 }));
    let status = |ticket: serde_json::Value| ticket["Status"].as_str().unwrap().to_owned();
    assert_eq!(status(rt.agent().ticket(&made.case.ticket).await), "new");
    assert_eq!(status(rt.agent().ticket(&second).await), "rejected");
    assert_eq!(rt.agent().tickets_of(made.case.subject.as_str()).await.len(), 1);
    assert_eq!(target.look_twice(&made.create, &made.context).await, Ok(Doubles::default()), "once");
}

#[tokio::test]
async fn a_second_ticket_that_somebody_has_worked_on_is_left_and_told_once() {
    let Some(rt) = Rt::get() else { return };
    let (made, target) = (made(&rt).await, rt.target());
    let (second, _) = double(&rt, &made).await;
    let note = json!({ "Content": "I am on it", "ContentType": "text/plain" });
    assert_eq!(rt.agent().post(&format!("/ticket/{second}/comment"), note).await.0, 201);
    assert_eq!(target.look_twice(&made.create, &made.context).await, Ok(Doubles { closed: 0, left: 1 }));
    assert_eq!(target.look_twice(&made.create, &made.context).await, Ok(Doubles::default()));
    assert_eq!(rt.agent().ticket(&second).await["Status"], "new");
}

/// Tickets of other cases, alike or not, stay as they are.
#[tokio::test]
async fn a_case_of_the_same_title_is_no_double() {
    let Some(rt) = Rt::get() else { return };
    let (one, target) = (made(&rt).await, rt.target());
    let other = Case::new();
    let alike = other.command(Issue::CreateCase(issue::CreateCase {
        route: QUEUE.into(),
        title: one.title.clone(),
        description: "d".into(),
        status: String::new(),
        priority: String::new(),
        fields: Default::default(),
    }));
    let ticket = target.apply(&alike, &context(None)).await.unwrap().native_id;
    assert_eq!(target.look_twice(&one.create, &one.context).await, Ok(Doubles::default()));
    assert_eq!(rt.agent().ticket(&ticket).await["Status"], "new");
}
