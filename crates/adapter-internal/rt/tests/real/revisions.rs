use crate::fixture::{Case, QUEUE, Rt, context, unique};
use domain::outcome::FieldHash;
use domain::{ContentHash, Envelope, InternalCommand, NativeId, issue};
use issue::InternalCommand as Issue;
use ports::{Applied, CallContext, CallError, Look, Revision, Target};
use serde_json::json;

const FIELD: &str = "TG Contact";
const OTHER: &str = "TG Category";

fn was(fields: &[(&str, &str)], closed_too: bool) -> Option<Revision> {
    let of = |(name, value): &(&str, &str)| FieldHash {
        field: (*name).into(),
        hash: ContentHash::of_bytes(value.as_bytes()),
    };
    Some(Revision { fields: fields.iter().map(of).collect(), closed_too })
}

async fn revise(
    rt: &Rt,
    case: &Case,
    command: &Envelope<InternalCommand>,
    revision: Option<Revision>,
) -> Result<Applied, CallError> {
    let context = CallContext { revision, ..case.context(command) };
    rt.target().apply(command, &context).await
}

#[tokio::test]
async fn a_field_is_put_right_where_it_still_holds_what_was_put_there() {
    let Some(rt) = Rt::get() else { return };
    let case = rt.case().await;
    case.apply(&rt.target(), &case.set(&[(FIELD, "wrong"), (OTHER, "kept")])).await.unwrap();
    let right = case.set(&[(FIELD, "right"), (OTHER, "other")]);
    let context = CallContext { revision: was(&[(FIELD, "wrong")], false), ..case.context(&right) };
    assert!(matches!(rt.target().look(&right, &context).await, Ok(Look::Absent)));
    let applied = revise(&rt, &case, &right, was(&[(FIELD, "wrong")], false)).await.unwrap();
    assert!(!applied.effects.is_empty());
    assert_eq!(rt.agent().field(&case.ticket, FIELD).await, ["right"]);
    assert_eq!(rt.agent().field(&case.ticket, OTHER).await, ["kept"], "not offered, not touched");
    assert!(matches!(rt.target().look(&right, &context).await, Ok(Look::Applied(found)) if !found.effects.is_empty()));
}

#[tokio::test]
async fn what_a_person_changed_since_and_what_is_closed_is_left_alone() {
    let Some(rt) = Rt::get() else { return };
    let case = rt.case().await;
    case.apply(&rt.target(), &case.set(&[(FIELD, "wrong")])).await.unwrap();
    let (status, said) =
        rt.agent().put(&format!("/ticket/{}", case.ticket), json!({ "CustomFields": { FIELD: "an agent's" } })).await;
    assert_eq!(status, 200, "{said}");
    let right = case.set(&[(FIELD, "right")]);
    let left = revise(&rt, &case, &right, was(&[(FIELD, "wrong")], false)).await;
    assert_eq!(left, Err(CallError::LeftAlone { rule: "changed-since" }));
    assert_eq!(rt.agent().field(&case.ticket, FIELD).await, ["an agent's"]);

    rt.agent().put(&format!("/ticket/{}", case.ticket), json!({ "Status": "rejected" })).await;
    let closed = revise(&rt, &case, &right, was(&[(FIELD, "an agent's")], false)).await;
    assert_eq!(closed, Err(CallError::LeftAlone { rule: "closed" }));
    revise(&rt, &case, &right, was(&[(FIELD, "an agent's")], true)).await.unwrap();
    assert_eq!(rt.agent().field(&case.ticket, FIELD).await, ["right"], "a person asked");
}

#[tokio::test]
async fn what_a_create_set_is_put_right_on_its_ticket_and_no_second_one_is_made() {
    let Some(rt) = Rt::get() else { return };
    let case = Case::new();
    let create = |priority: &str, contact: &str| {
        case.command(Issue::CreateCase(issue::CreateCase {
            route: QUEUE.into(),
            title: format!("Revised {}", unique()),
            description: "d".into(),
            status: String::new(),
            priority: priority.into(),
            fields: [(FIELD.to_owned(), contact.to_owned())].into(),
        }))
    };
    let ticket = rt.target().apply(&create("20", "wrong"), &context(None)).await.unwrap().native_id;
    let again = CallContext {
        native_id: NativeId::new(ticket.clone()).ok(),
        revision: was(&[("Priority", "20"), (FIELD, "wrong")], false),
        ..context(None)
    };
    let right = create("90", "right");
    let applied = rt.target().apply(&right, &again).await.unwrap();
    assert_eq!(applied.native_id, ticket);
    assert_eq!(rt.agent().ticket(&ticket).await["Priority"].to_string().trim_matches('"'), "90");
    assert_eq!(rt.agent().field(&ticket, FIELD).await, ["right"]);
    assert_eq!(rt.agent().tickets_of(case.subject.as_str()).await.len(), 1);
    assert!(matches!(rt.target().look(&right, &again).await, Ok(Look::Applied(_))));
}
