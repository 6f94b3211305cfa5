//! What no partner may see, planted wherever a community shows something: each of it must be found.

use super::World;
use checker::Kind;
use serde_json::{Value, json};

const CANARY: &str = "canary-t1-4";

/// A change of the host with the canary in one place, and why it might stand there.
fn planted() -> Vec<(&'static str, &'static str, Value)> {
    let note = |text: String| json!({"note_id": "n", "author": "desk", "text": text, "note_key": "k"});
    vec![
        ("1: a work note as a comment", "comment-posted", note(CANARY.to_owned())),
        ("1: in a file's name", "comment-posted", note(format!("see {CANARY}.xlsx"))),
        (
            "2: who works on it",
            "comment-posted",
            json!({"note_id": "n", "author": CANARY, "text": "hello", "note_key": "k"}),
        ),
        ("2: in an address", "comment-posted", note(format!("ask {CANARY}@host.example"))),
        (
            "2: the queue as a label",
            "status-changed",
            json!({"from": "submitted", "to": "in-progress", "label": CANARY, "reason": ""}),
        ),
        ("3: of another partner, in a reference", "acknowledged", json!({ "reference": CANARY })),
        (
            "4: a score in a reason",
            "status-changed",
            json!({"from": "submitted", "to": "in-progress", "reason": CANARY}),
        ),
        ("5: blame in a question", "information-requested", json!({"question": CANARY, "due_at": null})),
        (
            "5: blame in an answer",
            "resolution-proposed",
            json!({"resolution_version": "v", "code": "", "note": CANARY}),
        ),
        ("6: a host in a code", "resolution-proposed", json!({"resolution_version": "v", "code": CANARY, "note": ""})),
        (
            "6: a trace at the close",
            "closed",
            json!({"closure": "agent", "text": format!("at a.b.{CANARY}(X.java:1)")}),
        ),
        ("7: an account", "reopened", json!({ "reason": format!("IBAN {CANARY}") })),
        ("8: a quoted mail", "comment-posted", note(format!("ok\n\nOn 1 June Ann wrote:\n> {CANARY}"))),
        ("8: hidden on the page", "comment-posted", note(format!("ok<span style='display:none'>{CANARY}</span>"))),
        ("8: a signature", "comment-posted", note(format!("ok\n-- \n{CANARY}"))),
        (
            "9: a file that nobody let through",
            "comment-posted",
            json!({"note_id": "n", "author": "desk", "text": "see the file", "note_key": "k", "files": [
                {"id": "f", "name": format!("{CANARY}.pdf"), "file_name": format!("{CANARY}.pdf"), "size": 12},
            ]}),
        ),
        ("10: of a test, in a title", "comment-posted", note(format!("[T] {CANARY}"))),
    ]
}

#[test]
fn a_leak_of_each_group_is_found_wherever_it_stands() {
    for (group, kind, payload) in planted() {
        let mut world = World::ordinary();
        world.at_community("C-1", "host", kind, payload);
        let verdict = world.judged();
        let found = verdict.findings.iter().any(|f| f.kind == Kind::Leaked && f.act == CANARY && f.subject == "C-1");
        assert!(found, "{group} was not found:\n{verdict}");
    }
}
