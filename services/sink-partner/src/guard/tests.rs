use super::*;
use domain::issue::{CloseCase, PartnerCommand as C};
use domain::{Actor, Environment, MessageId, Meta, PartnerId, Subject, SystemId, Visibility};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A community whose every case belongs to ACME, and what reached it.
#[derive(Default)]
struct OfAcme {
    written: AtomicUsize,
}

impl Target for OfAcme {
    type Command = PartnerCommand;
    fn capability(&self, _: &str) -> Capability {
        Capability::Blind
    }
    fn max_calls(&self) -> usize {
        1
    }
    async fn apply(&self, command: &Envelope<PartnerCommand>, _: &CallContext) -> Result<Applied, CallError> {
        if command.meta.partner_id.as_ref().is_none_or(|id| id.as_str() != "ACME") {
            return Err(CallError::Refused { reason: "foreign-partner".to_owned(), detail: String::new() });
        }
        self.written.fetch_add(1, Ordering::Relaxed);
        Ok(Applied::default())
    }
    async fn look(&self, _: &Envelope<PartnerCommand>, _: &CallContext) -> Result<Look, CallError> {
        Ok(Look::Absent)
    }
}

fn guard() -> Guard<OfAcme> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/bundles/rt");
    let mut guard = Guard::new(OfAcme::default(), "tg", Bundle::load(Path::new(folder)).unwrap());
    guard.now = || Timestamp(1_780_000_000_000);
    guard
}

fn command(partner: Option<&str>, environment: Environment) -> Envelope<PartnerCommand> {
    let subject = Subject::try_from("case/tg/C-1".to_owned()).unwrap();
    let meta = Meta {
        id: MessageId::from_bytes([1; 16]),
        subject,
        system: SystemId::new("tg").unwrap(),
        partner_id: partner.map(|id| PartnerId::new(id).unwrap()),
        kind: "partner.issue.close-case".to_owned(),
        occurred_at: Timestamp(1),
        recorded_at: Timestamp(1),
        source_version: String::new(),
        causation_id: None,
        actor: Actor::default(),
        visibility: Visibility::Partner,
        environment,
        ext: Default::default(),
        mapping_version: 1,
        cause: None,
    };
    let close = CloseCase { kind: "agent".to_owned(), text: None, only_if: None };
    Envelope { meta, payload: PartnerCommand::Issue(C::CloseCase(close)) }
}

async fn apply(guard: &Guard<OfAcme>, command: &Envelope<PartnerCommand>) -> Result<Applied, CallError> {
    let context = CallContext {
        native_id: None,
        marker: "m".to_owned(),
        attempt: 1,
        not_after: Timestamp(i64::MAX),
        timeout: Duration::from_secs(1),
        revision: None,
    };
    guard.apply(command, &context).await
}

fn refused(result: Result<Applied, CallError>) -> String {
    match result {
        Err(CallError::Refused { reason, .. }) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn what_would_reach_another_partner_is_refused_before_anything_is_written_and_is_told() {
    let guard = guard();
    let production = Environment::Production;
    for (partner, environment, reason) in [
        (None, production, "no-partner"),
        (Some("INITECH"), production, "unknown-partner"),
        (Some("ACME"), Environment::Test, "environment"),
        // Known and served, but the record is ACME's.
        (Some("GLOBEX"), production, "foreign-partner"),
    ] {
        assert_eq!(refused(apply(&guard, &command(partner, environment)).await), reason);
        let line = format!("causeway_isolation_refusals_total{{reason=\"{reason}\",system=\"tg\"}} 1");
        let told = telemetry::facts::render();
        assert!(told.contains(&line), "{line} is not in\n{told}");
    }
    assert_eq!(guard.target.written.load(Ordering::Relaxed), 0);
    apply(&guard, &command(Some("ACME"), production)).await.unwrap();
    assert_eq!(guard.target.written.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_partner_that_has_left_gets_nothing_more() {
    let mut guard = guard();
    guard.now = || Timestamp(4_000_000_000_000);
    assert_eq!(refused(apply(&guard, &command(Some("GLOBEX"), Environment::Production)).await), "partner-not-valid");
}

#[tokio::test]
async fn a_partner_that_only_a_newer_bundle_knows_is_waited_for() {
    let mut command = command(Some("INITECH"), Environment::Production);
    command.meta.mapping_version = 2;
    assert!(matches!(apply(&guard(), &command).await, Err(CallError::NotApplied { .. })));
}
