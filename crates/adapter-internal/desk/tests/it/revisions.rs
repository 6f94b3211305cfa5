use crate::world::{Case, World};
use domain::outcome::FieldHash;
use domain::{ContentHash, Envelope, InternalCommand};
use ports::{Applied, CallContext, CallError, Look, Revision, Target as _};
use reqwest::Method;
use serde_json::json;

fn revised(case: &Case, command: &Envelope<InternalCommand>, fields: &[(&str, &str)], closed_too: bool) -> CallContext {
    let of = |(name, value): &(&str, &str)| FieldHash {
        field: (*name).into(),
        hash: ContentHash::of_bytes(value.as_bytes()),
    };
    let revision = Some(Revision { fields: fields.iter().map(of).collect(), closed_too });
    CallContext { marker: format!("{}.0123456789abcdef", command.meta.id), revision, ..case.context(command) }
}

async fn apply(
    world: &World,
    command: &Envelope<InternalCommand>,
    context: &CallContext,
) -> Result<Applied, CallError> {
    world.target.apply(command, context).await
}

#[tokio::test]
async fn only_what_still_holds_our_former_value_is_put_right() {
    let world = World::start().await;
    let case = world.case().await;
    let ticket = format!("/v1/tickets/{}", case.ticket);
    world.ask(Method::PATCH, &ticket, Some(json!({"priority": 70}))).await;
    // The create again, with another priority, severity and owner. The priority is an agent's by now.
    let create = case.create();
    let context = revised(&case, &create, &[("Priority", "50"), ("TG Severity", "MAJOR")], false);
    assert_eq!(world.target.look(&create, &context).await, Ok(Look::Absent));
    let applied = apply(&world, &create, &context).await.unwrap();
    assert_eq!((applied.native_id.as_str(), applied.effects.len()), (case.ticket.as_str(), 0), "it is as it would be");

    let set = case.set(&[("TG Severity", "MINOR")]);
    let context = revised(&case, &set, &[("TG Severity", "MAJOR")], false);
    let applied = apply(&world, &set, &context).await.unwrap();
    assert_eq!(world.ticket(&case.ticket).await["fields"]["TG Severity"], "MINOR");
    assert_eq!(world.ticket(&case.ticket).await["priority"], 70);
    assert_eq!(world.target.look(&set, &context).await, Ok(Look::Applied(applied)));
    assert_eq!(apply(&world, &set, &context).await, Err(CallError::LeftAlone { rule: "changed-since" }));
}

#[tokio::test]
async fn a_closed_ticket_is_left_unless_a_person_asks() {
    let world = World::start().await;
    let case = world.case().await;
    world.ask(Method::PATCH, &format!("/v1/tickets/{}", case.ticket), Some(json!({"status": "rejected"}))).await;
    let set = case.set(&[("TG Severity", "MINOR")]);
    let left = apply(&world, &set, &revised(&case, &set, &[("TG Severity", "MAJOR")], false)).await;
    assert_eq!(left, Err(CallError::LeftAlone { rule: "closed" }));
    apply(&world, &set, &revised(&case, &set, &[("TG Severity", "MAJOR")], true)).await.unwrap();
    assert_eq!(world.ticket(&case.ticket).await["fields"]["TG Severity"], "MINOR");
}
