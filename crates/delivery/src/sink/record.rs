//! The outcomes this owner writes.

use super::lane::{Entry, Known};
use super::{Remembered, Rules};
use domain::outcome::{Barrier, FieldHash};
use domain::{Actor, Command, CommandRef, Envelope, MessageId, Meta, Outcome, Side, Subject, Timestamp, Visibility};
use std::collections::BTreeMap;

/// The actor is the owner, so that what a replaced one still writes can be told. `occurred_at` is its clock; everything else derives from the command. What is final has one id, whoever
/// writes it: two owners that both found the effect do not cause two facts.
pub(super) fn envelope(rules: &Rules, of: &Meta, now: Timestamp, attempt: i32, outcome: Outcome) -> Envelope<Outcome> {
    let word = outcome.word();
    let (command, offset) = outcome.command().map_or((of.id, -1), |c| (c.id, c.offset));
    let discriminator = match outcome.command().filter(|_| outcome.is_final()) {
        Some(of) => of.hash.to_string(),
        None => format!("{}/{offset}/{attempt}", rules.owner),
    };
    let meta = Meta {
        id: MessageId::of_outcome(command, word, &discriminator),
        subject: of.subject.clone(),
        system: rules.system.clone(),
        partner_id: of.partner_id.clone(),
        kind: format!("{}.outcome.{word}", rules.side),
        occurred_at: now,
        recorded_at: of.recorded_at,
        source_version: String::new(),
        causation_id: Some(command),
        actor: Actor { id: rules.owner.clone(), side: Side::System },
        visibility: Visibility::Host,
        environment: of.environment,
        // What the command is about within its record, for those who hear what became of it.
        ext: of.ext.clone(),
        mapping_version: of.mapping_version,
        cause: of.cause.clone(),
    };
    Envelope { meta, payload: outcome }
}

/// A barrier is about no subject; its key is never used to choose the partition.
pub(super) fn barrier(rules: &Rules, now: Timestamp) -> Envelope<Outcome> {
    let subject = Subject::try_from(format!("case/{}/barrier", rules.system)).expect("a system id makes a subject");
    let mut of = bare_meta(rules, MessageId::from_bytes([0; 16]), &subject, 0);
    of.recorded_at = now;
    let mut envelope = envelope(rules, &of, now, 0, Outcome::Barrier(Barrier { owner: rules.owner.clone() }));
    envelope.meta.causation_id = None;
    envelope
}

/// For a command of which nothing but the outcomes is left.
pub(super) fn lost(rules: &Rules, id: MessageId, subject: &Subject, remembered: Option<&Remembered>) -> Known {
    Known {
        meta: bare_meta(rules, id, subject, remembered.map_or(0, |r| r.mapping_version)),
        kind: "",
        hash: remembered.map(|r| r.hash.clone()).unwrap_or_default(),
        creates: false,
        redrive: None,
        revise: false,
    }
}

fn bare_meta(rules: &Rules, id: MessageId, subject: &Subject, mapping_version: i64) -> Meta {
    Meta {
        id,
        subject: subject.clone(),
        system: rules.system.clone(),
        partner_id: None,
        kind: String::new(),
        occurred_at: Timestamp::default(),
        recorded_at: Timestamp::default(),
        source_version: String::new(),
        causation_id: None,
        actor: Actor::default(),
        visibility: Visibility::Host,
        environment: domain::Environment::default(),
        ext: BTreeMap::new(),
        mapping_version,
        cause: None,
    }
}

pub(super) fn reference<C>(entry: &Entry<C>, known: &Known) -> CommandRef {
    CommandRef { id: entry.id, kind: known.kind.to_owned(), hash: known.hash.clone(), offset: entry.offset }
}

pub(super) fn field_hashes<C: Command>(command: &C) -> Vec<FieldHash> {
    command.fields().into_iter().map(|(field, hash)| FieldHash { field, hash }).collect()
}
