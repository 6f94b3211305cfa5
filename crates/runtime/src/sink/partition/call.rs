//! What a partition's worker starts: calls, looks and reads of a command that is no longer in memory.

use super::{Common, Heard, Worker};
use crate::crash;
use crate::entry::{StartError, fetch_schema, now};
use codec::Record;
use delivery::sink::Input;
use domain::{Command, Envelope, MessageId, NativeId};
use ports::{CallContext, CallError, Capability, Look, Target};
use std::time::Duration;
use tracing::Instrument;

impl<T> Worker<T>
where
    T: Target,
    T::Command: Command + Clone + Send + Sync + 'static,
    Envelope<T::Command>: Record,
{
    pub(super) fn ask_place(&self) {
        let (common, results) = (self.common.clone(), self.results.0.clone());
        tokio::spawn(async move {
            // Where the worker has gone, the place goes back at once.
            if let Some(place) = common.gate.place().await {
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
                    let result = match common.spec.target.capability(&command.meta.kind) {
                        Capability::Blind => {
                            Ok(Look::Undecidable { reason: "this channel cannot find its effects again".to_owned() })
                        }
                        Capability::Idempotent { .. } | Capability::Findable { .. } | Capability::Unsupported => {
                            let looked = tokio::time::timeout(limit, common.spec.target.look(&command, &context)).await;
                            looked.unwrap_or_else(|_| Err(timed_out()))
                        }
                    };
                    common.gate.hear(&command.meta.subject, &result);
                    crate::observe::look(common.spec.system.as_str(), &command.meta.kind, &result);
                    Input::Looked { command: id, attempt, result }
                } else {
                    let result = if common.spec.target.capability(&command.meta.kind) == Capability::Unsupported {
                        let reason = "this channel cannot carry it".to_owned();
                        Err(CallError::Refused { reason, detail: String::new() })
                    } else if left == 0 {
                        Err(CallError::NotApplied { reason: "too late to call".to_owned(), retry_after: None })
                    } else {
                        let called = tokio::time::timeout(limit, common.spec.target.apply(&command, &context)).await;
                        called.unwrap_or_else(|_| Err(timed_out()))
                    };
                    if left > 0 {
                        common.gate.hear(&command.meta.subject, &result);
                    }
                    crash::reached("sink.called");
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
            // An error is the end of the process: whoever owns the partition next reads for himself.
            let heard = match command_at(&common, partition, offset).await {
                Ok(command) => Heard::Result(Input::Fetched { offset, command: command.map(Box::new) }),
                Err(_) => Heard::Nothing,
            };
            let _ = results.send(heard);
        });
    }

    pub(super) fn look_twice(&mut self, id: MessageId, offset: i64, native_id: NativeId) {
        let (common, results, partition) = (self.common.clone(), self.results.0.clone(), self.partition);
        self.under_way += 1;
        tokio::spawn(async move {
            let Ok(command) = command_at(&common, partition, offset).await else {
                let _ = results.send(Heard::Nothing);
                return;
            };
            // Without its command there is nothing to look for, now or later.
            let certain = match (command, common.gate.place().await) {
                (Some(command), Some(_place)) => {
                    let timeout = common.spec.call_timeout;
                    let millis = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
                    let context = CallContext {
                        native_id: Some(native_id),
                        marker: id.to_string(),
                        attempt: 0,
                        not_after: now().plus_millis(millis),
                        timeout,
                        revision: None,
                    };
                    let looked = tokio::time::timeout(timeout, common.spec.target.look_twice(&command, &context)).await;
                    let timed_out = || CallError::Unknown { reason: "no answer in time".to_owned() };
                    let result = looked.unwrap_or_else(|_| Err(timed_out()));
                    crate::observe::looked_twice(common.spec.system.as_str(), &command, &result);
                    result.is_ok()
                }
                (None, _) | (_, None) => true,
            };
            let _ = results.send(Heard::Result(Input::LookedTwice { command: id, certain }));
        });
    }
}

/// The command at this offset of the log; `None` where it is gone, or is no command any more that this code can read.
async fn command_at<T: Target>(
    common: &Common<T>,
    partition: i32,
    offset: i64,
) -> Result<Option<Envelope<T::Command>>, StartError>
where
    Envelope<T::Command>: Record,
{
    let Some(raw) = common.again.read(partition, offset).await? else { return Ok(None) };
    loop {
        // A process that has just begun knows no schema yet: that is no reason to give a command up.
        match common.codec.decode(common.spec.commands, &raw.payload) {
            Ok(command) => return Ok(Some(command)),
            Err(error) => match error.missing_schema() {
                Some(id) => match fetch_schema(&common.codec, id, &common.shutdown).await {
                    Ok(()) => {}
                    Err(error) if common.shutdown.has_begun() => return Err(error.into()),
                    Err(error) => {
                        tracing::error!(partition, offset, %error, "the schema of a command on the log cannot be had");
                        return Ok(None);
                    }
                },
                None => {
                    tracing::error!(partition, offset, %error, "a command on the log cannot be read any more");
                    return Ok(None);
                }
            },
        }
    }
}
