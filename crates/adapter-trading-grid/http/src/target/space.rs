//! A space for a programme that began in X: made under our own reference, which the community keeps unique.

use super::{HttpTarget, applied, classify, refused, request};
use crate::client::Parts;
use crate::wire;
use domain::onboarding::OpenSpace;
use domain::{Envelope, PartnerCommand};
use ports::{Applied, CallContext, CallError};
use reqwest::Method;

impl HttpTarget {
    /// A repeat, also beyond the window of its key, finds the space that is there.
    pub(super) async fn open_space(
        &self,
        command: &Envelope<PartnerCommand>,
        space: &OpenSpace,
        context: &CallContext,
    ) -> Result<Applied, CallError> {
        let Some(partner) = &command.meta.partner_id else {
            return Err(refused("no-partner", "the command names no partner"));
        };
        let reference = command.meta.subject.as_str();
        let write = request::opening(space, reference, partner.as_str());
        let parts = Parts { idempotency_key: Some(&context.marker), body: Some(write.body), ..Parts::default() };
        let timeout = context.timeout.min(self.timeout);
        let answer = self.client.send(Method::POST, &["v1", "onboarding"], parts, timeout).await;
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
        // Made empty, and nothing else will follow: every later command asks first.
        if change.environment != command.meta.environment.as_str() {
            return Err(refused("foreign-environment", "the space is of another environment than the command"));
        }
        let id = change.case_id.clone();
        Ok(applied(&[change], &id))
    }
}
