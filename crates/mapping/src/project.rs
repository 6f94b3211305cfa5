//! The one way of a text to a partner. Whatever the case system says for partners is cleaned by [`text`]; whatever
//! leaves the engine for the community, ours or theirs, passes [`project_for_partner`].
//!
//! `clippy.toml` bans the ways from marked to shared text everywhere else in this crate.

use crate::bundle::isolation::Isolation;
use crate::bundle::policy::Policy;
use crate::engine::{Held, Mapped};
use crate::never;
use domain::{Marked, Meta, PartnerCommand, Shared};
use std::cell::Cell;

type Text = Shared<String>;

/// A text that is marked for the partner at its origin.
#[expect(clippy::disallowed_methods, reason = "the gate")]
pub(crate) fn marked(isolation: &Isolation, text: &Marked<String>, is_html: bool) -> Option<Text> {
    let text = text.for_partner()?;
    Some(cleaned(isolation, if is_html { text.without_markup() } else { text }))
}

/// A text of the case system that the bundle grants by its field's name.
#[expect(clippy::disallowed_methods, reason = "the gate")]
pub(crate) fn granted(isolation: &Isolation, policy: &Policy, field: &str, text: &Marked<String>) -> Option<Text> {
    text.for_partner_by(field, policy.grant(field)?).map(|text| cleaned(isolation, text))
}

/// An extra field of a fact that the bundle grants.
#[expect(clippy::disallowed_methods, reason = "the gate")]
pub(crate) fn extra(isolation: &Isolation, policy: &Policy, field: &str, meta: &Meta) -> Option<Text> {
    meta.extra_for_partner(field, policy.grant(field)?).map(|text| cleaned(isolation, text))
}

/// Only what was said here and now, without names of the house, with at most the last four of an account's characters.
fn cleaned(isolation: &Isolation, text: Text) -> Text {
    let text = text.only_said();
    let mut hide: Vec<_> = isolation.of_the_house(text.get()).into_iter().map(|range| (range, 0)).collect();
    let accounts = never::accounts(text.get()).into_iter().map(|range| (range, 4));
    let apart: Vec<_> =
        accounts.filter(|(a, _)| hide.iter().all(|(h, _)| a.end <= h.start || h.end <= a.start)).collect();
    hide.extend(apart);
    if hide.is_empty() {
        return text;
    }
    hide.sort_by_key(|(range, _)| range.start);
    text.hiding(&hide)
}

/// What every command for a partner passes, last of all. A text that nobody could have meant for this partner withholds
/// the whole fact: a person looks at it, and the reason names no word of it.
pub(crate) fn project_for_partner(isolation: &Isolation, mapped: Mapped<PartnerCommand>) -> Mapped<PartnerCommand> {
    let withheld = Cell::new(None);
    let mut commands = Vec::with_capacity(mapped.commands.len());
    for mut command in mapped.commands {
        let partner = command.meta.partner_id.clone();
        let partner = partner.as_ref().map_or("", domain::PartnerId::as_str);
        let check = |text: Text| {
            let reason = if isolation.names_another(text.get(), partner) {
                Some("another-partner")
            } else {
                never::inside(text.get())
            };
            if let Some(reason) = reason {
                withheld.set(Some(reason));
            }
            text
        };
        command.payload = command.payload.map_text(check);
        commands.push(command);
    }
    match withheld.get() {
        Some(reason) => {
            Mapped { commands: Vec::new(), skipped: Vec::new(), held: Some(Held::new(reason, "in a text")) }
        }
        None => Mapped { commands, ..mapped },
    }
}
