//! A document of the house's own: made under our own reference, which the community keeps unique, for one partner. Its
//! bytes are there before it is.

use super::{HttpTarget, applied, classify, refused, request, upload};
use crate::client::Parts;
use crate::wire;
use domain::document::{PartnerCommand as C, Publish};
use domain::{Carries as _, Envelope, PartnerCommand};
use ports::{Applied, CallContext, CallError};
use reqwest::Method;
use std::time::Instant;

/// Why nothing of it may go: whoever made the command withheld the file, and with it the document.
pub(super) fn withheld(command: &PartnerCommand) -> Option<&str> {
    let file = match command {
        PartnerCommand::Document(C::Publish(c)) => &c.file,
        PartnerCommand::Document(C::PublishVersion(c)) => &c.file,
        PartnerCommand::Document(
            C::Acknowledge(_)
            | C::SetStatus(_)
            | C::PostComment(_)
            | C::Decide(_)
            | C::RejectFile(_)
            | C::RequestRenewal(_),
        )
        | PartnerCommand::Issue(_)
        | PartnerCommand::Discrepancy(_)
        | PartnerCommand::Onboarding(_) => return None,
    };
    Some(file.withheld.as_str()).filter(|reason| !reason.is_empty())
}

impl HttpTarget {
    pub(super) async fn publish(
        &self,
        command: &Envelope<PartnerCommand>,
        document: &Publish,
        context: &CallContext,
    ) -> Result<Applied, CallError> {
        let Some(partner) = &command.meta.partner_id else {
            return Err(refused("no-partner", "the command names no partner"));
        };
        // Bytes by their hash are no effect: nobody sees them before the write.
        let left = context.timeout.saturating_sub(context.timeout / 4);
        upload::bring(&self.client, self.blobs.as_deref(), &command.payload.carried(), Instant::now() + left).await?;
        let reference = command.meta.subject.as_str();
        let write = request::publishing(document, reference, partner.as_str());
        let parts = Parts { idempotency_key: Some(&context.marker), body: Some(write.body), ..Parts::default() };
        let timeout = self.timeout.min(context.timeout / 4);
        let answer = self.client.send(Method::POST, &["v1", "documents"], parts, timeout).await;
        let body = classify::write(&self.client, answer)?;
        // Success is believed only where the answer names this reference, this partner and this key.
        let change = serde_json::from_slice::<wire::Written>(&body).ok().filter(|change| {
            change.external_reference == reference
                && change.partner_id == partner.as_str()
                && change.kind == write.change
                && change.idempotency_key.as_deref() == Some(context.marker.as_str())
                && domain::NativeId::new(change.case_id.as_str()).is_ok()
        });
        let unknown = || CallError::Unknown { reason: "the answer to the write does not name its change".to_owned() };
        let change = change.ok_or_else(unknown)?;
        if change.environment != command.meta.environment.as_str() {
            return Err(refused("foreign-environment", "the document is of another environment than the command"));
        }
        let id = change.case_id.clone();
        Ok(applied(&[change], &id))
    }
}
