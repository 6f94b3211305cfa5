//! What a partition's worker writes: outcomes and dead letters.

use super::Worker;
use crate::dead_letter;
use crate::entry::StartError;
use crate::record::{self, TRACEPARENT, with_headers};
use crate::sink::append::Record as Append;
use crate::sink::read::Raw;
use codec::{Record, headers};
use domain::{Cause, Command, Envelope, Outcome};
use ports::Target;
use rdkafka::message::OwnedHeaders;

impl<T> Worker<T>
where
    T: Target,
    T::Command: Command + Clone + Send + Sync + 'static,
    Envelope<T::Command>: Record,
{
    pub(super) async fn append(&mut self, outcome: &Envelope<Outcome>) -> Result<(), StartError> {
        let spec = &self.common.spec;
        let mut payload = Vec::with_capacity(512);
        self.common.codec.encode(spec.outcomes, outcome, &mut payload).map_err(|error| StartError::Unreadable {
            topic: spec.outcomes.to_owned(),
            partition: self.partition,
            offset: -1,
            reason: error.to_string(),
        })?;
        let mut headers = with_headers(OwnedHeaders::new(), headers::cloud_event(&outcome.meta));
        let command = outcome.payload.command().map(|c| c.id);
        if let Some(trace) = command.and_then(|id| self.traces.get(&id)) {
            headers = with_headers(headers, [(TRACEPARENT, trace.clone())]);
        }
        if let (Some(id), true) = (command, outcome.payload.is_final()) {
            self.traces.remove(&id);
        }
        crate::observe::outcome(spec.outcomes, outcome.payload.word());
        if let Outcome::Parked(parked) = &outcome.payload {
            crate::observe::parked(spec.system.as_str(), &parked.command.kind, outcome.meta.subject.as_str());
        }
        self.common
            .appender
            .append(Append {
                topic: spec.outcomes,
                partition: self.partition,
                key: outcome.meta.subject.as_str().as_bytes(),
                payload: &payload,
                headers,
            })
            .await?;
        Ok(())
    }

    pub(super) async fn dead_letter(&self, raw: &Raw, class: &'static str, reason: &str) -> Result<(), StartError> {
        self.dead_letter_with(raw, class, reason, None).await
    }

    pub(super) async fn dead_letter_with(
        &self,
        raw: &Raw,
        class: &'static str,
        reason: &str,
        cause: Option<Cause>,
    ) -> Result<(), StartError> {
        let spec = &self.common.spec;
        let place = Cause { topic: spec.commands.to_owned(), partition: raw.partition, offset: raw.offset };
        let headers = with_headers(
            raw.headers.clone(),
            [
                (dead_letter::CLASS, class.to_owned()),
                (dead_letter::REASON, dead_letter::bounded_reason(reason)),
                (dead_letter::SERVICE, spec.role.to_owned()),
                (dead_letter::PLACE, record::cause_text(&place)),
                (record::FIRST_CAUSE, record::cause_text(cause.as_ref().unwrap_or(&place))),
            ],
        );
        crate::observe::dead_letter(spec.commands, class, reason, raw.partition, raw.offset);
        self.common
            .appender
            .append_and_wait(Append {
                topic: &dead_letter::topic_of(spec.commands),
                partition: raw.partition,
                key: &raw.key,
                payload: &raw.payload,
                headers,
            })
            .await?;
        Ok(())
    }
}
