//! Commands to the community: check whose case it is, write once with the command's id as idempotency key, verify.

mod classify;
mod publish;
mod request;
mod space;
mod upload;

use crate::client::{Client, Failure, Parts};
use crate::config::Ready;
use crate::wire;
use domain::document::PartnerCommand as DocumentCommand;
use domain::onboarding::PartnerCommand as OnboardingCommand;
use domain::{Carries as _, Command as _, Envelope, PartnerCommand, SystemId};
use ports::{Applied, BlobStore, CallContext, CallError, Capability, Look, Revision, Target};
use reqwest::Method;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As the contract states it: how long an idempotency key answers for its request.
const KEY_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// One community as a target.
#[derive(Clone)]
pub struct HttpTarget {
    client: Client,
    system: SystemId,
    timeout: Duration,
    max_calls: usize,
    /// Where the bytes of files are that commands carry.
    blobs: Option<Arc<dyn BlobStore>>,
}

impl HttpTarget {
    pub fn new(ready: &Ready) -> Result<Self, Failure> {
        let max_calls = ready.max_connections;
        let (system, timeout) = (ready.system.clone(), ready.timeout);
        Ok(Self { client: Client::new(ready)?, system, timeout, max_calls, blobs: None })
    }

    /// With the store that holds the bytes of the files that commands carry.
    #[must_use]
    pub fn with_blobs(self, blobs: Option<Arc<dyn BlobStore>>) -> Self {
        Self { blobs, ..self }
    }

    fn case_id<'a>(
        &self,
        command: &'a Envelope<PartnerCommand>,
        context: &'a CallContext,
    ) -> Result<&'a str, CallError> {
        // A case began at the community: its subject tells the id, and a bond can only say the same.
        let subject = &command.meta.subject;
        let begun_here = (subject.system() == self.system.as_str()).then(|| subject.native());
        let bond = context.native_id.as_ref().map(domain::NativeId::as_str);
        match (begun_here, bond) {
            (Some(id), Some(bond)) if id != bond => Err(refused("bond-mismatch", "the bond names another case")),
            // A URL drops such segments: the request would go elsewhere.
            (Some("." | ".."), _) | (None, Some("." | "..")) => Err(refused("no-case", "the case id is no id")),
            (Some(id), _) | (None, Some(id)) => Ok(id),
            (None, None) => Err(refused("no-case", "the subject has no case at this community")),
        }
    }

    /// The last hop's own check, before anything is written: is this case the partner's?
    async fn check_partner(
        &self,
        command: &Envelope<PartnerCommand>,
        case_id: &str,
        revision: Option<&Revision>,
        timeout: Duration,
    ) -> Result<(), CallError> {
        let Some(partner) = &command.meta.partner_id else {
            return Err(refused("no-partner", "the command names no partner"));
        };
        let answer = self
            .client
            .send(Method::GET, &["v1", request::collection(&command.payload), case_id], Parts::default(), timeout)
            .await;
        let body = classify::read(&self.client, answer)?;
        let case: Option<wire::Case> = serde_json::from_slice(&body).ok();
        // Another case than was asked for proves nothing about this one.
        let case = case.filter(|case| case.id == case_id).ok_or_else(|| CallError::NotApplied {
            reason: "the case was not answered as the contract says".to_owned(),
            retry_after: None,
        })?;
        if case.partner_id != partner.as_str() {
            return Err(refused("foreign-partner", "the case belongs to another partner than the command"));
        }
        if case.environment != command.meta.environment.as_str() {
            return Err(refused("foreign-environment", "the case is of another environment than the command"));
        }
        if let Some(revision) = revision {
            guard(is_final(&command.payload, &case.status), judged(command, &case), revision)?;
        }
        let status = judged(command, &case);
        if let PartnerCommand::Document(command) = &command.payload {
            let newest = case.versions.iter().map(|version| version.version_no).max().unwrap_or(0);
            if command.concerns_nobody(case.offered, newest) {
                return Err(CallError::ConditionNotMet { actual: status.to_owned() });
            }
        }
        match command.payload.only_if() {
            Some(only) if only.field == "status" && !only.one_of.iter().any(|one| one == status) => {
                Err(CallError::ConditionNotMet { actual: status.to_owned() })
            }
            Some(only) if only.field != "status" => Err(refused("only-if", "the condition names an unknown field")),
            Some(_) | None => Ok(()),
        }
    }
}

/// The status that a condition of the command is about: of its task where it names one, else of the whole. A task that is
/// not there has none.
fn judged<'a>(command: &Envelope<PartnerCommand>, case: &'a wire::Case) -> &'a str {
    let task = match &command.payload {
        PartnerCommand::Onboarding(command) => command.task_id(),
        PartnerCommand::Issue(_) | PartnerCommand::Discrepancy(_) | PartnerCommand::Document(_) => None,
    };
    match task {
        Some(id) => case.tasks.get(id).map_or("", |task| task.status.as_str()),
        None => case.status.as_str(),
    }
}

/// The same word may end a case and not a document.
fn is_final(command: &PartnerCommand, status: &str) -> bool {
    match command {
        PartnerCommand::Issue(_) => domain::CaseStatus::parse(status).is_ok_and(domain::CaseStatus::is_final),
        PartnerCommand::Discrepancy(_) => {
            domain::DiscrepancyStatus::parse(status).is_ok_and(domain::DiscrepancyStatus::is_final)
        }
        PartnerCommand::Document(_) => {
            domain::DocumentStatus::parse(status).is_ok_and(domain::DocumentStatus::is_final)
        }
        PartnerCommand::Onboarding(_) => {
            domain::ProgrammeStatus::parse(status).is_ok_and(domain::ProgrammeStatus::is_final)
        }
    }
}

/// A command carried out before under another mapping: is there still what it put there?
fn guard(is_final: bool, status: &str, revision: &Revision) -> Result<(), CallError> {
    if is_final && !revision.closed_too {
        return Err(CallError::LeftAlone { rule: "closed" });
    }
    let now = domain::ContentHash::of_bytes(status.as_bytes());
    // What else a space holds, no partner can change: only a status may have moved since.
    let mut statuses =
        revision.fields.iter().filter(|f| f.field == "status" || f.field.ends_with("/status")).peekable();
    if statuses.peek().is_some() && !statuses.any(|before| before.hash == now) {
        return Err(CallError::LeftAlone { rule: "changed-since" });
    }
    Ok(())
}

fn refused(reason: &str, detail: &str) -> CallError {
    CallError::Refused { reason: reason.to_owned(), detail: detail.to_owned() }
}

fn applied(changes: &[wire::Written], case_id: &str) -> Applied {
    Applied {
        native_id: case_id.to_owned(),
        reference: case_id.to_owned(),
        effects: changes.iter().map(|change| change.id.clone()).collect(),
        version: changes.last().map(|change| change.version.to_string()).unwrap_or_default(),
    }
}

impl Target for HttpTarget {
    type Command = PartnerCommand;

    fn capability(&self, kind: &str) -> Capability {
        if request::KINDS.contains(&kind) {
            Capability::Idempotent { window: KEY_WINDOW }
        } else {
            Capability::Unsupported
        }
    }

    /// A call has one request under way at a time.
    fn max_calls(&self) -> usize {
        self.max_calls
    }

    async fn apply(&self, command: &Envelope<PartnerCommand>, context: &CallContext) -> Result<Applied, CallError> {
        if let PartnerCommand::Onboarding(OnboardingCommand::OpenSpace(space)) = &command.payload {
            return self.open_space(command, space, context).await;
        }
        // Before anything is said to the community: not even that there was something.
        if let Some(reason) = publish::withheld(&command.payload) {
            return Err(refused(reason, "the document is not one to be shared"));
        }
        if let PartnerCommand::Document(DocumentCommand::Publish(document)) = &command.payload {
            return self.publish(command, document, context).await;
        }
        let until = Instant::now() + context.timeout.min(self.timeout);
        let case_id = self.case_id(command, context)?;
        let left = until.saturating_duration_since(Instant::now());
        self.check_partner(command, case_id, context.revision.as_ref(), left).await?;
        let files = command.payload.carried();
        if !files.is_empty() {
            // Bytes by their hash are no effect: what was brought twice is there once, and nobody sees it before the write.
            let left = context.timeout.saturating_sub(context.timeout / 4);
            upload::bring(&self.client, self.blobs.as_deref(), &files, Instant::now() + left).await?;
        }
        // An upload has its own time, that of the call; the write has the adapter's.
        let until = if files.is_empty() { until } else { Instant::now() + self.timeout.min(context.timeout / 4) };
        let write = request::of(&command.payload);
        let parts = Parts { idempotency_key: Some(&context.marker), body: Some(write.body), ..Parts::default() };
        let left = until.saturating_duration_since(Instant::now());
        let place = ["v1", request::collection(&command.payload), case_id, write.resource];
        let answer = self.client.send(Method::POST, &place, parts, left).await;
        let body = classify::write(&self.client, answer)?;
        // Success is believed only where the answer names a change of this case, of this kind, by this key.
        let change = serde_json::from_slice::<wire::Written>(&body).ok().filter(|change| {
            change.case_id == case_id
                && change.kind == write.change
                && change.idempotency_key.as_deref() == Some(context.marker.as_str())
        });
        change
            .map(|change| applied(&[change], case_id))
            .ok_or_else(|| CallError::Unknown { reason: "the answer to the write does not name its change".to_owned() })
    }

    async fn look(&self, command: &Envelope<PartnerCommand>, context: &CallContext) -> Result<Look, CallError> {
        let opens = command.payload.creates_bond();
        let case_id = if opens { None } else { Some(self.case_id(command, context)?) };
        let query = [("idempotency_key", context.marker.as_str())];
        let parts = Parts { query: &query, ..Parts::default() };
        let timeout = context.timeout.min(self.timeout);
        let answer = self.client.send(Method::GET, &["v1", "changes"], parts, timeout).await;
        let body = classify::read(&self.client, answer)?;
        let Ok(found) = serde_json::from_slice::<wire::Found>(&body) else {
            let reason = "the search was not answered as the contract says".to_owned();
            return Err(CallError::NotApplied { reason, retry_after: None });
        };
        // A search that ignores its filter answers with everybody's changes: each hit is checked.
        let (key, all) = (Some(context.marker.as_str()), found.changes.len());
        let ours: Vec<_> = found.changes.into_iter().filter(|c| c.idempotency_key.as_deref() == key).collect();
        if ours.len() != all {
            return Ok(Look::Undecidable { reason: "the search by key also found other keys".to_owned() });
        }
        let elsewhere = |change: &wire::Written| match case_id {
            Some(case_id) => change.case_id != case_id,
            None => change.external_reference != command.meta.subject.as_str(),
        };
        if ours.iter().any(elsewhere) {
            return Ok(Look::Undecidable { reason: "the key was used for another case".to_owned() });
        }
        // The search may lag by up to a minute. Absent is certain enough all the same: within the window the repeat
        // that follows has the same key, and beyond it the search has long caught up.
        Ok(match ours.first() {
            None => Look::Absent,
            Some(first) => Look::Applied(applied(&ours, case_id.unwrap_or(&first.case_id))),
        })
    }
}
