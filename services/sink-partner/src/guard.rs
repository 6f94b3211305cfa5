//! The last look before something leaves: may this partner be served now, and is the record at the community its own?

use domain::{Envelope, PartnerCommand, Timestamp};
use mapping::Bundle;
use ports::{Applied, CallContext, CallError, Capability, Doubles, Look, Target};
use std::time::{SystemTime, UNIX_EPOCH};
use telemetry::facts;

/// Refusals of the target that mean a command was about to reach somebody else.
const FOREIGN: [&str; 4] = ["foreign-partner", "foreign-environment", "no-partner", "bond-mismatch"];

/// A target that serves only the partners of a bundle, and reports whatever would have gone to another one.
pub struct Guard<T> {
    target: T,
    system: String,
    bundle: Bundle,
    now: fn() -> Timestamp,
}

/// In milliseconds since 1970, as this machine has it.
fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl<T> Guard<T> {
    pub fn new(target: T, system: &str, bundle: Bundle) -> Self {
        Self { target, system: system.to_owned(), bundle, now: wall_clock }
    }

    fn report(&self, reason: &str, command: &Envelope<PartnerCommand>) {
        facts::IsolationRefused { system: &self.system, reason, subject: command.meta.subject.as_str() }.emit();
    }

    /// Judged by this machine's clock: who was a partner when the command was made may be one no longer.
    fn admit(&self, command: &Envelope<PartnerCommand>) -> Result<(), CallError> {
        let meta = &command.meta;
        let refusal = match &meta.partner_id {
            None => "no-partner",
            Some(partner) => match self.bundle.serves(partner, meta.environment, (self.now)()) {
                Ok(()) => return Ok(()),
                // The transformer has been given a newer bundle than this process: it will be told soon.
                Err(reason) if meta.mapping_version > self.bundle.version() => {
                    let reason = format!("{reason} in version {} of the bundle here", self.bundle.version());
                    return Err(CallError::NotApplied { reason, retry_after: None });
                }
                Err(reason) => reason,
            },
        };
        self.report(refusal, command);
        Err(CallError::Refused { reason: refusal.to_owned(), detail: String::new() })
    }
}

impl<T: Target<Command = PartnerCommand>> Target for Guard<T> {
    type Command = PartnerCommand;

    fn capability(&self, kind: &str) -> Capability {
        self.target.capability(kind)
    }

    fn max_calls(&self) -> usize {
        self.target.max_calls()
    }

    async fn apply(&self, command: &Envelope<PartnerCommand>, context: &CallContext) -> Result<Applied, CallError> {
        self.admit(command)?;
        let result = self.target.apply(command, context).await;
        if let Err(CallError::Refused { reason, .. }) = &result
            && let Some(reason) = FOREIGN.iter().find(|foreign| *foreign == reason)
        {
            self.report(reason, command);
        }
        result
    }

    /// Looking shows nobody anything; what took effect is to be known, whoever is a partner now.
    async fn look(&self, command: &Envelope<PartnerCommand>, context: &CallContext) -> Result<Look, CallError> {
        self.target.look(command, context).await
    }

    async fn look_twice(
        &self,
        command: &Envelope<PartnerCommand>,
        context: &CallContext,
    ) -> Result<Doubles, CallError> {
        self.target.look_twice(command, context).await
    }
}

#[cfg(test)]
mod tests;
