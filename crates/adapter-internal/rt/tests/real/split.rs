//! What agents do with tickets beside working on them: put one into another, split one, move one to another queue.

use crate::feed::drain;
use crate::fixture::{Case, QUEUE, Rt};
use domain::{InternalEvent, discrepancy, issue};
use ports::{Feed as _, News};
use serde_json::json;

#[tokio::test]
async fn a_merged_ticket_is_told_in_the_words_of_its_own_use_case_and_not_of_the_winners() {
    let Some(rt) = Rt::get() else { return };
    let mut feed = rt.feed();
    let (loser, winner) = (rt.case().await, rt.case().await);
    let agent = rt.agent();
    let discrepancy = json!({ "CustomFields": { "TG Use Case": "discrepancy" } });
    let (code, said) = agent.put(&format!("/ticket/{}", loser.ticket), discrepancy).await;
    assert_eq!(code, 200, "{said}");
    let mut from = feed.begin().await.unwrap();
    agent.put(&format!("/ticket/{}", loser.ticket), json!({ "MergeInto": winner.ticket })).await;
    let changes = drain(&mut feed, &mut from).await;
    let told: Vec<_> = changes.iter().filter(|c| c.entity.as_str() == loser.ticket).collect();
    let merged: Vec<_> = told.iter().filter(|c| matches!(c.news, News::Event(_))).collect();
    let [merged] = &merged[..] else { panic!("not told once: {told:?}") };
    let News::Event(InternalEvent::Discrepancy(discrepancy::InternalEvent::Merged(into))) = &merged.news else {
        panic!("{merged:?}")
    };
    assert_eq!(into.into_record, winner.ticket);
}

/// RT's own way to split copies the custom fields. The one that ties a ticket to its subject is unique, and stays behind.
#[tokio::test]
async fn a_ticket_that_was_split_off_as_a_copy_is_nobodys_news_and_the_first_goes_on() {
    let Some(rt) = Rt::get() else { return };
    let (mut feed, case) = (rt.feed(), rt.case().await);
    let agent = rt.agent();
    let mut from = feed.begin().await.unwrap();
    let copy = json!({
        "Queue": QUEUE, "Subject": "The half that the warehouse does", "RefersTo": case.ticket,
        "CustomFields": { "TG Case Id": case.subject.as_str(), "TG Partner Id": "p-7" },
    });
    let (code, made) = agent.post("/ticket", copy).await;
    assert_eq!(code, 201, "{made}");
    let second = made["id"].as_str().unwrap().to_owned();
    let answer = |text: &str| json!({ "Content": text, "ContentType": "text/plain" });
    for (ticket, text) in [(&second, "the shelf is in row 7"), (&case.ticket, "we look into it")] {
        assert_eq!(agent.post(&format!("/ticket/{ticket}/correspond"), answer(text)).await.0, 201);
    }
    let changes = drain(&mut feed, &mut from).await;
    let of_second: Vec<_> = changes.iter().filter(|c| c.entity.as_str() == second).collect();
    assert!(!of_second.is_empty(), "the second ticket has rows");
    for change in of_second {
        assert!(matches!(change.news, News::Skipped { .. }) && change.subject.is_none(), "{change:?}");
    }
    assert_eq!(said(&changes, &case), ["we look into it"]);
}

#[tokio::test]
async fn a_ticket_that_moves_to_another_queue_keeps_its_subject_and_obeys_as_before() {
    let Some(rt) = Rt::get() else { return };
    let (mut feed, case) = (rt.feed(), rt.case().await);
    let agent = rt.agent();
    let mut from = feed.begin().await.unwrap();
    let (code, moved) = agent.put(&format!("/ticket/{}", case.ticket), json!({ "Queue": "Partner Triage" })).await;
    assert_eq!(code, 200, "{moved}");
    let queue = agent.ticket(&case.ticket).await["Queue"]["id"].clone();
    let answer = json!({ "Content": "we took it over", "ContentType": "text/plain" });
    assert_eq!(agent.post(&format!("/ticket/{}/correspond", case.ticket), answer).await.0, 201);
    let noted = case.apply(&rt.target(), &case.note("still the same")).await.unwrap();
    assert_eq!(noted.native_id, case.ticket);
    let changes = drain(&mut feed, &mut from).await;
    assert!(changes.iter().any(|c| c.news == News::Skipped { rule: "queue-moved" }), "{changes:?}");
    assert_eq!(said(&changes, &case), ["we took it over"]);
    assert_eq!(agent.ticket(&case.ticket).await["Queue"]["id"], queue, "nothing moved it back");
    let tickets = rt.by_subject(&case).await;
    assert_eq!(tickets, std::slice::from_ref(&case.ticket), "one subject, one ticket");
}

/// What partners would read of a case.
fn said(changes: &[ports::Change<InternalEvent>], case: &Case) -> Vec<String> {
    let of_case = changes.iter().filter(|c| c.subject.as_ref() == Some(&case.subject));
    of_case
        .filter_map(|c| match &c.news {
            News::Event(InternalEvent::Issue(issue::InternalEvent::PublicCommentAdded(said))) => {
                Some(said.text.for_host().trim().to_owned())
            }
            _ => None,
        })
        .collect()
}

impl Rt {
    async fn by_subject(&self, case: &Case) -> Vec<String> {
        let query = format!("CF.{{TG Case Id}} = '{}'", case.subject);
        let query: String = query.bytes().map(|b| format!("%{b:02X}")).collect();
        let found = self.agent().get(&format!("/tickets?query={query}")).await;
        let items = found["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
