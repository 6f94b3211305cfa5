use crate::fixture::{Case, Rt};
use domain::issue::{self, InternalCommand as Issue};
use ports::{CallError, Look};
use serde_json::json;

#[tokio::test]
async fn a_move_that_rt_refuses_with_200_is_refused() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), rt.case().await);
    for status in ["closed", "no-such-status"] {
        let (code, said) = rt.agent().put(&format!("/ticket/{}", case.ticket), json!({ "Status": status })).await;
        assert_eq!(code, 200, "the trap: {said}");
        let close = case.command(Issue::CloseCase(issue::StatusWrite { to: status.into(), only_if: None }));
        let result = case.apply(&target, &close).await;
        assert!(matches!(&result, Err(CallError::Refused { detail, .. }) if !detail.is_empty()), "{result:?}");
        assert_eq!(rt.agent().ticket(&case.ticket).await["Status"], "new");
    }
}

#[tokio::test]
async fn a_status_moves_once_and_its_row_is_the_effect() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), rt.case().await);
    let open = case.resume("open", &["new", "waiting-partner"]);
    let done = case.apply(&target, &open).await.unwrap();
    assert_eq!(rt.agent().ticket(&case.ticket).await["Status"], "open");
    let rows =
        rt.agent().rows(&format!("ObjectType = 'RT::Ticket' AND ObjectId = {} AND Type = 'Status'", case.ticket)).await;
    assert_eq!(done.effects, [rows[0]["id"].as_str().unwrap()]);
    assert!(matches!(case.look(&target, &open).await, Ok(Look::Applied(found)) if found.effects == done.effects));
    assert!(case.apply(&target, &open).await.unwrap().effects.is_empty());
}

#[tokio::test]
async fn a_condition_is_judged_against_the_ticket_of_now() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), rt.case().await);
    let resume = case.resume("open", &["waiting-partner"]);
    let result = case.apply(&target, &resume).await;
    assert!(matches!(&result, Err(CallError::ConditionNotMet { actual }) if actual.contains("new")), "{result:?}");
    let (code, _) = rt.agent().put(&format!("/ticket/{}", case.ticket), json!({ "Status": "waiting-partner" })).await;
    assert_eq!(code, 200);
    assert_eq!(case.apply(&target, &resume).await.unwrap().effects.len(), 1);
    // Somebody moved it on: the look does not claim the state of now.
    rt.agent().put(&format!("/ticket/{}", case.ticket), json!({ "Status": "resolved" })).await;
    assert_eq!(case.look(&target, &resume).await, Ok(Look::Absent));
    assert!(matches!(case.apply(&target, &resume).await, Err(CallError::ConditionNotMet { .. })));
}

#[tokio::test]
async fn a_ticket_that_is_not_there_refuses_everything() {
    let Some(rt) = Rt::get() else { return };
    let target = rt.target();
    let gone = Case { ticket: "999999999".into(), ..Case::new() };
    for command in [gone.say("x"), gone.note("x"), gone.resume("open", &[]), gone.set(&[("TG Severity", "low")])] {
        let kind = &command.meta.kind;
        let result = gone.apply(&target, &command).await;
        assert!(matches!(result, Err(CallError::Refused { .. })), "{kind}: {result:?}");
    }
    let unbound = Case { ticket: String::new(), ..gone.clone() };
    assert!(matches!(unbound.apply(&target, &unbound.note("x")).await, Err(CallError::Refused { .. })));
}

#[tokio::test]
async fn a_ticket_that_was_merged_away_is_gone_though_rt_would_change_the_winner() {
    let Some(rt) = Rt::get() else { return };
    let (target, loser, winner) = (rt.target(), rt.case().await, rt.case().await);
    let (code, said) =
        rt.agent().put(&format!("/ticket/{}", loser.ticket), json!({ "MergeInto": winner.ticket })).await;
    assert_eq!(code, 200, "{said}");
    for command in [loser.say("x"), loser.note("x"), loser.resume("open", &[]), loser.set(&[("TG Severity", "low")])] {
        let left = Err(CallError::LeftAlone { rule: "merged" });
        assert_eq!(loser.apply(&target, &command).await, left, "{}", command.meta.kind);
    }
    assert_eq!(rt.agent().field(&winner.ticket, "TG Severity").await, Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_to_one_resolution_does_not_close_the_next() {
    let Some(rt) = Rt::get() else { return };
    let (case, target) = (rt.case().await, rt.target());
    let (path, system) = (format!("/ticket/{}", case.ticket), domain::SystemId::new("rt").unwrap());
    let mut events = Vec::new();
    for status in ["open", "resolved", "open", "resolved"] {
        assert_eq!(rt.agent().put(&path, serde_json::json!({ "Status": status })).await.0, 200);
        let rows = format!("ObjectType = 'RT::Ticket' AND ObjectId = {} AND Type = 'Status'", case.ticket);
        let row = rt.agent().rows(&rows).await.last().unwrap()["id"].as_str().unwrap().to_owned();
        events.push(domain::MessageId::of_event(&system, &case.ticket, &row, &case.subject).to_string());
    }
    let close = |event: &str| {
        let only_if = domain::OnlyIf { field: "status".into(), one_of: vec!["resolved".into()], set_by: String::new() };
        let write = domain::issue::StatusWrite { to: "closed".into(), only_if: Some(only_if) }.set_by(event);
        case.command(domain::issue::InternalCommand::CloseCase(write))
    };
    let late = case.apply(&target, &close(&events[1])).await;
    assert!(matches!(late, Err(CallError::ConditionNotMet { .. })), "{late:?}");
    case.apply(&target, &close(&events[3])).await.unwrap();
    assert_eq!(rt.agent().ticket(&case.ticket).await["Status"], "closed");
}
