use super::super::request::{NewTicket, Note, Update};
use super::super::setup::Role;
use super::*;
use std::io::Write as _;

fn agent() -> Author {
    Author { name: "ann".into(), role: Role::Agent }
}

fn open(folder: &Path) -> Store {
    Store::open(folder, Rules::default(), "T").unwrap()
}

fn write(ticket_id: Option<u64>, action: Action) -> Write {
    Write { who: agent(), ticket_id, action, if_match: None, not_after: None }
}

fn create(external_id: &str) -> Action {
    let (queue, title, external_id) = ("Partner Cases".into(), "t".into(), external_id.into());
    Action::Create(Box::new(NewTicket { queue, title, external_id, ..NewTicket::default() }))
}

fn note(text: &str) -> Action {
    Action::Note(Note { text: text.into(), marker: format!("m-{text}"), files: Vec::new() })
}

fn resolve() -> Action {
    let fields = [("Resolution Note".to_owned(), "resent".to_owned())].into();
    Action::Update(Box::new(Update { status: Some("resolved".into()), fields, ..Update::default() }))
}

fn filled(folder: &Path) -> Store {
    let mut store = open(folder);
    store.write(write(None, create("case/tg/1")), 1).unwrap();
    store.write(write(Some(1), note("one")), 2).unwrap();
    store.write(write(Some(1), resolve()), 3).unwrap();
    store
}

#[test]
fn a_store_dropped_without_goodbye_comes_back_the_same_also_after_a_write_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let whole = std::fs::read(folder.path().join(Journal::FILE)).unwrap();
    // Killed while writing another line, at several places of it.
    let line = whole.split_inclusive(|b| *b == b'\n').next_back().unwrap().to_vec();
    for cut in [0, 1, line.len() / 2, line.len() - 1] {
        let copy = tempfile::tempdir().unwrap();
        let mut file = std::fs::File::create(copy.path().join(Journal::FILE)).unwrap();
        file.write_all(&whole).and_then(|()| file.write_all(&line[..cut])).unwrap();
        let mut restored = open(copy.path());
        assert_eq!(restored.model, store.model);
        let written = restored.write(write(Some(1), note("two")), 9).unwrap();
        assert_eq!(written.changes[0].id, 5);
        let second = Store::open(copy.path(), Rules::default(), "T");
        assert!(matches!(second, Err(JournalError::Io { .. })), "one process at a time");
        let before = restored.model.clone();
        drop(restored);
        assert_eq!(open(copy.path()).model, before);
    }
}

#[test]
fn a_request_with_several_changes_is_on_disk_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let path = folder.path().join(Journal::FILE);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let state = open(folder.path()).model.ticket(1).unwrap().state.clone();
    assert_eq!((state.status.as_str(), state.fields.len()), ("new", 0));
}

#[test]
fn a_write_decided_on_an_older_version_or_asked_for_too_late_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(folder.path());
    let stale = Write { if_match: Some(2), ..write(Some(1), note("x")) };
    assert!(matches!(store.write(stale, 4), Err(WriteError::Stale { current: 4 })));
    let late = Write { not_after: Some(9), ..write(Some(1), note("x")) };
    assert!(matches!(store.write(late.clone(), 10), Err(WriteError::TooLate)));
    assert!(store.write(Write { if_match: Some(4), ..late }, 9).is_ok());
    assert_eq!(store.model.log().len(), 5);
}

#[test]
fn an_external_id_is_no_unique_key_so_that_a_second_ticket_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(folder.path());
    store.write(write(None, create("case/tg/1")), 4).unwrap();
    let found: Vec<u64> = store.model.by_external_id("case/tg/1").map(|t| t.id).collect();
    assert_eq!(found, [1, 2]);
    assert_eq!(store.model.by_external_id("CASE/tg/1").count(), 0);
}
