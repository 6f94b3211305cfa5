//! The last day of a version comes near, or has passed: the partner is asked for a newer one. A newer version renews.

use super::outward::{code, label, push};
use super::terms;
use crate::date;
use crate::engine::{Draft, Held};
use domain::document::{Expiry, PartnerCommand as C, RequestRenewal, SetStatus};
use domain::{DocumentStatus as Status, PartnerCommand};

type Rules<'a> = Draft<'a, PartnerCommand>;

pub(super) fn expiring(draft: &mut Rules<'_>, e: &Expiry) -> Result<(), Held> {
    terms(draft)?;
    let known = draft.known_partner()?;
    let valid_to = date::parse_day(&e.valid_to).ok_or_else(|| Held::new("no-day", &e.valid_to))?;
    let command = RequestRenewal {
        version_no: e.version_no,
        label: label(&known, Status::Expiring),
        text: known.texts.get("document-notice", "renewal").share(),
        valid_to: Some(valid_to),
        days_left: e.days_left,
    };
    push(draft, "document.expiring", "renewal", C::RequestRenewal(command));
    Ok(())
}

pub(super) fn expired(draft: &mut Rules<'_>, e: &Expiry) -> Result<(), Held> {
    let terms = terms(draft)?;
    let known = draft.known_partner()?;
    let command = SetStatus {
        status: Status::Expired,
        label: label(&known, Status::Expired),
        status_code: code(terms, Status::Expired),
        reason: Some(known.texts.get("document-notice", "expired").share()),
        version_no: e.version_no,
        // The community knows whether this version is still the one that is offered.
        only_if: None,
    };
    push(draft, "document.expired", "status", C::SetStatus(command));
    Ok(())
}
