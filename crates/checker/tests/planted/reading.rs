use super::{World, only};
use checker::{Internal, Kind, Source, check};

fn damaged(bytes: &[u8], line: usize) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let rest = lines[line].len() - 3;
    lines[line].truncate(rest);
    lines[line].push(b'\n');
    lines.concat()
}

fn bytes(source: &Source) -> (String, Vec<u8>) {
    let Source::Memory(name, bytes) = source else { panic!("{source:?}") };
    (name.clone(), bytes.clone())
}

#[test]
fn a_damaged_line_in_the_middle_is_one_finding_and_the_rest_is_read() {
    let world = World::ordinary();
    for (token, side) in [("act-t1-2", "desk"), ("act-t1-5", "community"), ("act-t1-1", "people")] {
        let mut journals = world.journals();
        let (lines, source) = match (side, &mut journals.internal) {
            ("desk", Internal::Desk(source)) => (&world.desk, source),
            ("community", _) => (&world.community, &mut journals.community),
            _ => (&world.people, &mut journals.people[0]),
        };
        let line = if side == "people" { 0 } else { World::effect(lines, token) };
        let (name, whole) = bytes(source);
        *source = Source::Memory(name, damaged(&whole, line));
        let verdict = check(&journals).unwrap();
        only(&verdict, Kind::Torn, "C-1", token, side);
        assert_eq!(verdict.findings[0].place.line, line as u64 + 1);
    }
}

#[test]
fn a_last_line_without_its_end_is_nothing_that_anybody_was_told_of() {
    let world = World::ordinary();
    let mut journals = world.journals();
    let (name, mut whole) = bytes(&journals.community);
    whole.extend_from_slice(br#"{"scope":"host","change":{"id":"CH-9"#);
    journals.community = Source::Memory(name, whole);
    assert!(check(&journals).unwrap().is_clean());
}

#[test]
fn a_line_without_end_is_not_read_into_memory_and_the_next_one_is() {
    let world = World::ordinary();
    let mut journals = world.journals();
    let (name, mut whole) = bytes(&journals.community);
    whole.extend(std::iter::repeat_n(b'x', 9 * 1024 * 1024));
    whole.push(b'\n');
    let tail = whole.len();
    let comment = "{\"change\":{\"id\":\"1\",\"case_id\":\"C-1\",\"partner_id\":\"ACME\",\"kind\":\"comment-posted\",\
                   \"payload\":{\"text\":\"nobody's\"},\"actor\":{\"side\":\"host\"},\"status\":\"on-hold\"}}\n";
    whole.extend_from_slice(comment.as_bytes());
    assert!(whole.len() > tail);
    journals.community = Source::Memory(name, whole);
    let verdict = check(&journals).unwrap();
    let kinds: Vec<Kind> = verdict.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [Kind::Torn, Kind::Uncaused], "{verdict}");
}

#[test]
fn a_journal_that_is_not_there_is_an_error_and_no_verdict() {
    let mut journals = World::ordinary().journals();
    journals.community = Source::file("/nonexistent/changes.jsonl");
    let error = check(&journals).unwrap_err();
    assert!(error.to_string().contains("/nonexistent"), "{error}");
}
