use super::*;
use domain::PartnerCommand;
use domain::document::PartnerCommand as Shares;
use runtime::{dead_letter, redrive};
use serde_json::json;

fn letter(n: i64, subject: &str) -> Record {
    let headers = vec![
        (dead_letter::CLASS.to_owned(), b"HOLD".to_vec()),
        (dead_letter::REASON.to_owned(), b"category TELEPATHY is not known".to_vec()),
        (dead_letter::PLACE.to_owned(), b"partner.events/0/7".to_vec()),
    ];
    let (topic, key) = ("partner.events.dead-letters".to_owned(), subject.as_bytes().to_vec());
    Record { topic, partition: 0, offset: n, written_ms: Some(n), key, headers, payload: vec![1] }
}

fn mark(n: i64, subject: &str, resolves: i64) -> Record {
    let place = format!("partner.events.dead-letters/0/{resolves}");
    let mut record = letter(n, subject);
    record.headers = vec![(redrive::RESOLVES.to_owned(), place.into_bytes())];
    record
}

fn fold(timeline: &mut Timeline, record: &Record) {
    let read = read(&codec::Codec::offline(), record).unwrap();
    timeline.fold(record, read);
}

#[test]
fn a_held_record_is_open_until_it_is_sent_back() {
    let mut timeline = Timeline::default();
    fold(&mut timeline, &letter(1, "case/tg/1"));
    fold(&mut timeline, &letter(1, "case/tg/1"));
    assert_eq!((timeline.totals().held, timeline.board()[0].held), (1, 1));
    let entry = timeline.history("case/tg/1").unwrap().entries.remove(0);
    assert_eq!((entry.kind, entry.class.as_str(), entry.sent_back), (Kind::Held, "HOLD", false));
    assert_eq!(entry.cause, Some(Place { topic: "partner.events".to_owned(), partition: 0, offset: 7 }));
    fold(&mut timeline, &mark(2, "case/tg/1", 1));
    assert_eq!((timeline.totals().held, timeline.board()[0].held), (0, 0));
    assert!(timeline.history("case/tg/1").unwrap().entries[0].sent_back);
}

#[test]
fn what_is_kept_is_bounded_and_what_is_cut_is_counted() {
    let mut timeline = Timeline::default();
    for n in 0..(MAX_CASES as i64 + 100) {
        fold(&mut timeline, &letter(n, &format!("case/tg/{n}")));
    }
    let totals = timeline.totals();
    assert_eq!((totals.cases, totals.cut, timeline.board().len()), (MAX_CASES, 100, MAX_CASES));
    assert!(timeline.history("case/tg/0").is_none(), "the oldest goes first");
    for n in 0..(MAX_ENTRIES as i64 + 5) {
        fold(&mut timeline, &letter(10_000 + n, "case/tg/599"));
    }
    let history = timeline.history("case/tg/599").unwrap();
    assert_eq!((history.entries.len(), history.cut), (MAX_ENTRIES, 6));
    assert!(timeline.letters().len() <= MAX_LETTERS);
}

#[test]
fn bytes_that_no_schema_explains_are_an_error_and_never_a_panic() {
    let mut record = letter(1, "case/tg/1");
    for topic in TOPICS.iter().filter(|t| !t.ends_with("dead-letters") && **t != "mapping.bundles") {
        record.topic = (*topic).to_owned();
        assert!(read(&codec::Codec::offline(), &record).is_err(), "{topic}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test plays codec, which reads what had passed the gate")]
fn a_document_of_the_house_is_found_by_the_numbers_that_went_with_it_and_one_that_did_not_go_is_not() {
    let mut timeline = Timeline::default();
    for (offset, subject, withheld) in [(1, "document/rt/17", ""), (2, "document/rt/18", "restricted")] {
        let meta = serde_json::from_value(json!({
            "id": "00000000-0000-0000-0000-000000000007", "subject": subject, "system": "tg", "partner_id": "ACME",
            "type": "partner.document.publish", "occurred_at": 1, "recorded_at": 1,
        }));
        let publish = serde_json::from_value(json!({
            "title": "Routing guide", "type_list": "OWN", "type_code": "NDA", "label": "For you",
            "references": [{"type_code": "220", "number": "4500001"}],
            "file": {"file_name": "guide.pdf", "withheld": withheld},
        }));
        let command = PartnerCommand::Document(Shares::Publish(Box::new(publish.unwrap())));
        let payload = command.map_text(domain::Shared::<String>::read_back);
        let mut record = letter(offset, subject);
        "partner.commands".clone_into(&mut record.topic);
        timeline.fold(&record, Read::PartnerCommand(Box::new(domain::Envelope { meta: meta.unwrap(), payload })));
    }
    let line = |subject: &str| timeline.board().into_iter().find(|line| line.subject == subject).unwrap();
    let found = line("document/rt/17");
    assert_eq!(
        (found.title.as_str(), found.version, found.references),
        ("Routing guide", 1, vec!["order 4500001".into()])
    );
    assert_eq!(line("document/rt/18").references, [""; 0]);
}
