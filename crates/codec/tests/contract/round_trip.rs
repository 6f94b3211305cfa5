use crate::any::Any;
use crate::samples;
use codec::{Codec, DecodeError, EncodeError, contract};
use domain::{Envelope, InternalEvent, Marked, PartnerCommand, PartnerEvent, Visibility, issue};
use std::collections::BTreeSet;

fn internal(sample: &str) -> Envelope<InternalEvent> {
    let found = samples::all().into_iter().find(|s| s.name.ends_with(&format!(".{sample}")));
    match found.map(|sample| sample.record) {
        Some(Any::InternalEvent(event)) => event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_record_comes_back_as_it_was() {
    let codec = Codec::offline();
    let mut seen = BTreeSet::new();
    for sample in samples::all() {
        let mut bytes = Vec::new();
        sample.record.encode(&codec, sample.topic, &mut bytes).unwrap_or_else(|e| panic!("{}: {e:?}", sample.name));
        let back = Any::decode(&codec, sample.topic, &bytes).unwrap_or_else(|e| panic!("{}: {e:?}", sample.name));
        assert_eq!(back, sample.record, "{}", sample.name);
        seen.insert(sample.name);
    }
    let schemas: BTreeSet<String> =
        contract::subjects().iter().map(|s| s.subject.strip_prefix(s.topic).unwrap()[1..].to_owned()).collect();
    assert_eq!(seen, schemas, "every schema has a sample");
}

#[test]
fn outcomes_are_read_from_both_sides_and_from_dead_letters() {
    let codec = Codec::offline();
    for sample in samples::all().into_iter().filter(|sample| sample.topic == "internal.outcomes") {
        let mut bytes = Vec::new();
        sample.record.encode(&codec, "partner.outcomes", &mut bytes).unwrap();
        assert_eq!(Any::decode(&codec, "internal.outcomes", &bytes).unwrap(), sample.record);
        assert!(codec.decode::<Envelope<domain::Outcome>>("partner.outcomes.dead-letters", &bytes).is_ok());
    }
}

#[test]
fn a_record_on_a_topic_of_another_kind_is_refused_both_ways() {
    let codec = Codec::offline();
    let note = internal("InternalNoteAdded");
    let mut out = vec![9];
    for topic in ["partner.commands", "partner.events", "nowhere", "partner.commands.dead-letters"] {
        let refused = codec.encode(topic, &note, &mut out);
        assert!(matches!(refused, Err(EncodeError::WrongTopic { .. })), "{topic}: {refused:?}");
    }
    assert_eq!(out, [9], "nothing was appended");
    let mut bytes = Vec::new();
    codec.encode("internal.events", &note, &mut bytes).unwrap();
    let read = codec.decode::<Envelope<PartnerCommand>>("partner.commands", &bytes);
    assert!(matches!(read, Err(DecodeError::UnexpectedRecord { .. })), "{read:?}");
    let read = codec.decode::<Envelope<PartnerEvent>>("internal.events", &bytes);
    assert!(matches!(read, Err(DecodeError::UnexpectedRecord { .. })), "{read:?}");
}

#[test]
fn text_is_for_the_partner_only_where_record_and_field_both_say_so() {
    let codec = Codec::offline();
    let visible = |event: &Envelope<InternalEvent>| {
        let mut bytes = Vec::new();
        codec.encode("internal.events", event, &mut bytes).unwrap();
        let mut back: Envelope<InternalEvent> = codec.decode("internal.events", &bytes).unwrap();
        let mut marks = Vec::new();
        back.payload.each_mark(&mut |_, text| marks.push(text.visibility()));
        marks
    };
    let mut comment = internal("PublicCommentAdded");
    // The text, and the name of its file.
    assert_eq!(visible(&comment), [Visibility::Partner; 2]);
    comment.meta.visibility = Visibility::Host;
    assert_eq!(visible(&comment), [Visibility::Host; 2]);
    comment.meta.visibility = Visibility::Restricted;
    assert_eq!(visible(&comment), [Visibility::Restricted; 2]);
    // The record says PARTNER, the field says HOST.
    assert_eq!(visible(&internal("InternalNoteAdded")), [Visibility::Host]);
    assert_eq!(visible(&internal("FieldChanged")), [Visibility::Host, Visibility::Host]);
}

#[test]
fn a_text_marked_stricter_than_it_would_be_read_back_is_not_written() {
    let codec = Codec::offline();
    let mut event = internal("PublicCommentAdded");
    let mut write = |secret: &str| {
        let text = Marked::new(secret.to_owned(), Visibility::Host);
        let (note_id, author, format) = Default::default();
        let added = issue::PublicCommentAdded { note_id, author, text, format, files: Vec::new() };
        event.payload = InternalEvent::Issue(issue::InternalEvent::PublicCommentAdded(added));
        codec.encode("internal.events", &event, &mut Vec::new())
    };
    let refused = write("they never pay");
    assert!(matches!(refused, Err(EncodeError::WouldWiden { field: "text", .. })), "{refused:?}");
    assert!(!format!("{refused:?}").contains("never pay"));
    write("").unwrap();
}

#[test]
fn a_file_whose_name_is_marked_stricter_than_its_list_is_not_written() {
    let codec = Codec::offline();
    let mut event = internal("PublicCommentAdded");
    let InternalEvent::Issue(issue::InternalEvent::PublicCommentAdded(comment)) = &mut event.payload else {
        unreachable!()
    };
    comment.files[0].file_name.mark(Visibility::Host);
    let refused = codec.encode("internal.events", &event, &mut Vec::new());
    assert!(matches!(refused, Err(EncodeError::WouldWiden { field: "files", .. })), "{refused:?}");
}

#[test]
fn a_record_beyond_the_limit_is_not_written() {
    let codec = Codec::offline();
    let mut bundle = domain::BundleVersion { link: "tg-rt".to_owned(), version: 1, ..Default::default() };
    bundle.files.insert("codes.csv".to_owned(), "x".repeat(codec::MAX_DATUM));
    let mut out = Vec::new();
    let refused = codec.encode("mapping.bundles", &bundle, &mut out);
    assert!(matches!(refused, Err(EncodeError::TooLarge { .. })) && out.is_empty(), "{refused:?}");
}

#[test]
fn ids_without_a_registry_are_distinct_and_stay() {
    let codec = Codec::offline();
    let mut ids = BTreeSet::new();
    for sample in samples::all() {
        let mut bytes = Vec::new();
        sample.record.encode(&codec, sample.topic, &mut bytes).unwrap();
        ids.insert(bytes[1..5].to_vec());
        let mut again = Vec::new();
        sample.record.encode(&Codec::offline(), sample.topic, &mut again).unwrap();
        assert_eq!(bytes, again);
    }
    assert_eq!(ids.len(), samples::all().len());
}
