//! The last day of a version comes near, or has passed: the partner is asked for a newer one. A newer version renews.
//!
//! Who owns time says it of every version that has a last day. The community takes it of the version that it offers, and
//! of no other; so agents hear of it when the community has taken it.

use super::outward::{code, label, push};
use super::{VERSION, inward, terms};
use crate::date;
use crate::engine::{Draft, Held};
use crate::said::note_of;
use domain::document::{Expiry, PartnerCommand as C, RequestRenewal, SetStatus};
use domain::timer::Due;
use domain::{DocumentStatus as Status, InternalCommand, Meta, PartnerCommand, Shared, Timestamp};

/// Beside a command that a timer led to: by which line of the bundle, and the end of the last day in milliseconds.
const LINE: &str = "about.reminder";
const UNTIL: &str = "about.until";
const DAY: i64 = 86_400_000;

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

/// As a line of `reminders.csv` says, in the words of that line.
pub(crate) fn due(draft: &mut Rules<'_>, due: &Due, passed: bool) -> Result<(), Held> {
    let terms = terms(draft)?;
    let known = draft.known_partner()?;
    let number = due.item.parse().ok().filter(|number| *number >= 1);
    let Some(version_no) = number else { return Err(Held::new("no-version", &due.item)) };
    // It is valid to the end of its last day.
    let last_day = due.counted_from.plus_millis(-DAY);
    let values = [("deadline", &known.partner.zone.told(Some(last_day)))];
    let text = Shared::filled(known.texts.get("reminder", &due.rule), &values);
    let (effect, command) = if passed {
        let status = Status::Expired;
        let (label, status_code) = (label(&known, status), code(terms, status));
        let reason = Some(text);
        ("status", C::SetStatus(SetStatus { status, label, status_code, reason, version_no, only_if: None }))
    } else {
        let days_left = (last_day.0 - draft.meta.occurred_at.0).max(0) / DAY;
        let (label, valid_to) = (label(&known, Status::Expiring), Some(last_day));
        ("renewal", C::RequestRenewal(RequestRenewal { version_no, label, text, valid_to, days_left }))
    };
    let until = due.counted_from.0.to_string();
    let about = [(VERSION, due.item.as_str()), (LINE, &due.rule), (UNTIL, &until)];
    draft.push_about("document.due", effect, PartnerCommand::Document(command), &about);
    Ok(())
}

/// A timer led to this.
pub(crate) fn is_reminded(meta: &Meta) -> bool {
    meta.ext.contains_key(LINE)
}

/// The community has taken it: the agents hear so, where the line tells them.
pub(crate) fn reminded(draft: &mut Draft<'_, InternalCommand>) -> Result<(), Held> {
    let of = |name: &str| draft.meta.ext.get(name).map_or("", String::as_str);
    let (id, version) = (of(LINE), of(VERSION));
    let Some(line) = draft.bundle.reminders.iter().find(|line| line.rule.id == id) else {
        return draft.only_skip("no-such-reminder");
    };
    if !line.to_agents {
        return draft.only_skip("not-for-agents");
    }
    let known = draft.known_partner()?;
    let until = of(UNTIL).parse().map(|until| date::shown(Timestamp(until))).unwrap_or_default();
    let values = [("since", until.as_str()), ("deadline", &until), ("item", version)];
    let note = note_of(draft, &known, ("reminder-agent", id), &values);
    inward::reminded(draft, note);
    Ok(())
}
