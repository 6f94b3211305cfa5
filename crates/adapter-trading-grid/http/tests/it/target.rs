use crate::world::{World, command, comment, context, shared};
use domain::{CaseStatus, Envelope, NativeId, PartnerCommand, PartnerId, Timestamp, issue};
use issue::PartnerCommand as C;
use ports::{CallError, Capability, Look, Target as _};
use serde_json::json;

pub fn set(status: CaseStatus) -> C {
    let (label, reason) = (shared("In review"), Some(shared("with the carrier")));
    C::SetCaseStatus(issue::SetCaseStatus {
        status,
        label,
        reason,
        expected_resolution_at: Some(Timestamp(99)),
        only_if: None,
    })
}

pub fn propose(version: &str) -> C {
    let (code, note) = (Some(shared("resent")), shared("we sent it again"));
    C::ProposeResolution(issue::ProposeResolution { resolution_version: version.to_owned(), code, note })
}

/// One of each kind, in an order that the state machine allows.
pub fn one_of_each() -> Vec<C> {
    vec![
        C::AcknowledgeCase(issue::AcknowledgeCase { reference: Some(shared("4711")) }),
        set(CaseStatus::InProgress),
        C::PostComment(issue::PostComment {
            note_key: "n".into(),
            author_label: None,
            text: shared("hello"),
            files: Vec::new(),
        }),
        C::RequestInformation(issue::RequestInformation {
            question: shared("which order?"),
            due_at: Some(Timestamp(5)),
        }),
        set(CaseStatus::InProgress),
        propose("r1"),
        C::ReopenCase(issue::ReopenCase { reason: Some(shared("not yet")) }),
        propose("r2"),
        C::CloseCase(issue::CloseCase { kind: "agent".into(), text: Some(shared("done")), only_if: None }),
    ]
}

async fn apply(world: &World, command: &Envelope<PartnerCommand>) -> Result<ports::Applied, CallError> {
    world.target.apply(command, &context(command)).await
}

fn refused(result: Result<ports::Applied, CallError>) -> String {
    match result {
        Err(CallError::Refused { reason, .. }) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn every_command_is_applied_found_again_and_never_doubled() {
    let world = World::start().await;
    let case = world.open("acme").await;
    for (number, payload) in (0..).zip(one_of_each()) {
        let command = command(&case, number, payload);
        let kind = &command.meta.kind;
        assert!(matches!(world.target.capability(kind), Capability::Idempotent { .. }), "{kind}");
        assert_eq!(world.target.look(&command, &context(&command)).await, Ok(Look::Absent), "{kind}");
        let applied = apply(&world, &command).await.unwrap();
        assert_eq!((applied.native_id.as_str(), applied.effects.len()), (case.as_str(), 1));
        assert_eq!(applied.version, (number + 2).to_string());
        assert_eq!(apply(&world, &command).await.as_ref(), Ok(&applied), "{kind}");
        assert_eq!(world.target.look(&command, &context(&command)).await, Ok(Look::Applied(applied)), "{kind}");
    }
    let seen = world.case(&case).await;
    assert_eq!(seen["status"], "closed");
    assert_eq!(seen["reference"], "4711");
    assert_eq!(seen["resolution"]["resolution_version"], "r2");
    let stats = world.stats().await;
    assert_eq!((&stats["idempotency_hits"], world.journalled()), (&json!(9), 10));
    assert_eq!(world.target.capability("partner.document.share"), Capability::Unsupported);
}

#[tokio::test]
async fn a_command_for_another_partner_is_refused_before_anything_is_written() {
    let world = World::start().await;
    let case = world.open("globex").await;
    let before = world.stats().await["calls"].clone();
    let foreign = comment(&case, 1);
    assert_eq!(refused(apply(&world, &foreign).await), "foreign-partner");
    let mut nameless = comment(&case, 2);
    nameless.meta.partner_id = None;
    assert_eq!(refused(apply(&world, &nameless).await), "no-partner");
    let mut elsewhere = comment(&case, 3);
    elsewhere.meta.partner_id = Some(PartnerId::new("globex").unwrap());
    elsewhere.meta.environment = domain::Environment::Production;
    assert_eq!(refused(apply(&world, &elsewhere).await), "foreign-environment");
    assert_eq!((&world.stats().await["calls"], world.journalled()), (&before, 1));
    let mut right = comment(&case, 3);
    right.meta.partner_id = Some(PartnerId::new("globex").unwrap());
    assert!(apply(&world, &right).await.is_ok());
}

#[tokio::test]
async fn what_the_community_never_takes_is_refused_with_its_reason() {
    let world = World::start().await;
    let case = world.open("acme").await;
    assert_eq!(refused(apply(&world, &command(&case, 1, set(CaseStatus::Closed))).await), "transition-refused");
    assert_eq!(refused(apply(&world, &comment("C-999999", 1)).await), "case-unknown");
    let empty = issue::PostComment { note_key: "n".into(), author_label: None, text: shared(" "), files: Vec::new() };
    assert_eq!(refused(apply(&world, &command(&case, 2, C::PostComment(empty))).await), "text-refused");
    // The same key for something else.
    apply(&world, &comment(&case, 3)).await.unwrap();
    assert_eq!(refused(apply(&world, &command(&case, 3, propose("r"))).await), "idempotency-key-reused");
    // Ids that would change the path.
    assert_eq!(refused(apply(&world, &comment("..", 4)).await), "no-case");
    for odd in ["C-000001?x", "C-000001#x", "%2e%2e", "a b"] {
        assert_eq!(refused(apply(&world, &comment(odd, 4)).await), "case-unknown", "{odd}");
    }
    assert_eq!(world.journalled(), 2);
}

#[tokio::test]
async fn the_case_is_the_subjects_or_else_the_bonds() {
    let world = World::start().await;
    let case = world.open("acme").await;
    let mut bonded = comment("7", 1);
    bonded.meta.subject = "case/rt/7".to_owned().try_into().unwrap();
    assert_eq!(refused(apply(&world, &bonded).await), "no-case");
    let with_bond =
        |command, id: &str| ports::CallContext { native_id: Some(NativeId::new(id).unwrap()), ..context(command) };
    let applied = world.target.apply(&bonded, &with_bond(&bonded, &case)).await.unwrap();
    assert_eq!(applied.native_id, case);
    let here = comment(&case, 2);
    assert_eq!(refused(world.target.apply(&here, &with_bond(&here, "C-2")).await), "bond-mismatch");
}

#[tokio::test]
async fn a_wrong_token_is_a_misconfiguration_until_the_file_holds_the_right_one() {
    let world = World::start().await;
    let case = world.open("acme").await;
    let token = &world.ready.token_file;
    std::fs::write(token, "old-token").unwrap();
    let ready = crate::world::config(&world.folder, &world.base);
    std::fs::write(token, "old-token").unwrap();
    let target = adapter_trading_grid_http::HttpTarget::new(&ready.check("community").unwrap()).unwrap();
    let command = comment(&case, 1);
    let result = target.apply(&command, &context(&command)).await;
    assert!(matches!(result, Err(CallError::Misconfigured { .. })), "{result:?}");
    std::fs::write(token, "host-token").unwrap();
    let result = target.apply(&command, &context(&command)).await;
    assert!(matches!(result, Err(CallError::NotApplied { .. })), "{result:?}");
    assert!(target.apply(&command, &context(&command)).await.is_ok());
}

#[tokio::test]
async fn a_text_said_anew_has_a_key_of_its_own_and_a_status_is_put_right_only_where_it_is_ours() {
    let world = World::start().await;
    let case = world.open("acme").await;
    let said = comment(&case, 1);
    apply(&world, &said).await.unwrap();
    let mut anew = said.clone();
    let PartnerCommand::Issue(C::PostComment(post)) = &mut anew.payload else { panic!("a comment") };
    post.text = shared("said better");
    let revised = |command: &Envelope<PartnerCommand>, status: &str, closed_too| {
        let hash = domain::ContentHash::of_bytes(status.as_bytes());
        let field = domain::outcome::FieldHash { field: "status".to_owned(), hash };
        let fields = if status.is_empty() { Vec::new() } else { vec![field] };
        let marker = format!("{}.0123456789abcdef", command.meta.id);
        let revision = Some(ports::Revision { fields, closed_too });
        ports::CallContext { marker, revision, ..context(command) }
    };
    world.target.apply(&anew, &revised(&anew, "", false)).await.unwrap();
    assert_eq!(world.journalled(), 3, "opened, and said twice");

    // The case is `submitted`: nothing of ours, hence nothing to put right.
    let status = command(&case, 2, set(CaseStatus::Acknowledged));
    let left = world.target.apply(&status, &revised(&status, "on-hold", false)).await;
    assert_eq!(left, Err(CallError::LeftAlone { rule: "changed-since" }));
    assert_eq!(world.journalled(), 3);
}
