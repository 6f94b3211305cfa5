//! Title and description of a new case in X: what the partner wrote, then what it is about, then whom to ask.

use super::values;
use crate::bundle::partners::Partner;
use crate::bundle::policy::Policy;
use crate::date;
use crate::engine::Draft;
use crate::files;
use crate::said::fill;
use domain::InternalCommand;
use domain::issue::{DocumentRef, Opened, TransactionRef};
use domain::text::cut;

/// What the partner wrote as a title, in one line, after the bundle's prefix.
pub(crate) fn title(draft: &Draft<'_, InternalCommand>, partner: &Partner, policy: &Policy, title: &str) -> String {
    let values = [("partner", partner.id.as_str()), ("case", draft.meta.subject.native())];
    let prefix = fill(draft.bundle.title_prefix(), &values);
    // A title is one line wherever it is shown.
    let title = title.split(char::is_control).filter(|p| !p.trim().is_empty()).collect::<Vec<_>>().join(" ");
    cut(&format!("{prefix}{}", title.trim()), policy.limit("title"), "…")
}

/// References and contact come after the text and are kept when the text has to be cut.
pub(super) fn description(draft: &Draft<'_, InternalCommand>, policy: &Policy, opened: &Opened) -> String {
    let texts = draft.bundle.agent_texts();
    let text = |key: &str| texts.get("agent", key).as_str();
    let mut lines: Vec<String> = Vec::new();
    let mut line = |key: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("{}: {value}", text(key)));
        }
    };
    let documents: Vec<_> = opened.documents.iter().map(document).filter(|d| !d.is_empty()).collect();
    line("references", documents.join("; "));
    line("transaction", opened.transaction.as_ref().map(transaction).unwrap_or_default());
    line("contact", values::contact_line(&opened.contact));
    line("wanted_by", opened.requested_resolution_at.map(date::shown).unwrap_or_default());
    let said = files::with_withheld(draft, &opened.description, &opened.files);
    let limit = policy.limit("description");
    let tail = cut(&lines.join("\n"), limit / 2, text("cut"));
    let room = limit - tail.chars().count();
    if tail.is_empty() {
        return cut(&said, room, text("cut"));
    }
    format!("{}\n\n{tail}", cut(&said, room.saturating_sub(2), text("cut")))
}

pub(crate) fn joined(parts: &[(&str, &str)]) -> String {
    let some = parts.iter().filter(|(_, value)| !value.trim().is_empty());
    some.map(|(name, value)| format!("{name}{}", value.trim())).collect::<Vec<_>>().join(" ")
}

/// UNTDID 1001 code, number, date.
pub(crate) fn document(document: &DocumentRef) -> String {
    if document.number.trim().is_empty() {
        return String::new();
    }
    joined(&[("", &document.type_code), ("", &document.number), ("", &document.issue_date)])
}

fn transaction(t: &TransactionRef) -> String {
    joined(&[
        ("", &t.standard),
        ("", &t.set_id),
        ("", &t.direction),
        ("from ", &t.sender),
        ("to ", &t.receiver),
        ("interchange ", &t.interchange_control),
        ("group ", &t.group_control),
        ("set ", &t.set_control),
        ("network ", &t.network_reference),
    ])
}
