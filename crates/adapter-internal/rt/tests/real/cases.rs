use crate::fixture::{Case, QUEUE, Rt, context};
use domain::issue::{self, InternalCommand as Issue};
use ports::{CallError, Look, Target};

#[tokio::test]
async fn a_case_is_made_once_with_its_external_id_and_is_found_again() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), Case::new());
    let create = case.create_with(&[("TG Severity", "high"), ("Case Type", "invoice")]);
    assert_eq!(target.look(&create, &context(None)).await, Ok(Look::Absent));
    let made = target.apply(&create, &context(None)).await.unwrap();
    assert_eq!(made.reference, made.native_id);
    let again = target.apply(&create, &context(None)).await.unwrap();
    assert_eq!((&again.native_id, &again.effects), (&made.native_id, &made.effects));
    assert!(
        matches!(target.look(&create, &context(None)).await, Ok(Look::Applied(found)) if found.effects == made.effects)
    );

    let agent = rt.agent();
    assert_eq!(agent.tickets_of(case.subject.as_str()).await.len(), 1);
    assert_eq!(agent.field(&made.native_id, "TG Case Id").await, [case.subject.as_str()]);
    assert_eq!(agent.field(&made.native_id, "TG Partner Id").await, ["p-7"]);
    assert_eq!(agent.field(&made.native_id, "TG Severity").await, ["high"]);
    let ticket = agent.ticket(&made.native_id).await;
    assert_eq!(ticket["Requestor"][0]["id"], "causeway-partner");
    assert_eq!(ticket["Creator"]["id"], "causeway-partner");
    let rows = agent.rows(&format!("ObjectType = 'RT::Ticket' AND ObjectId = {}", made.native_id)).await;
    let create_row = rows.iter().find(|r| r["Type"] == "Create").unwrap();
    assert_eq!(made.effects, [create_row["id"].as_str().unwrap()], "the effect is the row that the feed will show");
}

#[tokio::test]
async fn a_hit_that_differs_in_case_is_not_the_ticket() {
    let Some(rt) = Rt::get() else { return };
    let case = rt.case().await;
    let lower =
        Case { subject: domain::Subject::try_from(case.subject.as_str().to_lowercase()).unwrap(), ..case.clone() };
    assert_ne!(lower.subject, case.subject);
    // RT itself does not see the difference: this is what makes the comparison of every hit necessary.
    assert_eq!(rt.agent().tickets_of(lower.subject.as_str()).await.len(), 1);
    assert_eq!(rt.target().look(&lower.create(), &context(None)).await, Ok(Look::Absent));
}

#[tokio::test]
async fn what_rt_drops_from_a_create_leaves_the_case_standing() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), Case::new());
    let create = case.create_with(&[("No Such Field", "x"), ("Case Type", "no-such-type"), ("Owner", "nobody-here")]);
    let made = target.apply(&create, &context(None)).await.unwrap();
    assert_eq!(rt.agent().field(&made.native_id, "TG Case Id").await, [case.subject.as_str()]);
    assert!(rt.agent().field(&made.native_id, "Case Type").await.is_empty(), "201, and the value is not there");
    assert_eq!(rt.agent().ticket(&made.native_id).await["Owner"]["id"], "Nobody");
}

#[tokio::test]
async fn an_external_id_that_rt_dropped_because_it_is_taken_leads_to_its_owner() {
    let Some(rt) = Rt::get() else { return };
    let case = rt.case().await;
    // The trap itself: the second create answers 201 and has no external id.
    let body =
        serde_json::json!({ "Queue": QUEUE, "Subject": "second", "CustomFields": { "TG Case Id": case.subject } });
    let (status, second) = rt.user("partner").post("/ticket", body).await;
    assert_eq!(status, 201);
    assert!(rt.agent().field(second["id"].as_str().unwrap(), "TG Case Id").await.is_empty());
    assert!(
        matches!(rt.target().look(&case.create(), &context(None)).await, Ok(Look::Applied(a)) if a.native_id == case.ticket)
    );
}

#[tokio::test]
async fn of_two_tickets_with_one_external_id_the_lower_number_is_told_always() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), Case::new());
    let create = case.create();
    let at_once = futures_of_four(&target, &create).await;
    let hits = rt.agent().tickets_of(case.subject.as_str()).await;
    println!("four writers at once made {} tickets with one external id: {at_once:?}", hits.len());
    for _ in 0..3 {
        let Ok(Look::Applied(found)) = target.look(&create, &context(None)).await else { panic!("not found") };
        assert_eq!(found.native_id, hits[0].to_string());
    }
}

async fn futures_of_four(
    target: &adapter_internal_rt::RtTarget,
    create: &domain::Envelope<domain::InternalCommand>,
) -> Vec<Result<String, CallError>> {
    let context = context(None);
    let one = || async { target.apply(create, &context).await.map(|a| a.native_id) };
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    vec![a, b, c, d]
}

#[tokio::test]
async fn a_create_that_rt_will_never_take_is_refused_and_leaves_nothing() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), Case::new());
    for (route, status) in [("No Such Queue", ""), ("General", ""), (QUEUE, "no-such-status")] {
        let create = case.command(Issue::CreateCase(issue::CreateCase {
            route: route.into(),
            title: "t".into(),
            description: "d".into(),
            status: status.into(),
            priority: String::new(),
            fields: Default::default(),
        }));
        let result = target.apply(&create, &context(None)).await;
        assert!(matches!(result, Err(CallError::Refused { .. })), "{route} {status}: {result:?}");
        assert_eq!(target.look(&create, &context(None)).await, Ok(Look::Absent));
    }
}

#[tokio::test]
async fn a_long_title_with_line_breaks_loses_no_word() {
    let Some(rt) = Rt::get() else { return };
    let case = Case::new();
    let title = format!("first\r\nsecond {} end", "wörd ".repeat(80));
    let create = case.command(Issue::CreateCase(issue::CreateCase {
        route: QUEUE.into(),
        title: title.clone(),
        description: "d\0d 😀".into(),
        status: "open".into(),
        priority: "70".into(),
        fields: Default::default(),
    }));
    let made = rt.target().apply(&create, &context(None)).await.unwrap();
    let ticket = rt.agent().ticket(&made.native_id).await;
    assert_eq!((ticket["Status"].as_str(), ticket["Priority"].as_str()), (Some("open"), Some("70")));
    let subject = ticket["Subject"].as_str().unwrap();
    assert!(subject.starts_with("first second wörd") && subject.ends_with('…'), "{subject}");
}

#[tokio::test]
async fn fields_are_set_by_name_read_back_and_cleared() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), rt.case().await);
    let long = "multi\nline ✓ ".repeat(60);
    let set = case.set(&[("TG Severity", "low"), ("Corrective Action", &long), ("TG Document Ref", "INV-1")]);
    assert_eq!(case.look(&target, &set).await, Ok(Look::Absent));
    let done = case.apply(&target, &set).await.unwrap();
    assert_eq!(done.effects.len(), 3, "{done:?}");
    assert_eq!(rt.agent().field(&case.ticket, "Corrective Action").await, [long.as_str()]);
    assert!(
        matches!(case.look(&target, &set).await, Ok(Look::Applied(found)) if sorted(&found.effects) == sorted(&done.effects))
    );
    assert!(case.apply(&target, &set).await.unwrap().effects.is_empty(), "a repeat writes nothing");
    let cleared = case.set(&[("TG Severity", ""), ("TG Document Ref", "INV-2")]);
    case.apply(&target, &cleared).await.unwrap();
    assert!(rt.agent().field(&case.ticket, "TG Severity").await.is_empty());
    assert_eq!(rt.agent().field(&case.ticket, "TG Document Ref").await, ["INV-2"]);
}

fn sorted(effects: &[String]) -> Vec<String> {
    let mut effects = effects.to_vec();
    effects.sort();
    effects
}

#[tokio::test]
async fn a_field_that_rt_would_drop_in_silence_is_refused_by_name() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), rt.case().await);
    let body = serde_json::json!({ "CustomFields": { "No Such Field": "x" } });
    assert_eq!(
        rt.agent().put(&format!("/ticket/{}", case.ticket), body).await,
        (200, serde_json::json!([])),
        "the trap"
    );
    for (fields, named) in [
        (&[("No Such Field", "x"), ("TG Severity", "low")][..], "No Such Field"),
        (&[("Case Type", "no-such-type")][..], "Case Type"),
    ] {
        let result = case.apply(&target, &case.set(fields)).await;
        assert!(matches!(&result, Err(CallError::Refused { detail, .. }) if detail == named), "{result:?}");
    }
    assert!(rt.agent().field(&case.ticket, "TG Severity").await.is_empty(), "nothing was set by halves");
    let stolen = case.apply(&target, &case.set(&[("TG Case Id", "case/tg/other")])).await;
    assert!(matches!(stolen, Err(CallError::Refused { .. })), "{stolen:?}");
}
