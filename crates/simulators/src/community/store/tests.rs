use super::super::action::{AddComment, PostComment};
use super::*;
use std::io::Write as _;

fn write(who: Who, case_id: Option<&str>, action: Action, key: Option<&str>, body: &str, now: i64) -> Write {
    let (case_id, key) = (case_id.map(str::to_owned), key.map(str::to_owned));
    Write { who, case_id, action, key, fingerprint: body.to_owned(), if_match: None, now }
}

fn open() -> Action {
    let new = serde_json::json!({"title": "t", "description": "d", "severity": "low", "category": "asn"});
    Action::Open(Box::new(serde_json::from_value(new).unwrap()))
}

fn post(text: &str) -> Action {
    Action::PostComment(PostComment {
        note_key: "n".into(),
        author_label: String::new(),
        text: text.into(),
        files: Vec::new(),
    })
}

fn acme() -> Who {
    Who::Partner("acme".to_owned())
}

fn filled(folder: &Path) -> Store {
    let mut store = Store::open(folder, "T").unwrap();
    store.write(write(acme(), None, open(), None, "open", 1)).unwrap();
    store.write(write(Who::Host, Some("C-000001"), post("one"), Some("k1"), "one", 2)).unwrap();
    let add = Action::AddComment(AddComment {
        text: "two".into(),
        author: String::new(),
        format: String::new(),
        files: Vec::new(),
    });
    store.write(write(acme(), Some("C-000001"), add, Some("k1"), "two", 3)).unwrap();
    store
}

#[test]
fn a_replayed_journal_gives_the_same_state_also_after_a_write_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let path = folder.path().join(Journal::FILE);
    let whole = std::fs::read(&path).unwrap();
    // Killed while writing a fourth line, at every possible place of it.
    let line = whole.split_inclusive(|b| *b == b'\n').next_back().unwrap().to_vec();
    for cut in [1, line.len() / 2, line.len() - 1] {
        let copy = tempfile::tempdir().unwrap();
        let mut file = std::fs::File::create(copy.path().join(Journal::FILE)).unwrap();
        file.write_all(&whole).and_then(|()| file.write_all(&line[..cut])).unwrap();
        let mut restored = Store::open(copy.path(), "T").unwrap();
        assert_eq!(restored.model, store.model);
        // Keys survive too, and the tail is gone: the next line stands whole.
        let repeat = restored.write(write(Who::Host, Some("C-000001"), post("one"), Some("k1"), "one", 9)).unwrap();
        assert!(matches!(repeat, Written::Repeat(c) if c.id == "ch-000000000002"));
        restored.write(write(Who::Host, Some("C-000001"), post("3"), Some("k3"), "3", 9)).unwrap();
        assert!(matches!(Store::open(copy.path(), "T"), Err(JournalError::Io { .. })), "one process at a time");
        let before = restored.model.clone();
        drop(restored);
        let again = Store::open(copy.path(), "T").unwrap();
        assert_eq!(again.model, before);
        assert_eq!(again.model.changes().len(), 4);
    }
}

#[test]
fn a_journal_damaged_in_the_middle_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let path = folder.path().join(Journal::FILE);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"scope\"", "\"scop\"", 1)).unwrap();
    assert!(matches!(Store::open(folder.path(), "T"), Err(JournalError::Damaged { line: 1, .. })));
}

#[test]
fn a_key_answers_for_its_request_alone_and_for_24_hours() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(folder.path());
    let mut again =
        |body: &str, now| store.write(write(Who::Host, Some("C-000001"), post(body), Some("k1"), body, now));
    assert!(matches!(again("one", 3), Ok(Written::Repeat(_))));
    assert!(matches!(again("other", 3), Err(WriteError::KeyReused)));
    assert!(matches!(again("one", 1 + KEY_WINDOW), Ok(Written::Repeat(_))));
    assert!(matches!(again("one", 2 + KEY_WINDOW), Ok(Written::New(_))));
}

#[test]
fn a_write_decided_on_an_older_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(folder.path());
    let mut stale = write(Who::Host, Some("C-000001"), post("x"), Some("k9"), "x", 4);
    stale.if_match = Some(2);
    assert!(matches!(store.write(stale.clone()), Err(WriteError::Stale { current: 3 })));
    stale.if_match = Some(3);
    assert!(matches!(store.write(stale), Ok(Written::New(_))));
}
