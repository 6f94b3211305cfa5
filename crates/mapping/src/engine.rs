use crate::Bundle;
use domain::{Cause, Envelope, Fact, InternalCommand, InternalEvent, PartnerCommand, PartnerEvent};

/// Why a fact waits for a person: it becomes a dead letter of class `HOLD`, whole, and is redriven when a bundle
/// knows what to do with it. Nothing was commanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// A fixed word for counters and filters, such as `unknown-status`.
    pub reason: &'static str,
    /// For an operator: names the code or key that the bundle lacks, bounded; never free text of a record.
    pub detail: String,
}

/// What a fact leads to. Every fact ends in at least one command, one skip or one hold; a hold stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped<C> {
    /// In the order in which they are to be published.
    pub commands: Vec<Envelope<C>>,
    /// Names of the rules by which nothing was sent, for counters.
    pub skipped: Vec<&'static str>,
    pub held: Option<Held>,
}

impl<C> Mapped<C> {
    pub(crate) fn held(reason: &'static str, detail: impl Into<String>) -> Self {
        Self { commands: Vec::new(), skipped: Vec::new(), held: Some(Held { reason, detail: detail.into() }) }
    }
}

/// What the partner side said, as commands for X. Pure and total; `cause` is where the fact stands in its topic.
pub fn to_internal(_bundle: &Bundle, _fact: &Envelope<Fact<PartnerEvent>>, _cause: &Cause) -> Mapped<InternalCommand> {
    Mapped::held("no-rules", "")
}

/// What the internal side said, as commands for the community. Pure and total; `cause` is where the fact stands in
/// its topic.
pub fn to_partner(_bundle: &Bundle, _fact: &Envelope<Fact<InternalEvent>>, _cause: &Cause) -> Mapped<PartnerCommand> {
    Mapped::held("no-rules", "")
}
