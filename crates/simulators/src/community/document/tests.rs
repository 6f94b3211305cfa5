use super::super::action::{Acknowledge, Action, Reason};
use super::super::model::{Model, Refusal, Who};
use super::super::wire::Change;
use super::action::{Action as P, AddVersion, RejectFile, SetStatus};
use super::wire::{Decision, Document, Renewal};
use domain::DocumentStatus as S;
use domain::FileClaim;
use domain::document::SharedDocument;
use proptest::prelude::*;
use serde_json::json;

fn file(name: &str) -> FileClaim {
    let sha256 = domain::ContentHash::of_bytes(name.as_bytes()).as_str().to_owned();
    FileClaim { file_name: name.to_owned(), sha256, size: 7, ..FileClaim::default() }
}

fn shared() -> SharedDocument {
    SharedDocument {
        title: "Invoice".to_owned(),
        type_code: "380".to_owned(),
        file: file("1.pdf"),
        ..SharedDocument::default()
    }
}

fn partner() -> Who {
    Who::Partner("acme".to_owned())
}

fn run(model: &mut Model, who: &Who, id: Option<&str>, action: P) -> Result<Change, Refusal> {
    let draft = model.decide(who, id, Action::Paper(action), 5)?;
    let change = draft.into_change(model.next_change_id(), 5, "T", None);
    // As a restart would read it back from the journal.
    let change: Change = serde_json::from_value(json!(change)).unwrap();
    model.apply(change.clone());
    Ok(change)
}

fn set(status: S, version_no: i64) -> P {
    let none = String::new;
    P::SetStatus(SetStatus { status, label: "x".into(), status_code: none(), reason: none(), version_no })
}

fn decision(word: &str, version_no: i64) -> P {
    let body = json!({"version_no": version_no, "decision": word, "label": "x", "comment": "because"});
    P::Decide(Box::new(serde_json::from_value::<Decision>(body).unwrap()))
}

fn version(name: &str) -> P {
    let none = String::new;
    P::AddVersion(Box::new(AddVersion { file: file(name), change_note: none(), valid_from: none(), valid_to: none() }))
}

fn renewal(version_no: i64) -> P {
    P::RequestRenewal(Renewal { version_no, label: "x".into(), text: "please".into(), valid_to: None, days_left: 9 })
}

fn reject(version_no: i64) -> P {
    P::RejectFile(RejectFile { version_no, label: "x".into(), text: "no".into() })
}

fn model() -> (Model, String) {
    let mut model = Model::default();
    let id = run(&mut model, &partner(), None, P::Share(Box::new(shared()))).unwrap().case_id;
    (model, id)
}

fn seen(model: &Model) -> &Document {
    model.documents().next().unwrap()
}

#[test]
fn only_the_latest_approved_version_is_offered_and_a_newer_one_is_looked_at_anew() {
    let (mut model, id) = model();
    let id = Some(id.as_str());
    run(&mut model, &Who::Host, id, P::Acknowledge(Acknowledge { reference: "9".into() })).unwrap();
    assert_eq!(seen(&model).status, S::Available);
    run(&mut model, &Who::Host, id, decision("APPROVED", 1)).unwrap();
    assert_eq!((seen(&model).status, seen(&model).offered), (S::Approved, Some(1)));
    run(&mut model, &partner(), id, version("2.pdf")).unwrap();
    assert_eq!((seen(&model).status, seen(&model).offered), (S::Uploaded, Some(1)));
    assert_eq!(seen(&model).versions[0].status, S::Superseded);
    let before = model.clone();
    assert_eq!(run(&mut model, &Who::Host, id, decision("APPROVED", 1)), Err(Refusal::NotNewest));
    assert_eq!(run(&mut model, &Who::Host, id, reject(1)), Err(Refusal::NotNewest));
    assert_eq!(run(&mut model, &Who::Host, id, decision("APPROVED", 3)), Err(Refusal::NotNewest));
    assert_eq!(model, before);
    run(&mut model, &Who::Host, id, decision("CONDITIONAL", 2)).unwrap();
    assert_eq!(seen(&model).offered, Some(2));
    run(&mut model, &Who::Host, id, decision("REJECTED", 2)).unwrap();
    assert_eq!((seen(&model).status, seen(&model).offered), (S::Rejected, None));
}

#[test]
fn the_same_bytes_are_no_newer_version() {
    let (mut model, id) = model();
    assert_eq!(run(&mut model, &partner(), Some(&id), version("1.pdf")), Err(Refusal::SameBytes));
    run(&mut model, &partner(), Some(&id), version("2.pdf")).unwrap();
    assert_eq!(seen(&model).newest(), 2);
}

#[test]
fn an_approved_version_expires_also_while_the_next_one_is_looked_at() {
    let (mut model, id) = model();
    let id = Some(id.as_str());
    assert!(run(&mut model, &Who::Host, id, renewal(1)).is_err(), "nothing was approved");
    run(&mut model, &Who::Host, id, decision("APPROVED", 1)).unwrap();
    run(&mut model, &Who::Host, id, renewal(1)).unwrap();
    assert_eq!(seen(&model).status, S::Expiring);
    run(&mut model, &partner(), id, version("2.pdf")).unwrap();
    assert!(seen(&model).renewal.is_none());
    run(&mut model, &Who::Host, id, set(S::Expired, 1)).unwrap();
    assert_eq!((seen(&model).status, seen(&model).offered), (S::Uploaded, None));
    assert_eq!(run(&mut model, &Who::Host, id, renewal(1)), Err(Refusal::NotNewest));
}

#[test]
fn a_document_of_another_partner_is_not_there_and_what_is_withdrawn_stays_so() {
    let (mut model, id) = model();
    let other = Who::Partner("globex".to_owned());
    assert_eq!(run(&mut model, &other, Some(&id), version("2.pdf")), Err(Refusal::UnknownCase));
    run(&mut model, &partner(), Some(&id), P::Withdraw(Reason { reason: "wrong".into() })).unwrap();
    assert_eq!(seen(&model).status, S::Withdrawn);
    assert_eq!(run(&mut model, &partner(), Some(&id), version("2.pdf")), Err(Refusal::Final));
    assert!(run(&mut model, &Who::Host, Some(&id), decision("APPROVED", 1)).is_err());
}

#[test]
fn a_document_belongs_to_a_case_of_its_own_partner_or_to_none() {
    let mut model = Model::default();
    let of = |case: &str| P::Share(Box::new(SharedDocument { case_id: case.to_owned(), ..shared() }));
    assert_eq!(run(&mut model, &partner(), None, of("C-000001")), Err(Refusal::Field));
}

fn action() -> impl Strategy<Value = (bool, P)> {
    let version_no = 0_i64..4;
    let word = prop::sample::select(domain::document::DECISIONS.to_vec());
    prop_oneof![
        (prop::sample::select(S::ALL.to_vec()), version_no.clone()).prop_map(|(status, no)| (true, set(status, no))),
        (word, version_no.clone()).prop_map(|(word, no)| (true, decision(word, no))),
        version_no.clone().prop_map(|no| (true, reject(no))),
        version_no.prop_map(|no| (true, renewal(no))),
        Just((true, P::Acknowledge(Acknowledge { reference: String::new() }))),
        (0..4).prop_map(|n| (false, version(&format!("{n}.pdf")))),
        Just((false, P::Withdraw(Reason { reason: String::new() }))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every change of status is one of the life's, or a way of such steps that a review may take.
    #[test]
    fn whatever_both_sides_ask_the_life_is_kept(asked in prop::collection::vec(action(), 1..30)) {
        let (mut model, id) = model();
        for (by_host, action) in asked {
            let before = seen(&model).clone();
            let who = if by_host { Who::Host } else { partner() };
            if run(&mut model, &who, Some(&id), action).is_err() {
                prop_assert_eq!(seen(&model), &before);
                continue;
            }
            let now = seen(&model);
            let (from, to) = (before.status, now.status);
            if now.newest() > before.newest() {
                prop_assert!(from.may_become(S::Superseded) && to == S::Uploaded);
            } else {
                let reviewed = to.is_decision() && from.path(S::UnderReview).is_some();
                let led = from.path(to).is_some();
                prop_assert!(from == to || from.may_become(to) || reviewed || led, "{from:?} -> {to:?}");
            }
            let offered = now.offered.and_then(|no| now.versions.iter().find(|v| v.version_no == no));
            prop_assert!(now.offered.is_none() || offered.is_some_and(|v| v.decision.is_some()));
        }
    }
}
