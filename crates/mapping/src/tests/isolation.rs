//! What no partner may see, group by group: planted in every place where it can be said, and looked for in every command.
#![expect(clippy::disallowed_methods, reason = "tests play the adapters, which mark what they heard")]

use super::*;
use crate::{Mapped, to_internal, to_partner};
use domain::issue::{self as i, InternalEvent as I, PartnerCommand as C, PartnerEvent as P};
use domain::{InternalEvent, Marked, PartnerCommand, PartnerEvent};

fn bundle(change: &dyn Fn(&mut std::collections::BTreeMap<String, String>)) -> Result<Bundle, Vec<crate::Fault>> {
    let mut files = starter_files();
    change(&mut files);
    Bundle::from_files(files)
}

fn said(event: I) -> Mapped<PartnerCommand> {
    to_partner(&STARTER, &fact(meta("rt", "s"), InternalEvent::Issue(event)), &cause("internal.events", 5))
}

fn public(text: &str) -> Marked<String> {
    Marked::new(text.to_owned(), Visibility::Partner)
}

fn comment(text: &str, format: &str) -> I {
    let (note_id, author) = ("n1".to_owned(), "agent1".to_owned());
    I::PublicCommentAdded(i::PublicCommentAdded {
        note_id,
        author,
        text: public(text),
        format: format.to_owned(),
        files: Vec::new(),
    })
}

/// Every event of a case that carries a text for the partner, with this text.
fn each_saying(text: &str) -> Vec<I> {
    let changed = |from: &str, to: &str| {
        let (from, to) = (from.to_owned(), to.to_owned());
        I::StatusChanged(i::StatusChanged { from, to, reason: public(text), expected_resolution_at: None })
    };
    vec![
        comment(text, "plain"),
        comment(text, "markdown"),
        comment(&format!("<p>{}</p>", text.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>")), "html"),
        changed("new", "open"),
        changed("open", "waiting-partner"),
        changed("open", "resolved"),
        changed("resolved", "open"),
        I::InformationRequired(i::InformationRequired { question: public(text), due_at: None, status: String::new() }),
        I::Resolved(i::Resolved { code: String::new(), note: public(text) }),
        I::Reopened(i::Reopened { reason: public(text) }),
    ]
}

/// All words of the commands that a partner could read.
fn read(mapped: &Mapped<PartnerCommand>) -> String {
    let words = std::cell::RefCell::new(String::new());
    for command in &mapped.commands {
        let _ = command.payload.clone().map_text(|text| words.borrow_mut().push_str(&format!("{}\n", text.get())));
    }
    words.into_inner()
}

fn post(text: &str, format: &str) -> String {
    let mapped = said(comment(text, format));
    match mapped.commands.first().map(|c| &c.payload) {
        Some(PartnerCommand::Issue(C::PostComment(post))) => post.text.get().clone(),
        other => panic!("{other:?} of {mapped:?}"),
    }
}

#[test]
fn group_1_and_4_to_6_fields_that_are_never_for_partners_cannot_be_granted() {
    for field in [
        "owner",
        "queue",
        "cf.Root Cause",
        "cf.Finding WMS",
        "cf.Credit Score",
        "cf.Cost",
        "cf.root_cause",
        "cf.Fraud-Flag",
    ] {
        let faults = bundle(&|files| {
            let csv = files.get_mut("fields-out.csv").unwrap();
            csv.push_str(&format!("{field},status_reason,true\n"));
        });
        let fault = faults.unwrap_err().remove(0);
        assert!(fault.file == "fields-out.csv" && fault.what.contains("never for partners"), "{field}: {fault:?}");
    }
}

#[test]
fn group_2_people_mailboxes_queues_and_hosts_of_the_house_are_left_out_of_every_text() {
    let text = "Ask ann.lee+x@mail.host.example or ANN@HOST.EXAMPLE, see https://rt4.corp.host.example/Ticket/1; it is in Partner Triage";
    for event in each_saying(text) {
        let words = read(&said(event.clone()));
        for canary in ["ann", "ANN", "HOST.EXAMPLE", "host.example", "rt4", "Partner Triage"] {
            assert!(!words.contains(canary), "{canary} in {words} of {event:?}");
        }
        assert!(words.contains("[…]"), "{words}");
    }
    let kept = "write to bob@partner.example about myhost.examples";
    assert_eq!(post(kept, "plain"), kept);
}

#[test]
fn group_3_a_text_that_names_another_partner_is_withheld_whole() {
    for name in ["GLOBEX", "globex", "Globex Logistics", "987654321", "V-10002", "01:987654321"] {
        for event in each_saying(&format!("as for {name}, so for you")) {
            let held = said(event.clone()).held.unwrap_or_else(|| panic!("{name} crossed in {event:?}"));
            assert_eq!((held.reason, held.detail.contains(name)), ("another-partner", false));
        }
    }
    for own in ["ACME", "Acme Industries", "V-10001", "123456789", "globexes", "12345"] {
        assert_eq!(post(&format!("about {own}"), "plain"), format!("about {own}"));
    }
    let tolerant = bundle(&|files| files.get_mut("never.csv").unwrap().push_str("not-a-partner,Globex\n")).unwrap();
    let fact = fact(meta("rt", "s"), InternalEvent::Issue(comment("as for globex", "plain")));
    assert_eq!(to_partner(&tolerant, &fact, &cause("internal.events", 5)).held, None);
}

#[test]
fn group_3_a_partner_that_is_called_like_a_word_of_the_bundle_withholds_nothing() {
    let bundle = bundle(&|files| {
        files
            .get_mut("partners.csv")
            .unwrap()
            .push_str("REVIEW,suppliers,en,P,2020-01-01,,,,,,\nDUPLICATE,suppliers,en,P,2020-01-01,,,,,,\n");
    });
    let (from, to) = ("new".to_owned(), "open".to_owned());
    let reason = Marked::default();
    let event = I::StatusChanged(i::StatusChanged { from, to, reason, expected_resolution_at: None });
    let fact = fact(meta("rt", "s"), InternalEvent::Issue(event));
    let mapped = to_partner(&bundle.unwrap(), &fact, &cause("internal.events", 5));
    assert_eq!((mapped.held, mapped.commands.len()), (None, 2));
}

#[test]
fn group_6_secrets_and_traces_are_withheld() {
    for (text, reason) in [
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "secret"),
        ("log in with password=hunter2", "secret"),
        ("Traceback (most recent call last):\n  File \"case.py\", line 3", "trace"),
        ("it says\n    at com.host.Case.close(Case.java:42)", "trace"),
    ] {
        for event in each_saying(text) {
            assert_eq!(said(event).held.map(|h| h.reason), Some(reason), "{text}");
        }
    }
}

#[test]
fn group_7_accounts_are_masked_but_for_four() {
    for event in each_saying("credited to DE89 3704 0044 0532 0130 00 and 4111 1111 1111 1111") {
        let words = read(&said(event));
        assert!(!words.contains("3704") && !words.contains("4111 "), "{words}");
        assert!(words.contains("[…]0 00") && words.contains("[…]1111"), "{words}");
    }
}

#[test]
fn group_8_only_what_was_said_here_crosses() {
    let old = "\n\nOn 3 June 2026, Ann <ann@host.example> wrote:\n> the margin is 40 %\n";
    for event in each_saying(&format!("It is on its way.{old}")) {
        let words = read(&said(event));
        assert!(words.contains("on its way") && !words.contains("margin"), "{words}");
    }
    assert_eq!(post("Done.\n-- \nAnn, desk 4", "plain"), "Done.");
    assert_eq!(post("Do\u{200b}ne\u{e0041}", "markdown"), "Done");
    let html = "Done.<span style='display:none'>margin</span><!-- margin --><div class=gmail_signature>Ann</div>\
        <blockquote>margin</blockquote>";
    assert_eq!(post(html, "html"), "Done.");
    assert_eq!(said(comment("> only a quote", "plain")).skipped, ["empty-comment"]);
}

#[test]
fn group_9_a_file_without_the_scanners_word_is_a_line_and_one_that_is_not_for_the_partner_is_nothing() {
    let file = |name: &str, visibility, withheld: &str| domain::FileClaim {
        withheld: withheld.to_owned(),
        sha256: "0a".repeat(32),
        ..domain::FileClaim::named("f1", Marked::new(name.to_owned(), visibility), "application/pdf", 12)
    };
    let said_with = |files| {
        let I::PublicCommentAdded(comment) = comment("see the file", "plain") else { panic!("a comment") };
        said(I::PublicCommentAdded(i::PublicCommentAdded { files, ..comment }))
    };
    for withheld in ["infected", "encrypted", "unavailable", "no-store"] {
        let mapped = said_with(vec![file("offer.pdf", Visibility::Partner, withheld)]);
        let [PartnerCommand::Issue(C::PostComment(post))] = &payloads(&mapped)[..] else { panic!("{mapped:?}") };
        assert!(post.files.is_empty() && post.text.get().contains("could not be transferred"), "{post:?}");
        assert!(!post.text.get().contains(withheld), "what a check found stays inside: {post:?}");
    }
    for inside in [Visibility::Host, Visibility::Restricted] {
        let mapped = said_with(vec![file("CANARY.pdf", inside, "")]);
        assert!(!format!("{:?}", payloads(&mapped)).contains("CANARY"), "{mapped:?}");
        assert_eq!(mapped.commands.len(), 1, "the words alone");
    }
    let mapped = said_with(vec![file("offer.pdf", Visibility::Partner, "")]);
    assert_eq!(mapped.commands.len(), 2, "the words, then the file");
}

fn payloads(mapped: &Mapped<PartnerCommand>) -> Vec<PartnerCommand> {
    mapped.commands.iter().map(|command| command.payload.clone()).collect()
}

#[test]
fn group_10_test_and_production_never_meet_on_a_link_that_says_which_it_is() {
    let mut test = meta("rt", "s");
    test.environment = Environment::Test;
    let outward = fact(test.clone(), InternalEvent::Issue(comment("hello", "plain")));
    assert_eq!(to_partner(&STARTER, &outward, &cause("internal.events", 5)).held.unwrap().reason, "environment");
    test.system = system("tg");
    let (note_id, author, text) = ("n1".to_owned(), "Ann".to_owned(), "hello".to_owned());
    let comment =
        i::CommentAdded { note_id, author, text, format: String::new(), case_status: String::new(), files: Vec::new() };
    let inward = fact(test, PartnerEvent::Issue(P::CommentAdded(comment)));
    assert_eq!(to_internal(&STARTER, &inward, &cause("partner.events", 5)).held.unwrap().reason, "environment");
    let unsaid = bundle(&|files| {
        let toml = files["bundle.toml"].replace("environment = \"P\"", "");
        files.insert("bundle.toml".to_owned(), toml);
    });
    assert_eq!(to_internal(&unsaid.unwrap(), &inward, &cause("partner.events", 5)).held, None);
}

#[test]
fn a_last_hop_knows_whom_it_may_serve() {
    let serves = |id: &str, environment, at| STARTER.serves(&PartnerId::new(id).unwrap(), environment, Timestamp(at));
    let (now, production) = (1_780_000_000_000, Environment::Production);
    assert_eq!(serves("ACME", production, now), Ok(()));
    assert_eq!(serves("INITECH", production, now), Err("unknown-partner"));
    assert_eq!(serves("ACME", production, 0), Err("partner-not-valid"));
    assert_eq!(serves("ACME", Environment::Test, now), Err("environment"));
}
