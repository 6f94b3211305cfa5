use super::super::super::action::{Action, AddComment, Reason};
use super::super::super::model::{Model, Refusal, Who};
use super::super::super::wire::Change;
use super::super::action::{Action as P, AddVersion, SetStatus};
use super::super::wire::Document;
use super::*;
use serde_json::json;

fn file(name: &str) -> FileClaim {
    let sha256 = domain::ContentHash::of_bytes(name.as_bytes()).as_str().to_owned();
    FileClaim { file_name: name.to_owned(), sha256, size: 7, ..FileClaim::default() }
}

fn first(reference: &str, partner: &str) -> P {
    let body = json!({
        "external_reference": reference, "partner_id": partner, "title": "Guide", "type_code": "NDA",
        "label": "For you", "file": file("1.pdf"),
    });
    P::Publish(Box::new(serde_json::from_value(body).unwrap()))
}

fn next(version_no: i64, name: &str) -> P {
    let body = json!({"version_no": version_no, "label": "For you", "file": file(name), "valid_to": "2030-01-01"});
    P::PublishVersion(Box::new(serde_json::from_value(body).unwrap()))
}

fn run(model: &mut Model, who: &Who, id: Option<&str>, action: P) -> Result<Change, Refusal> {
    let draft = model.decide(who, id, Action::Paper(action), 5)?;
    let change = draft.into_change(model.next_change_id(), 5, "T", None);
    // As a restart would read it back from the journal.
    let change: Change = serde_json::from_value(json!(change)).unwrap();
    model.apply(change.clone());
    Ok(change)
}

fn model() -> (Model, String) {
    let mut model = Model::default();
    let made = run(&mut model, &Who::Host, None, first("document/rt/17", "acme")).unwrap();
    assert_eq!(made.external_reference, "document/rt/17");
    (model, made.case_id)
}

fn seen(model: &Model) -> &Document {
    model.documents().next().unwrap()
}

fn acme() -> Who {
    Who::Partner("acme".to_owned())
}

#[test]
fn it_is_offered_at_once_to_its_partner_alone_and_its_bytes_are_the_hosts() {
    let (model, id) = model();
    let record = seen(&model);
    assert_eq!((record.status, record.offered, record.status_label.as_str()), (S::Available, Some(1), "For you"));
    assert_eq!((record.partner_id.as_str(), record.external_reference.as_str()), ("acme", "document/rt/17"));
    let file = model.file(&format!("{id}-v1")).unwrap();
    assert!(!file.by_partner && file.partner_id == "acme");
    let text = serde_json::from_value::<AddComment>(json!({"text": "seen"})).unwrap();
    let stranger = Who::Partner("globex".to_owned());
    let asked = model.decide(&stranger, Some(&id), Action::Paper(P::AddComment(text)), 5);
    assert_eq!(asked.unwrap_err(), Refusal::UnknownCase);
}

#[test]
fn the_next_version_takes_the_place_of_the_one_before() {
    let (mut model, id) = model();
    for (action, refused) in [
        (next(3, "3.pdf"), Refusal::NotNext),
        (next(1, "2.pdf"), Refusal::NotNext),
        (next(2, "1.pdf"), Refusal::SameBytes),
    ] {
        assert_eq!(run(&mut model, &Who::Host, Some(&id), action).unwrap_err(), refused);
    }
    run(&mut model, &Who::Host, Some(&id), next(2, "2.pdf")).unwrap();
    let record = seen(&model);
    assert_eq!((record.offered, record.newest(), record.shared.valid_to.as_str()), (Some(2), 2, "2030-01-01"));
    assert_eq!(record.versions[0].status, S::Superseded);
}

#[test]
fn its_partner_reads_and_speaks_and_no_more() {
    let (mut model, id) = model();
    let added = AddVersion {
        file: file("mine.pdf"),
        change_note: String::new(),
        valid_from: String::new(),
        valid_to: String::new(),
    };
    for action in [P::AddVersion(Box::new(added)), P::Withdraw(Reason { reason: String::new() }), next(2, "2.pdf")] {
        assert_eq!(run(&mut model, &acme(), Some(&id), action).unwrap_err(), Refusal::Forbidden);
    }
    run(&mut model, &acme(), Some(&id), P::View { version_no: 1 }).unwrap();
    let said = serde_json::from_value::<AddComment>(json!({"text": "seen"})).unwrap();
    let change = run(&mut model, &acme(), Some(&id), P::AddComment(said)).unwrap();
    // The host's key goes with every change of it, so that the host knows what was spoken of.
    assert_eq!(change.external_reference, "document/rt/17");
}

#[test]
fn there_is_one_for_each_reference_and_what_was_taken_back_stays_so() {
    let (mut model, id) = model();
    for partner in ["acme", "globex"] {
        let again = run(&mut model, &Who::Host, None, first("document/rt/17", partner));
        assert_eq!(again.unwrap_err(), Refusal::Taken);
    }
    let none = String::new;
    let taken = SetStatus { status: S::Withdrawn, label: none(), status_code: none(), reason: none(), version_no: 0 };
    run(&mut model, &Who::Host, Some(&id), P::SetStatus(taken)).unwrap();
    assert_eq!((seen(&model).status, seen(&model).offered), (S::Withdrawn, None));
    let later = run(&mut model, &Who::Host, Some(&id), next(2, "2.pdf"));
    assert!(matches!(later, Err(Refusal::Transition { .. })), "{later:?}");
}

#[test]
fn a_document_of_a_partners_takes_no_version_of_the_hosts_and_a_foreign_case_is_none() {
    let mut model = Model::default();
    let shared: SharedDocument =
        serde_json::from_value(json!({"title": "t", "type_code": "380", "file": file("1.pdf")})).unwrap();
    let id = run(&mut model, &acme(), None, P::Share(Box::new(shared))).unwrap().case_id;
    assert_eq!(run(&mut model, &Who::Host, Some(&id), next(2, "2.pdf")).unwrap_err(), Refusal::Forbidden);
    let P::Publish(mut publish) = first("document/rt/18", "acme") else { unreachable!() };
    publish.case_id = "C-000009".to_owned();
    assert_eq!(run(&mut model, &Who::Host, None, P::Publish(publish)).unwrap_err(), Refusal::Field);
    assert_eq!(run(&mut model, &acme(), None, first("document/rt/19", "acme")).unwrap_err(), Refusal::Forbidden);
}
