//! What a partition's worker starts: calls, looks and reads of a command that is no longer in memory.

use super::{Heard, Worker};
use crate::entry::now;
use crate::sink::read;
use codec::Record;
use delivery::sink::Input;
use domain::{Command, Envelope};
use ports::{CallContext, CallError, Target};
use std::time::Duration;
use tracing::Instrument;

impl<T> Worker<T>
where
    T: Target,
    T::Command: Command + Clone + Send + Sync + 'static,
    Envelope<T::Command>: Record,
{
    pub(super) fn ask_place(&self) {
        let (places, results) = (self.common.places.clone(), self.results.0.clone());
        tokio::spawn(async move {
            // Nobody closes the semaphore; where the worker has gone, the place goes back at once.
            if let Ok(place) = places.acquire_owned().await {
                let _ = results.send(Heard::Place(place));
            }
        });
    }

    pub(super) fn call(&mut self, command: Envelope<T::Command>, context: CallContext, look: bool) {
        let (common, results) = (self.common.clone(), self.results.0.clone());
        let span = tracing::info_span!(
            "apply",
            otel.name = %format!("{} {}", if look { "look" } else { "apply" }, command.meta.kind),
            otel.kind = "client",
            causeway.command.id = %command.meta.id,
            causeway.attempt = context.attempt,
        );
        if let Some(trace) = self.traces.get(&command.meta.id) {
            telemetry::set_parent(&span, trace);
            if let Some(own) = telemetry::inject(&span) {
                self.traces.insert(command.meta.id, own);
            }
        }
        self.under_way += 1;
        tokio::spawn(
            async move {
                let (id, attempt) = (command.meta.id, context.attempt);
                // A pause since the decision must not carry a call past the moment at which others may look.
                let left = context.not_after.millis_since(now()).max(0).unsigned_abs();
                let limit = context.timeout.min(Duration::from_millis(left));
                let timed_out = || CallError::Unknown { reason: "no answer in time".to_owned() };
                let began = std::time::Instant::now();
                let input = if look {
                    let looked = tokio::time::timeout(limit, common.spec.target.look(&command, &context)).await;
                    let result = looked.unwrap_or_else(|_| Err(timed_out()));
                    crate::observe::look(common.spec.system.as_str(), &command.meta.kind, &result);
                    Input::Looked { command: id, attempt, result }
                } else {
                    let result = if left == 0 {
                        Err(CallError::NotApplied { reason: "too late to call".to_owned(), retry_after: None })
                    } else {
                        let called = tokio::time::timeout(limit, common.spec.target.apply(&command, &context)).await;
                        called.unwrap_or_else(|_| Err(timed_out()))
                    };
                    crate::observe::call(common.spec.system.as_str(), &command.meta.kind, &result, began.elapsed());
                    Input::Called { command: id, attempt, result }
                };
                let _ = results.send(Heard::Result(input));
            }
            .instrument(span),
        );
    }

    pub(super) fn fetch(&mut self, offset: i64) {
        let (common, results, partition) = (self.common.clone(), self.results.0.clone(), self.partition);
        self.under_way += 1;
        tokio::spawn(async move {
            let reader = common.clone();
            let mut backoff = crate::entry::Backoff::default();
            let command = loop {
                let reader = reader.clone();
                let again = tokio::task::spawn_blocking(move || {
                    read::again(&reader.config, reader.spec.role, reader.spec.commands, partition, offset)
                });
                match again.await {
                    Ok(Ok(raw)) => {
                        let decoded = raw.and_then(|raw| common.codec.decode(common.spec.commands, &raw.payload).ok());
                        break decoded.map(Box::new);
                    }
                    Ok(Err(error)) => tracing::info!(offset, %error, "reading a command again, trying on"),
                    Err(_) => break None,
                }
                crate::entry::pause(&common.shutdown, backoff.delay()).await;
                if common.shutdown.has_begun() {
                    return;
                }
            };
            let _ = results.send(Heard::Result(Input::Fetched { offset, command }));
        });
    }
}
