//! A mapping was wrong, is put right under a higher version, and everything is mapped again.

use super::sink_life::{Bench, Sent};
use delivery::sink::REVISE;
use domain::issue::{AddPublicComment, CreateCase, InternalCommand as Issue, UpdateFields};
use domain::outcome::FieldHash;
use domain::{ContentHash, Outcome};
use ports::{CallError, Revision};
use std::collections::BTreeMap;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn sent(effect: &str, payload: Issue, mapping_version: i64, cause: i64) -> Sent<'_> {
    Sent { origin: "rt", subject: 1, effect, ext: BTreeMap::new(), payload, mapping_version, cause: Some(cause) }
}

fn update(fields: &[(&str, &str)]) -> Issue {
    Issue::UpdateFields(UpdateFields { fields: map(fields) })
}

fn comment(text: &str) -> Issue {
    Issue::AddPublicComment(AddPublicComment {
        author: String::new(),
        text: text.to_owned(),
        format: String::new(),
        files: Vec::new(),
    })
}

fn create(fields: &[(&str, &str)]) -> Issue {
    Issue::CreateCase(CreateCase {
        route: "q".to_owned(),
        title: "t".to_owned(),
        description: String::new(),
        status: String::new(),
        priority: "50".to_owned(),
        fields: map(fields),
    })
}

fn was(fields: &[(&str, &str)]) -> Vec<FieldHash> {
    let of = |(name, value): &(&str, &str)| FieldHash {
        field: (*name).to_owned(),
        hash: ContentHash::of_bytes(value.as_bytes()),
    };
    fields.iter().map(of).collect()
}

#[test]
fn a_field_set_wrongly_is_set_right_and_the_others_are_not_offered() {
    let mut bench = Bench::new();
    let id = bench.send(sent("u", update(&[("A", "wrong"), ("B", "right")]), 1, 5));
    bench.send(sent("u", update(&[("A", "good"), ("B", "right")]), 2, 5));
    assert_eq!(bench.calls, [id, id]);
    let revision = Revision { fields: was(&[("A", "wrong")]), closed_too: false };
    assert_eq!(bench.contexts[1].revision, Some(revision));
    assert_ne!(bench.contexts[0].marker, bench.contexts[1].marker, "a look finds what it looks for");
    assert!(bench.contexts[1].marker.starts_with(&bench.contexts[0].marker));
    // Once more, and then the old bundle again.
    bench.send(sent("u", update(&[("A", "good"), ("B", "right")]), 3, 5));
    bench.send(sent("u", update(&[("A", "wrong"), ("B", "right")]), 1, 5));
    assert_eq!(bench.calls.len(), 2);
    assert_eq!(bench.counted, ["duplicate", "lower-mapping-version"]);
}

#[test]
fn a_field_that_a_later_cause_has_set_is_left() {
    let mut bench = Bench::new();
    bench.send(sent("u", update(&[("A", "wrong"), ("B", "wrong")]), 1, 5));
    bench.send(sent("v", update(&[("B", "later")]), 1, 9));
    bench.send(sent("u", update(&[("A", "good"), ("B", "good")]), 2, 5));
    let offered = bench.contexts.last().and_then(|context| context.revision.clone()).unwrap().fields;
    assert_eq!(offered, was(&[("A", "wrong")]));
    // What was to be corrected has been overwritten: nothing is called.
    bench.send(sent("w", update(&[("A", "later")]), 2, 11));
    let calls = bench.calls.len();
    bench.send(sent("u", update(&[("A", "better"), ("B", "good")]), 3, 5));
    assert_eq!(bench.calls.len(), calls);
    assert_eq!(bench.counted.last(), Some(&"needs-revise"));
}

#[test]
fn what_a_create_set_wrongly_is_set_right_on_the_record_it_made() {
    let mut bench = Bench::new();
    for (value, version) in [("wrong", 1), ("good", 2)] {
        bench.send(Sent { origin: "tg", ..sent("c", create(&[("A", value)]), version, 5) });
    }
    assert_eq!(bench.contexts.len(), 2);
    assert_eq!(bench.contexts[1].native_id.as_ref().map(|id| id.as_str()), Some("7"));
    assert_eq!(bench.contexts[1].revision.clone().unwrap().fields, was(&[("A", "wrong")]));
    let created: Vec<bool> = bench
        .log
        .iter()
        .filter_map(|outcome| if let Outcome::Done(done) = outcome { Some(done.created) } else { None })
        .collect();
    assert_eq!(created, [true, false], "the record was made once");
}

#[test]
fn a_text_stays_as_it_was_said_unless_a_person_asks() {
    let mut bench = Bench::new();
    bench.send(sent("k", comment("helo"), 1, 5));
    bench.send(sent("k", comment("hello"), 2, 5));
    assert_eq!((bench.calls.len(), bench.counted.last()), (1, Some(&"needs-revise")));
    let asked = Sent { ext: map(&[(REVISE, "1")]), ..sent("k", comment("hello"), 2, 5) };
    bench.send(asked);
    assert_eq!(bench.calls.len(), 2);
    bench.send(Sent { ext: map(&[(REVISE, "1")]), ..sent("k", comment("hello"), 2, 5) });
    assert_eq!(bench.calls.len(), 2, "asked once is done once");
}

#[test]
fn what_is_closed_is_left_alone_unless_a_person_asks() {
    let mut bench = Bench::new();
    bench.send(sent("u", update(&[("A", "wrong")]), 1, 5));
    bench.answers.push_back(CallError::LeftAlone { rule: "closed" });
    bench.send(sent("u", update(&[("A", "good")]), 2, 5));
    assert_eq!(bench.words().last(), Some(&"skipped"));
    bench.send(sent("u", update(&[("A", "good")]), 2, 5));
    assert_eq!(bench.calls.len(), 2, "said once");
    bench.send(Sent { ext: map(&[(REVISE, "1")]), ..sent("u", update(&[("A", "good")]), 2, 5) });
    let revision = bench.contexts.last().and_then(|context| context.revision.clone()).unwrap();
    assert_eq!(revision, Revision { fields: was(&[("A", "wrong")]), closed_too: true });
    assert_eq!(bench.words().last(), Some(&"done"));
}

#[test]
fn a_revision_in_doubt_keeps_its_marker_over_attempts() {
    let mut bench = Bench::new();
    bench.send(sent("u", update(&[("A", "wrong")]), 1, 5));
    bench.answers.push_back(CallError::NotApplied { reason: "away".to_owned(), retry_after: None });
    bench.send(sent("u", update(&[("A", "good")]), 2, 5));
    while bench.words().last() != Some(&"done") {
        bench.wait();
    }
    let [_, second, third] = &bench.contexts[..] else { panic!("three calls") };
    assert_eq!((&second.marker, &second.revision), (&third.marker, &third.revision));
}

#[test]
fn a_record_that_took_two_attempts_is_looked_for_twice_more_and_again_where_nobody_could_say() {
    let mut bench = Bench::new();
    bench.send(Sent { origin: "tg", ..sent("c", create(&[]), 1, 5) });
    while bench.second_looks.is_empty() && bench.now < 10_000_000 {
        bench.now += 600_000;
        bench.tell(delivery::sink::Input::Tick);
    }
    assert_eq!(bench.second_looks, [], "made at once, nobody else can have made one");

    let mut bench = Bench::new();
    bench.answers.push_back(CallError::NotApplied { reason: "away".to_owned(), retry_after: None });
    let id = bench.send(Sent { origin: "tg", ..sent("c", create(&[]), 1, 5) });
    while bench.words().last() != Some(&"done") {
        bench.wait();
    }
    let made_at = bench.now;
    bench.target_is_away = true;
    for _ in 0..3 {
        bench.wait();
    }
    let looks: Vec<_> = bench.second_looks.iter().map(|(at, of)| (at - made_at, *of)).collect();
    assert_eq!(looks, [(60_000, id), (120_000, id), (900_000, id)]);
}
