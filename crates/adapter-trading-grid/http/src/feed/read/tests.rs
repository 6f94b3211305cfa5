use super::*;
use serde_json::{Value, json};

fn system() -> SystemId {
    SystemId::new("tg").unwrap()
}

fn comment() -> Value {
    json!({
        "id": "ch-7", "case_id": "C-1", "partner_id": "acme", "kind": "comment-added",
        "payload": {"note_id": "C-1-n1", "author": "Ada", "text": "see page 2", "format": "plain"},
        "actor": {"id": "ada", "side": "partner"}, "occurred_at": 1000, "version": 3, "status": "in-progress",
        "environment": "P", "ext": {"region": "emea"}, "something_new": [1]
    })
}

fn reason(value: &Value) -> String {
    let change = change(&system(), &value.to_string());
    match change.news {
        News::Malformed { reason, bytes } => {
            assert_eq!(bytes, value.to_string().into_bytes());
            assert_eq!(change.visibility, Visibility::Host);
            reason
        }
        News::Event(_) | News::Skipped { .. } => panic!("not malformed"),
    }
}

#[test]
fn a_partners_comment_is_an_event_with_all_it_came_with() {
    let change = change(&system(), &comment().to_string());
    assert_eq!(change.subject.as_ref().unwrap().as_str(), "case/tg/C-1");
    assert_eq!((change.id.as_str(), change.version.as_str(), change.marker), ("ch-7", "3", None));
    assert_eq!((change.visibility, change.environment), (Visibility::Partner, Environment::Production));
    assert_eq!(change.ext["region"], "emea");
    let News::Event(PartnerEvent::Issue(issue::PartnerEvent::CommentAdded(event))) = change.news else { panic!() };
    assert_eq!((event.text.as_str(), event.author.as_str()), ("see page 2", "Ada"));
}

#[test]
fn what_the_host_did_is_skipped_by_name_and_keeps_its_marker() {
    let mut by_host = comment();
    by_host["kind"] = json!("status-changed");
    by_host["actor"]["side"] = json!("host");
    by_host["idempotency_key"] = json!("fbfdf40d-2165-5ed4-b826-b6d3b1b08f1a");
    let change = change(&system(), &by_host.to_string());
    assert_eq!(change.news, News::Skipped { rule: "by-the-host" });
    assert_eq!(change.marker.as_deref(), Some("fbfdf40d-2165-5ed4-b826-b6d3b1b08f1a"));
    assert_eq!(change.field.unwrap().hash, ContentHash::of_bytes(b"in-progress"));
}

#[test]
fn whatever_is_not_as_the_contract_says_is_malformed_and_keeps_its_bytes() {
    let wrong = [
        ("/kind", json!("exploded")),
        ("/actor/side", json!("robot")),
        ("/actor/side", json!("host")),
        ("/environment", json!("Q")),
        ("/case_id", json!("a/b")),
        ("/partner_id", json!("")),
        ("/payload", json!({"text": 5})),
        ("/payload", json!(null)),
        ("/version", json!(-1)),
        ("/id", json!("")),
        ("/id", json!("x".repeat(129))),
    ];
    for (pointer, value) in wrong {
        let mut change = comment();
        *change.pointer_mut(pointer).unwrap() = value;
        assert!(!reason(&change).contains("page 2"), "{pointer}");
    }
    reason(&json!([]));
    reason(&json!({"deep": serde_json::from_str::<Value>(&format!("{}{}", "[".repeat(40), "]".repeat(40))).unwrap()}));
    let mut big = comment();
    big["payload"]["text"] = json!("x".repeat(256 * 1024));
    reason(&big);
}

#[test]
fn the_same_unreadable_bytes_get_the_same_keys() {
    let (one, two) = (change(&system(), "{\"x\":1}"), change(&system(), "{\"x\":1}"));
    assert_eq!(one, two);
    assert_ne!(one.id, change(&system(), "{\"x\":2}").id);
}

#[test]
fn a_key_that_a_partner_chose_is_no_marker_of_ours() {
    let mut forged = comment();
    forged["idempotency_key"] = json!("fbfdf40d-2165-5ed4-b826-b6d3b1b08f1a");
    let change = change(&system(), &forged.to_string());
    assert_eq!(change.marker, None);
    assert!(matches!(change.news, News::Event(_)));
}
