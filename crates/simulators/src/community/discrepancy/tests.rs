use super::super::action::{Acknowledge, Action, AddComment, PostComment, Reason};
use super::super::model::{Model, Refusal, Who};
use super::super::wire::{Change, Status};
use super::action::{Action as D, Correct, Escalate, Give, Propose, Reply, SetStatus, Settle};
use super::wire::EvidenceRequest;
use domain::DiscrepancyStatus as S;
use domain::discrepancy::{Line, LineAnswer, LineOutcome, Raised};
use serde_json::json;

fn raised() -> Raised {
    serde_json::from_value(json!({
        "title": "Two short", "kind": "QTY_SHORT", "documents": [{"type_code": "220", "number": "4500001"}],
        "lines": [{"line_no": "1", "ordered": "10", "received": "8"}, {"line_no": "2", "ordered": "5"}],
    }))
    .unwrap()
}

fn partner() -> Who {
    Who::Partner("acme".to_owned())
}

/// Requests happen at 5.
fn run(model: &mut Model, who: &Who, id: Option<&str>, action: D) -> Result<Change, Refusal> {
    let draft = model.decide(who, id, Action::Dispute(action), 5)?;
    let change = draft.into_change(model.next_change_id(), 5, "T", None);
    model.apply(change.clone());
    Ok(change)
}

fn line(line_no: &str) -> LineOutcome<String> {
    serde_json::from_value(json!({ "line_no": line_no, "decision": "DENIED" })).unwrap()
}

fn propose(lines: &[&str], confirm_by: Option<i64>) -> D {
    let lines = lines.iter().map(|no| line(no)).collect();
    D::Propose(Propose { outcome_version: "o1".into(), lines, note: "as agreed".into(), confirm_by })
}

fn set(status: S) -> D {
    D::SetStatus(SetStatus { status, label: "x".into(), reason: String::new(), expected_resolution_at: None })
}

fn answer(confirmed: bool) -> D {
    let reply = Reply { lines: Vec::new(), comment: String::new(), documents: Vec::new() };
    D::Answer { outcome_version: "o1".into(), confirmed, reply }
}

fn settle() -> D {
    D::Settle(Settle { closure: "agent".into(), text: String::new(), references: "CN-7".into() })
}

fn correct(line_no: &str) -> D {
    let line = Line { line_no: line_no.to_owned(), uom: "EA".to_owned(), ..Line::default() };
    D::CorrectLine { line_no: line_no.to_owned(), correct: Box::new(Correct { line, reason: String::new() }) }
}

/// A discrepancy of two lines that stands where it should, led there by both sides.
fn in_status(status: S) -> (Model, String) {
    let mut model = Model::default();
    let id = run(&mut model, &partner(), None, D::Raise(Box::new(raised()))).unwrap().case_id;
    let mut ways = Vec::new();
    if status == S::Contested {
        ways.push((partner(), answer(false)));
    } else if [S::Confirmed, S::Settled].contains(&status) {
        ways.push((partner(), answer(true)));
    }
    if status == S::Settled {
        ways.push((Who::Host, settle()));
    }
    let host = if ways.is_empty() { status } else { S::OutcomeProposed };
    for to in S::Reported.path(host).unwrap_or_default() {
        let action = if to == S::OutcomeProposed {
            propose(&["1", "2"], None)
        } else if to == S::EvidenceRequested {
            ask()
        } else {
            set(to)
        };
        run(&mut model, &Who::Host, Some(&id), action).unwrap();
    }
    for (who, action) in ways {
        run(&mut model, &who, Some(&id), action).unwrap();
    }
    assert_eq!(model.discrepancy(&id).unwrap().status, status);
    (model, id)
}

fn ask() -> D {
    D::RequestEvidence(EvidenceRequest { question: "show us".into(), document_types: vec!["POD".into()], due_at: None })
}

fn actions() -> Vec<D> {
    let text = || "hello".to_owned();
    let mut all = vec![
        correct("1"),
        D::AddComment(AddComment { text: text(), author: String::new(), format: String::new(), files: Vec::new() }),
        D::GiveEvidence(Give { text: text(), author: String::new(), documents: Vec::new() }),
        answer(true),
        answer(false),
        D::Withdraw(Reason { reason: text() }),
        D::Acknowledge(Acknowledge { reference: text() }),
        D::PostComment(PostComment { note_key: text(), author_label: String::new(), text: text(), files: Vec::new() }),
        ask(),
        propose(&["1", "2"], None),
        D::Escalate(Escalate { text: text() }),
        settle(),
    ];
    all.extend(S::ALL.map(set));
    all
}

#[test]
fn every_action_in_every_status_keeps_to_the_state_machine() {
    let (mut taken, mut refused) = (0, 0);
    for status in S::ALL {
        for who in [Who::Host, partner()] {
            for action in actions() {
                let (mut model, id) = in_status(status);
                let before = model.clone();
                match run(&mut model, &who, Some(&id), action.clone()) {
                    Ok(change) => {
                        taken += 1;
                        let Status::Discrepancy(to) = change.status else { panic!("{change:?}") };
                        assert!(status == to || status.may_become(to), "{status:?} -> {to:?} by {action:?}");
                        let speaks = [S::Reported, S::Contested, S::Confirmed].contains(&to) && status != to;
                        assert!(!speaks || who == partner(), "{action:?} by the host");
                        assert_eq!(model.discrepancy(&id).unwrap().status, to);
                    }
                    Err(_) => {
                        refused += 1;
                        assert_eq!(model, before, "a refusal changes nothing");
                    }
                }
            }
        }
    }
    assert!(taken > 60 && refused > 250, "{taken} taken, {refused} refused");
}

#[test]
fn an_outcome_is_for_every_line_and_for_nothing_else() {
    let (mut model, id) = in_status(S::UnderInvestigation);
    for lines in [&[][..], &["1"], &["1", "1"], &["1", "3"], &["1", "2", "3"], &["*"]] {
        assert_eq!(run(&mut model, &Who::Host, Some(&id), propose(lines, None)), Err(Refusal::Incomplete), "{lines:?}");
    }
    let whole = Raised { lines: Vec::new(), ..raised() };
    let late = run(&mut model, &partner(), None, D::Raise(Box::new(whole))).unwrap().case_id;
    for status in [S::Triaged, S::UnderInvestigation] {
        run(&mut model, &Who::Host, Some(&late), set(status)).unwrap();
    }
    run(&mut model, &Who::Host, Some(&late), propose(&["*"], None)).unwrap();
}

#[test]
fn each_contest_ends_a_round_and_a_better_proposal_does_not() {
    let (mut model, id) = in_status(S::OutcomeProposed);
    let round = |model: &Model| model.discrepancy(&id).unwrap().outcome.as_ref().unwrap().round;
    run(&mut model, &Who::Host, Some(&id), propose(&["1", "2"], None)).unwrap();
    assert_eq!(round(&model), 1);
    run(&mut model, &partner(), Some(&id), answer(false)).unwrap();
    run(&mut model, &Who::Host, Some(&id), set(S::UnderInvestigation)).unwrap();
    run(&mut model, &Who::Host, Some(&id), propose(&["1", "2"], None)).unwrap();
    assert_eq!(round(&model), 2);
}

#[test]
fn after_its_time_a_proposal_is_answered_no_more_and_only_then_settled_without_an_answer() {
    let (mut model, id) = in_status(S::UnderInvestigation);
    run(&mut model, &Who::Host, Some(&id), propose(&["1", "2"], Some(5))).unwrap();
    assert_eq!(run(&mut model, &Who::Host, Some(&id), settle()), Err(Refusal::Unanswered));
    run(&mut model, &Who::Host, Some(&id), propose(&["1", "2"], Some(4))).unwrap();
    assert_eq!(run(&mut model, &partner(), Some(&id), answer(true)), Err(Refusal::Lapsed));
    run(&mut model, &Who::Host, Some(&id), settle()).unwrap();
    assert_eq!(model.discrepancy(&id).unwrap().closure, "lapsed");
}

#[test]
fn an_answer_names_known_lines_and_a_confirmation_agrees_to_all() {
    let (mut model, id) = in_status(S::OutcomeProposed);
    let reply = |line_no: &str, agreed| Reply {
        lines: vec![LineAnswer { line_no: line_no.to_owned(), agreed, comment: String::new() }],
        comment: String::new(),
        documents: Vec::new(),
    };
    let with = |confirmed, reply| D::Answer { outcome_version: "o1".into(), confirmed, reply };
    for bad in [with(true, reply("1", false)), with(false, reply("9", false))] {
        assert_eq!(run(&mut model, &partner(), Some(&id), bad), Err(Refusal::Field));
    }
    run(&mut model, &partner(), Some(&id), with(false, reply("1", true))).unwrap();
}

#[test]
fn what_was_counted_stays_while_an_outcome_is_on_offer_and_another_partner_sees_none_of_it() {
    let (mut model, id) = in_status(S::OutcomeProposed);
    assert_eq!(run(&mut model, &partner(), Some(&id), correct("1")), Err(Refusal::Field));
    let other = Who::Partner("globex".to_owned());
    for action in [correct("1"), answer(true), D::Withdraw(Reason { reason: String::new() })] {
        assert_eq!(run(&mut model, &other, Some(&id), action), Err(Refusal::UnknownCase));
    }
}

#[test]
fn what_says_nothing_of_what_differs_is_refused() {
    let mut model = Model::default();
    let two = vec![Line { line_no: "1".into(), ..Line::default() }; 2];
    for bad in [
        Raised { kind: String::new(), ..raised() },
        Raised { lines: Vec::new(), documents: Vec::new(), ..raised() },
        Raised { lines: two, ..raised() },
        Raised { lines: vec![Line { line_no: "*".into(), ..Line::default() }], ..raised() },
        Raised { claim_currency: "EUR".into(), ..raised() },
    ] {
        assert_eq!(run(&mut model, &partner(), None, D::Raise(Box::new(bad))), Err(Refusal::Field));
    }
    let number = json!({ "title": "t", "kind": "PRICE", "claim_amount": 12.5, "claim_currency": "EUR" });
    assert!(serde_json::from_value::<Raised>(number).is_err(), "an amount is text");
}
