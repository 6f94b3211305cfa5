use domain::{Envelope, MessageId, Meta, PartnerId, Subject, SystemId, Timestamp};
use ports::Change;

/// A change that is news, its subject known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News<E> {
    pub subject: Subject,
    pub partner_id: Option<PartnerId>,
    pub event: E,
    /// The change without its event.
    pub change: Box<Change<()>>,
}

/// The record for the events topic. The same change always gives the same id; `recorded_at` is the host's clock.
pub fn envelope<E>(
    system: &SystemId,
    kind: impl FnOnce(&E) -> &'static str,
    news: News<E>,
    recorded_at: Timestamp,
) -> Envelope<E> {
    let News { subject, partner_id, event, change } = news;
    let change = *change;
    let meta = Meta {
        id: MessageId::of_event(system, change.entity.as_str(), &change.id, &subject),
        subject,
        system: system.clone(),
        partner_id,
        kind: kind(&event).to_owned(),
        occurred_at: change.occurred_at,
        recorded_at,
        source_version: change.version,
        causation_id: None,
        actor: change.actor,
        visibility: change.visibility,
        environment: change.environment,
        ext: change.ext,
        mapping_version: 0,
        cause: None,
    };
    Envelope { meta, payload: event }
}
