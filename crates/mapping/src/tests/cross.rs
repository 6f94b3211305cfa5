//! What is the same for every use case: what is held is told, merged records end, and partners read moments of their own.
#![expect(clippy::disallowed_methods, reason = "tests play the adapters, which mark what they heard")]

use super::*;
use crate::{Mapped, to_internal, to_partner, told_of_hold};
use domain::issue::{self as i, InternalEvent as I};
use domain::timer::{Due, Event};
use domain::{
    Command as _, Fact, InternalCommand, InternalEvent, Marked, PartnerCommand, ServiceLevelEvent, discrepancy as d,
    document as p, onboarding as o,
};

fn with(change: &dyn Fn(&mut BTreeMap<String, String>)) -> Bundle {
    let mut files = starter_files();
    change(&mut files);
    Bundle::from_files(files).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn syncing() -> Bundle {
    with(&|files| {
        let text = files.get_mut("bundle.toml").unwrap();
        text.push_str("\n[sync]\nfield = \"TG Partner Status\"\nheld = \"not delivered: {reason}\"\n");
    })
}

fn status(to: &str) -> i::StatusChanged {
    i::StatusChanged {
        from: "new".to_owned(),
        to: to.to_owned(),
        reason: Marked::default(),
        expected_resolution_at: None,
    }
}

fn told(bundle: &Bundle, meta: Meta, event: InternalEvent) -> Vec<Envelope<InternalCommand>> {
    let (fact, cause) = (fact(meta, event), cause("internal.events", 5));
    let held = to_partner(bundle, &fact, &cause).held.expect("it is held");
    let told = told_of_hold(bundle, &fact, &cause, &held);
    assert_eq!(told, told_of_hold(bundle, &fact, &cause, &held), "the same fact, the same commands");
    told
}

fn kinds(told: &[Envelope<InternalCommand>]) -> Vec<&'static str> {
    told.iter().map(|command| command.payload.kind()).collect()
}

fn programme() -> Meta {
    let subject = Subject::new(SubjectKind::Onboarding, &system("rt"), &NativeId::new("12").unwrap());
    Meta { subject, ..meta("rt", "programme") }
}

#[test]
fn what_is_held_is_told_at_its_own_record_in_every_use_case_with_the_field_where_the_bundle_has_one() {
    let document = Subject::new(SubjectKind::Document, &system("tg"), &NativeId::new("D-1").unwrap());
    let document = Meta { subject: document, ..meta("rt", "document") };
    let task = o::Task { task_id: "14".to_owned(), ..o::Task::default() };
    let task = o::Task { title: Marked::new("Tax form".to_owned(), Visibility::Partner), ..task };
    let task = o::Task { owner_side: "PARTNER".to_owned(), status: "frozen".to_owned(), ..task };
    for (meta, event, use_case) in [
        (meta("rt", "i"), InternalEvent::Issue(I::StatusChanged(status("frozen"))), "issue"),
        (meta("rt", "d"), InternalEvent::Discrepancy(d::InternalEvent::StatusChanged(status("frozen"))), "discrepancy"),
        (document, InternalEvent::Document(p::InternalEvent::StatusChanged(status("frozen"))), "document"),
        (programme(), InternalEvent::Onboarding(o::InternalEvent::TaskPublished(task)), "onboarding"),
    ] {
        let note = format!("internal.{use_case}.add-internal-note");
        assert_eq!(kinds(&told(&STARTER, meta.clone(), event.clone())), [note.as_str()]);
        let both = told(&syncing(), meta, event);
        assert_eq!(kinds(&both), [note.as_str(), format!("internal.{use_case}.update-fields").as_str()]);
        for command in both {
            assert_eq!(command.meta.visibility, Visibility::Host);
            assert_eq!(command.payload.task(), (use_case == "onboarding").then_some("14"), "{command:?}");
        }
    }
}

#[test]
fn nobody_is_told_of_what_was_computed_or_is_of_another_link() {
    let ready = o::ReadinessChanged { state: "PERHAPS".to_owned(), ..o::ReadinessChanged::default() };
    let event = InternalEvent::Onboarding(o::InternalEvent::ReadinessChanged(ready));
    assert_eq!(told(&STARTER, programme(), event), []);
    let foreign = Meta { system: system("other"), ..meta("rt", "i") };
    assert_eq!(told(&STARTER, foreign, InternalEvent::Issue(I::StatusChanged(status("frozen")))), []);
}

#[test]
fn a_note_says_what_is_held_and_never_repeats_the_words_that_are() {
    let secret = "as for GLOBEX, password=hunter2";
    let (note_id, author, format) = ("n1".to_owned(), "agent1".to_owned(), "plain".to_owned());
    let text = Marked::new(secret.to_owned(), Visibility::Partner);
    let comment = I::PublicCommentAdded(i::PublicCommentAdded { note_id, author, text, format, files: Vec::new() });
    let told = told(&STARTER, meta("rt", "i"), InternalEvent::Issue(comment));
    let [InternalCommand::Issue(i::InternalCommand::AddInternalNote(note))] =
        &told.iter().map(|c| c.payload.clone()).collect::<Vec<_>>()[..]
    else {
        panic!("{told:?}")
    };
    assert!(note.text.starts_with("The partner has not received your reply: it names another partner."), "{note:?}");
    assert!(!note.text.contains("hunter2") && !note.text.contains("GLOBEX"), "{note:?}");
}

#[test]
fn a_bundle_may_say_in_its_own_words_what_is_held() {
    let german = with(&|files| {
        files
            .get_mut("texts/en.toml")
            .unwrap()
            .push_str("\n[held]\nnote = \"Nicht beim Partner: {what} ({reason})\"\nstatus-changed = \"der Status\"\n");
    });
    let told = told(&german, meta("rt", "i"), InternalEvent::Issue(I::StatusChanged(status("frozen"))));
    let shown = format!("{:?}", told[0].payload);
    assert!(shown.contains("Nicht beim Partner: der Status (the status frozen has no meaning"), "{shown}");
}

#[test]
fn how_far_the_partner_has_followed_is_set_for_every_use_case_and_at_the_task_it_is_about() {
    use domain::outcome::{CommandRef, Done, Outcome};
    for (kind, task, wanted) in [
        ("partner.issue.post-comment", "", "internal.issue.update-fields"),
        ("partner.discrepancy.post-comment", "", "internal.discrepancy.update-fields"),
        ("partner.document.decide", "", "internal.document.update-fields"),
        ("partner.onboarding.upsert-task", "14", "internal.onboarding.update-fields"),
    ] {
        let command = CommandRef {
            id: MessageId::from_bytes([7; 16]),
            kind: kind.to_owned(),
            hash: domain::ContentHash::of_bytes(b"x"),
            offset: 1,
        };
        let done = Done {
            command,
            native_id: "C-1".to_owned(),
            reference: Marked::default(),
            effects: Vec::new(),
            fields: Vec::new(),
            version: String::new(),
            created: false,
        };
        let ext = [("about.task".to_owned(), task.to_owned())].into_iter().filter(|(_, task)| !task.is_empty());
        let meta = Meta { ext: ext.collect(), ..meta("tg", "o") };
        let outcome = Fact::outcome(Envelope { meta, payload: Outcome::Done(done) });
        let mapped = to_internal(&syncing(), &outcome, &cause("partner.outcomes", 3));
        let [command] = &mapped.commands[..] else { panic!("{kind}: {mapped:?}") };
        assert_eq!(command.payload.kind(), wanted);
        assert_eq!(command.payload.task().unwrap_or_default(), task);
    }
}

#[test]
fn a_moment_in_a_reminder_is_in_the_partners_zone_and_the_zone_is_said() {
    let bundle = with(&|files| {
        for language in ["en", "de"] {
            let texts = files.get_mut(&format!("texts/{language}.toml")).unwrap();
            *texts = texts
                .lines()
                .map(|line| if line.starts_with("task-due-soon") { "task-due-soon = \"{deadline}\"" } else { line })
                .collect::<Vec<_>>()
                .join("\n");
        }
    });
    let noon = 1_780_000_000_000 / 86_400_000 * 86_400_000 + 43_200_000;
    for (partner, deadline, words) in [
        ("GLOBEX", noon, "2026-05-28 14:00 (Europe/Berlin)"),
        ("ACME", noon, "2026-05-28 12:00 (UTC)"),
        ("GLOBEX", noon - 43_200_000, "2026-05-28"),
    ] {
        let due = Due {
            timer: "task-due".to_owned(),
            rule: "task-due-soon".to_owned(),
            use_case: "onboarding".to_owned(),
            item: "14".to_owned(),
            counted_from: Timestamp(deadline),
            deadline: Some(Timestamp(deadline)),
        };
        let meta = Meta { partner_id: Some(PartnerId::new(partner).unwrap()), ..programme() };
        let event = ServiceLevelEvent::Timer(Event::ReminderDue(due));
        let fact = Envelope { meta, payload: Fact::ServiceLevel(Box::new(event)) };
        let mapped: Mapped<PartnerCommand> = to_partner(&bundle, &fact, &cause("service-level.events", 1));
        let [PartnerCommand::Onboarding(o::PartnerCommand::PostComment(comment))] =
            &mapped.commands.iter().map(|c| c.payload.clone()).collect::<Vec<_>>()[..]
        else {
            panic!("{mapped:?}")
        };
        assert_eq!(comment.text.get(), words);
    }
}
