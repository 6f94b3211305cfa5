//! What the crate promises as a whole, on the starter bundle for Request Tracker.

mod cross;
mod discrepancy;
mod document;
mod engine;
mod faults;
mod isolation;
mod onboarding;
mod outward;
mod properties;
mod starter;
mod volume;

use crate::Bundle;
use domain::{
    Actor, Cause, Envelope, Environment, MessageId, Meta, NativeId, PartnerId, Side, Subject, SubjectKind, SystemId,
    Timestamp, Visibility,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

fn starter_files() -> BTreeMap<String, String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/bundles/rt");
    crate::folder::read(&dir).unwrap()
}

static STARTER: LazyLock<Bundle> = LazyLock::new(|| match Bundle::from_files(starter_files()) {
    Ok(bundle) => bundle,
    Err(faults) => panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
});

fn system(id: &str) -> SystemId {
    SystemId::new(id).unwrap()
}

/// Meta of a fact about case C-1 of ACME, in production.
fn meta(from: &str, kind: &str) -> Meta {
    let subject = Subject::new(SubjectKind::Case, &system("tg"), &NativeId::new("C-1").unwrap());
    Meta {
        id: MessageId::of_event(&system(from), "C-1", kind, &subject),
        subject,
        system: system(from),
        partner_id: Some(PartnerId::new("ACME").unwrap()),
        kind: kind.to_owned(),
        occurred_at: Timestamp(1_780_000_000_000),
        recorded_at: Timestamp(1_780_000_060_000),
        source_version: "7".to_owned(),
        causation_id: None,
        actor: Actor { id: "agent1".to_owned(), side: Side::Internal },
        visibility: Visibility::Partner,
        environment: Environment::Production,
        ext: BTreeMap::new(),
        mapping_version: 0,
        cause: None,
    }
}

fn cause(topic: &str, offset: i64) -> Cause {
    Cause { topic: topic.to_owned(), partition: 3, offset }
}

fn fact<E>(meta: Meta, event: E) -> Envelope<domain::Fact<E>> {
    Envelope { meta, payload: domain::Fact::Event(event) }
}
