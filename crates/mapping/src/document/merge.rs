//! Agents go on in another ticket: for its partner this document is over, in words that say nothing of the other one.

use super::outward::{only_in, push};
use crate::engine::{Draft, Held};
use crate::known::{end_notice, notice_comment};
use domain::document::{PartnerCommand as C, SetStatus};
use domain::issue::Merged;
use domain::{DocumentStatus as Status, PartnerCommand};

type Rules<'a> = Draft<'a, PartnerCommand>;

pub(super) fn merged(draft: &mut Rules<'_>, e: &Merged) -> Result<(), Held> {
    super::terms(draft)?;
    let known = draft.known_partner()?;
    let text = end_notice(&known, e);
    let rule = "document.merged";
    push(draft, rule, "notice", C::PostComment(notice_comment(draft, &known, text.clone())));
    let open: Vec<Status> = Status::ALL.into_iter().filter(|s| s.may_become(Status::Withdrawn)).collect();
    let end = SetStatus {
        status: Status::Withdrawn,
        label: known.texts.get("label", "merged").share(),
        status_code: None,
        reason: Some(text),
        version_no: 0,
        only_if: only_in(&open),
    };
    push(draft, rule, "end", C::SetStatus(end));
    Ok(())
}

/// What a partner said found no record in X any more, because agents had put it into another one.
pub(crate) fn came_too_late(draft: &mut Rules<'_>, kind: &str) -> Result<(), Held> {
    if kind != "internal.document.add-public-comment" {
        return draft.only_skip("outcome-skipped");
    }
    let known = draft.known_partner()?;
    let comment = notice_comment(draft, &known, known.notice("ended"));
    push(draft, "document.came-too-late", "notice", C::PostComment(comment));
    Ok(())
}
