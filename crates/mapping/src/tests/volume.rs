//! Very many facts of two partners, with a canary of every group wherever it can be said: none may come out.
//!
//! `CAUSEWAY_ISOLATION_ITEMS=200000 cargo test -p mapping volume` for as many; the default keeps the test short.
#![expect(clippy::disallowed_methods, reason = "tests play the adapters, which mark what they heard")]

use super::*;
use crate::to_partner;
use domain::issue::{self as i, InternalEvent as I};
use domain::outcome::{CommandRef, Outcome, Refused, Skipped};
use domain::{ContentHash, Fact, InternalEvent, Marked};
use std::cell::RefCell;

const CANARY: &str = "CANARY7f3a";
/// Of an account; a canary of its own, because four characters of it stay.
const ACCOUNT: &str = "DE89 3704 0044 0532 0130 00";

/// SplitMix64: the same facts on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }
    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.roll(of.len())]
    }
}

/// Canaries that stand within a text and are left out of it.
const WITHIN: [&str; 4] =
    ["CANARY7f3a.lee@host.example", "https://canary7f3a.corp.host.example/T/1", "Partner Triage", ACCOUNT];
/// Below a text: older mails and signatures, as mail programs write them.
const BELOW: [&str; 8] = [
    "\n\nOn Mon, 1 Jun 2026 at 09:00, Ann <ann@host.example> wrote:\n> CANARY7f3a\n> > CANARY7f3a",
    "\n\nAm 01.06.2026 um 09:00 schrieb Ann:\n> CANARY7f3a",
    "\n-----Original Message-----\nFrom: CANARY7f3a\nCANARY7f3a",
    "\n-----Ursprüngliche Nachricht-----\nVon: CANARY7f3a\nCANARY7f3a",
    "\n________________________________\nVon: CANARY7f3a\nGesendet: Montag\nAn: Bo\n\nCANARY7f3a",
    "\n-- \nCANARY7f3a",
    "\n> CANARY7f3a",
    "\nBegin forwarded message:\nCANARY7f3a",
];
/// In HTML, what a page would not show or a mail program has put there.
const HIDDEN: [&str; 8] = [
    "<span style='display: none'>CANARY7f3a</span>",
    "<!-- CANARY7f3a -->",
    "<style>.q { visibility: hidden }</style><i class=q>CANARY7f3a</i>",
    "<div class=gmail_quote>CANARY7f3a</div>",
    "<blockquote>CANARY7f3a<p>CANARY7f3a</p></blockquote>",
    "<font style='font-size:0'>CANARY7f3a</font>",
    "<del>CANARY7f3a</del>",
    "<div id=divRplyFwdMsg>CANARY7f3a</div>",
];
/// With one of these the text is not sent at all.
const WITHHELD: [&str; 4] = [
    "password=CANARY7f3a",
    "-----BEGIN PRIVATE KEY----- CANARY7f3a",
    "Traceback (most recent call last): CANARY7f3a",
    "\nat a.b.C.CANARY7f3a(X.java:1)",
];

/// A text for the partner, its format, and whether nothing of it may go.
fn text(dice: &mut Dice, other: &str) -> (String, &'static str) {
    let mut said = dice.one(&["It left on Monday", "Zwei Paletten fehlen", "a < b & c", "see line 3: 5 EA"]).to_owned();
    if dice.roll(3) == 0 {
        said = format!("{said} {} today", dice.one(&WITHIN));
    }
    if dice.roll(12) == 0 {
        let foreign = if other == "GLOBEX" {
            ["GLOBEX", "globex", "987654321", "V-10002"]
        } else {
            ["ACME", "Acme", "123456789", "ACMEEDI"]
        };
        said = format!("{said}, as for {} {CANARY}", dice.one(&foreign));
    } else if dice.roll(20) == 0 {
        said = format!("{said} {}", dice.one(&WITHHELD));
    }
    if dice.roll(3) == 0 {
        let html = said.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>");
        return (format!("<p>{html}</p>{}<p>Bye</p>", dice.one(&HIDDEN)), "html");
    }
    if dice.roll(2) == 0 {
        said.push_str(dice.one(&BELOW));
    }
    (said, dice.one(&["plain", "markdown", ""]))
}

fn canary() -> String {
    CANARY.to_owned()
}

fn event(dice: &mut Dice, other: &str) -> I {
    let inside = || Marked::new(canary(), Visibility::Host);
    let (said, format) = text(dice, other);
    let plain = if format == "html" { "plainly said".to_owned() } else { said.clone() };
    let for_partner = |text: String| Marked::new(text, Visibility::Partner);
    let status = |dice: &mut Dice| {
        dice.one(&["new", "open", "waiting-partner", "stalled", "resolved", "closed", CANARY]).to_owned()
    };
    match dice.roll(12) {
        0..4 => I::PublicCommentAdded(i::PublicCommentAdded {
            note_id: canary(),
            author: canary(),
            text: for_partner(said),
            format: format.to_owned(),
            files: Vec::new(),
        }),
        4 | 5 => I::StatusChanged(i::StatusChanged {
            from: status(dice),
            to: status(dice),
            reason: if dice.roll(2) == 0 { inside() } else { for_partner(plain) },
            expected_resolution_at: None,
        }),
        6 => I::InformationRequired(i::InformationRequired {
            question: for_partner(plain),
            due_at: None,
            status: canary(),
        }),
        7 => I::Resolved(i::Resolved { code: String::new(), note: for_partner(plain) }),
        8 => I::Merged(i::Merged { into_record: canary(), into_partner: other.to_owned() }),
        9 => I::InternalNoteAdded(i::InternalNoteAdded { note_id: canary(), author: canary(), text: inside() }),
        10 => I::FieldChanged(i::FieldChanged { field: "cf.Finding WMS".to_owned(), from: inside(), to: inside() }),
        _ => I::Assigned(i::Assigned { owner: canary(), group: canary() }),
    }
}

/// An agent shares a document of the house's own, in such words.
fn shares(dice: &mut Dice, other: &str) -> domain::document::InternalEvent {
    let (said, format) = text(dice, other);
    let said = if format == "html" { "plainly said".to_owned() } else { said };
    let gesture = format!("version={} title=\"{said}\" note=\"{said}\"", 1 + dice.roll(2));
    let name = if dice.roll(4) == 0 { format!("as {other} has it.pdf") } else { "guide.pdf".to_owned() };
    let file = domain::FileClaim {
        sha256: ContentHash::of_bytes(b"x").to_string(),
        ..domain::FileClaim::named(canary(), Marked::new(name, Visibility::Partner), "application/pdf", 1)
    };
    domain::document::InternalEvent::SharedOutward(domain::document::SharedOutward {
        gesture: Marked::new(gesture, Visibility::Host),
        files: vec![file],
    })
}

/// What became of a command inside, with the words of the systems.
fn outcome(dice: &mut Dice) -> Outcome {
    let kind =
        dice.one(&["internal.issue.create-case", "internal.issue.add-public-comment", "internal.issue.close-case"]);
    let (id, hash) = (MessageId::from_bytes([3; 16]), ContentHash::of_bytes(b"x"));
    let command = CommandRef { id, kind: kind.to_owned(), hash, offset: 1 };
    if dice.roll(2) == 0 {
        let detail = format!("RT at https://{CANARY}.corp.host.example answered 500: Traceback {CANARY}");
        Outcome::Refused(Refused { command, reason: format!("queue {CANARY}"), detail })
    } else {
        Outcome::Skipped(Skipped { command, rule: dice.one(&["merged", "only-if", CANARY]).to_owned() })
    }
}

#[test]
fn volume_of_two_partners_lets_no_canary_and_no_foreign_byte_out() {
    let items = std::env::var("CAUSEWAY_ISOLATION_ITEMS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000_usize);
    let mut dice = Dice(42);
    let (mut commands, mut held, mut masked) = (0_usize, 0_usize, 0_usize);
    let words = std::cell::Cell::new(0_usize);
    for item in 0..items {
        let (own, other) = if dice.roll(2) == 0 { ("ACME", "GLOBEX") } else { ("GLOBEX", "ACME") };
        let mut meta = meta("rt", &item.to_string());
        meta.subject = Subject::try_from(format!("case/tg/C-{own}-{}", dice.roll(500))).unwrap();
        meta.partner_id = Some(PartnerId::new(own).unwrap());
        meta.actor.id = canary();
        meta.source_version = canary();
        for field in ["cf.Root Cause", "cf.Cost", "owner", "queue", "cf.Finding ERP"] {
            meta.ext.insert(field.to_owned(), canary());
        }
        if dice.roll(4) == 0 {
            let (note, format) = text(&mut dice, other);
            let note = if format == "html" { "granted".to_owned() } else { note };
            meta.ext.insert("cf.Resolution Note".to_owned(), note);
        }
        let payload = if dice.roll(20) == 0 {
            Fact::Outcome(Box::new(outcome(&mut dice)))
        } else if dice.roll(8) == 0 {
            meta.subject = Subject::try_from(format!("document/rt/{item}")).unwrap();
            meta.ext.insert("cf.TG Document Type".to_owned(), dice.one(&["OWN NDA", "OWN W9"]).to_owned());
            Fact::Event(InternalEvent::Document(shares(&mut dice, other)))
        } else {
            Fact::Event(InternalEvent::Issue(event(&mut dice, other)))
        };
        let fact = Envelope { meta, payload };
        let mapped = to_partner(&STARTER, &fact, &cause("internal.events", 9));
        held += usize::from(
            mapped.held.as_ref().is_some_and(|h| ["another-partner", "secret", "trace"].contains(&h.reason)),
        );
        assert!(
            !mapped.held.as_ref().is_some_and(|h| h.reason != "unknown-status" && h.detail.contains(CANARY)),
            "{mapped:?}"
        );
        for command in mapped.commands {
            commands += 1;
            assert_eq!(command.meta.partner_id.as_ref().map(PartnerId::as_str), Some(own));
            let mut head = serde_json::json!(command.meta);
            head["subject"] = serde_json::Value::Null;
            let said = RefCell::new(head.to_string());
            let _ = command.payload.map_text(|text| {
                words.set(words.get() + 1);
                said.borrow_mut().push_str(text.get());
            });
            let said = said.into_inner();
            let low = said.to_lowercase();
            masked += usize::from(said.contains("[…]"));
            for never in ["canary7f3a", "host.example", "partner triage", "3704 0044", &other.to_lowercase()] {
                assert!(!low.contains(never), "item {item}: {never} in {said} of {fact:?}");
            }
        }
    }
    let texts = words.get();
    println!(
        "{items} items: {commands} commands, {texts} texts, {masked} with something left out, {held} withheld, 0 leaks"
    );
    // It would hold of an engine that says nothing.
    assert!(commands > items / 4 && masked > items / 60 && held > items / 60, "{commands} {masked} {held}");
}
