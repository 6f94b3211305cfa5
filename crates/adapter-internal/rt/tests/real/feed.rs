use crate::fixture::{Case, OPENED_BY_WORDS, QUEUE, Rt, unique};
use adapter_internal_rt::RtFeed;
use domain::outcome::FieldHash;
use domain::{ContentHash, InternalEvent, NativeId, Side, Visibility, issue};
use issue::InternalEvent as Issue;
use ports::{Change, Cursor, Feed, News};
use serde_json::json;

type Changes = Vec<Change<InternalEvent>>;

/// Everything after `from`, to the end.
pub async fn drain(feed: &mut RtFeed, from: &mut Cursor) -> Changes {
    let mut all = Vec::new();
    loop {
        let page = feed.fetch(from).await.unwrap();
        *from = page.next;
        all.extend(page.changes);
        if !page.more {
            return all;
        }
    }
}

async fn of(feed: &mut RtFeed, from: &mut Cursor, ticket: &str) -> Changes {
    drain(feed, from).await.into_iter().filter(|c| c.entity.as_str() == ticket).collect()
}

fn event(change: &Change<InternalEvent>) -> Option<&Issue> {
    match &change.news {
        News::Event(InternalEvent::Issue(event)) => Some(event),
        News::Event(
            other @ (InternalEvent::Discrepancy(_) | InternalEvent::Document(_) | InternalEvent::Onboarding(_)),
        ) => {
            panic!("not of an issue: {other:?}")
        }
        News::Skipped { .. } | News::Malformed { .. } => None,
    }
}

#[tokio::test]
async fn the_life_of_a_case_comes_in_order_with_its_values_marks_and_hashes() {
    let Some(rt) = Rt::get() else { return };
    let (mut feed, target) = (rt.feed(), rt.target());
    let mut from = feed.begin().await.unwrap();
    let case = rt.case().await;
    let path = format!("/ticket/{}", case.ticket);
    let (say, note, open) = (case.say("from the partner"), case.note("inside"), case.resume("open", &[]));
    let moved = case.apply(&target, &open).await.unwrap();
    let said = case.apply(&target, &say).await.unwrap();
    let noted = case.apply(&target, &note).await.unwrap();
    let set = case.apply(&target, &case.set(&[("TG Severity", "high")])).await.unwrap();
    let agent = rt.agent();
    agent.put(&path, json!({ "Owner": "agent2" })).await;
    agent.put(&path, json!({ "Priority": "80" })).await;
    agent.put(&path, json!({ "Subject": "another" })).await;
    let answer = json!({ "Content": "We found it.", "ContentType": "text/plain" });
    assert_eq!(agent.post(&format!("{path}/correspond"), answer).await.0, 201);

    let changes = of(&mut feed, &mut from, &case.ticket).await;
    let mut ids: Vec<u64> = changes.iter().map(|c| c.id.parse().unwrap()).collect();
    assert!(ids.is_sorted() && !ids.is_empty());
    ids.dedup();
    assert_eq!(ids.len(), changes.len());
    for change in &changes {
        assert_eq!(change.subject.as_ref(), Some(&case.subject));
        assert_eq!(change.partner_id.as_ref().map(|p| p.as_str()), Some("p-7"));
        assert_eq!(change.ext["queue"], QUEUE);
        assert_eq!(change.ext["cf.TG Severity"], "high");
    }
    let by_id = |id: &str| changes.iter().find(|c| c.id == id).unwrap();
    assert!(matches!(event(&changes[0]), Some(Issue::Created(c)) if c.record_id == case.ticket && c.queue == QUEUE));

    let status = by_id(&moved.effects[0]);
    assert!(matches!(event(status), Some(Issue::StatusChanged(s)) if s.from == "new" && s.to == "open"));
    assert_eq!(status.field, Some(FieldHash { field: "status".into(), hash: ContentHash::of_bytes(b"open") }));
    let partner = by_id(&said.effects[0]);
    assert_eq!(partner.marker, Some(say.meta.id.to_string()));
    assert_eq!((partner.actor.side, partner.visibility), (Side::Partner, Visibility::Partner));
    let inside = by_id(&noted.effects[0]);
    assert_eq!((inside.marker.clone(), inside.visibility), (Some(note.meta.id.to_string()), Visibility::Host));
    let Some(Issue::InternalNoteAdded(text)) = event(inside) else { panic!("{inside:?}") };
    assert_eq!((text.text.for_host().as_str(), text.text.for_partner()), ("inside", None));
    let field = by_id(&set.effects[0]);
    assert!(
        matches!(event(field), Some(Issue::FieldChanged(f)) if f.field == "TG Severity" && f.to.for_partner().is_none())
    );
    assert_eq!(field.field, Some(FieldHash { field: "TG Severity".into(), hash: ContentHash::of_bytes(b"high") }));

    let owners: Vec<_> =
        changes.iter().filter(|c| matches!(event(c), Some(Issue::Assigned(a)) if a.owner == "agent2")).collect();
    assert_eq!(owners.len(), 1, "one change of owner is two rows of RT and one event");
    assert!(changes.iter().any(|c| matches!(event(c), Some(Issue::PriorityChanged(p)) if p.to == "80")));
    let last = changes.iter().rev().find(|c| matches!(event(c), Some(Issue::PublicCommentAdded(_)))).unwrap();
    let Some(Issue::PublicCommentAdded(reply)) = event(last) else { unreachable!() };
    assert_eq!(reply.text.for_partner().unwrap().get(), "We found it.");
    assert_eq!((last.marker.as_ref(), last.actor.side, reply.author.as_str()), (None, Side::Internal, "agent1"));
    let skipped: Vec<_> =
        changes.iter().filter_map(|c| if let News::Skipped { rule } = c.news { Some(rule) } else { None }).collect();
    assert!(skipped.contains(&"title-of-rt") && skipped.contains(&"watcher"), "{skipped:?}");
    assert!(drain(&mut feed, &mut from).await.iter().all(|c| c.entity.as_str() != case.ticket), "nothing comes twice");
}

#[tokio::test]
async fn what_rt_does_in_answer_to_us_is_news_and_not_an_echo() {
    let Some(rt) = Rt::get() else { return };
    let (mut feed, target, case) = (rt.feed(), rt.target(), rt.case().await);
    let path = format!("/ticket/{}", case.ticket);
    for change in [json!({ "Queue": OPENED_BY_WORDS }), json!({ "Status": "open" }), json!({ "Status": "resolved" })] {
        assert_eq!(rt.agent().put(&path, change).await.0, 200);
    }
    let mut from = feed.begin().await.unwrap();
    let said = case.apply(&target, &case.say("still broken")).await.unwrap();
    let changes = of(&mut feed, &mut from, &case.ticket).await;
    let opened = changes.iter().find(|c| matches!(event(c), Some(Issue::StatusChanged(s)) if s.to == "open")).unwrap();
    assert_eq!((opened.actor.id.as_str(), opened.actor.side), ("RT_System", Side::System));
    assert!(opened.marker.is_none() && !said.effects.contains(&opened.id));
}

#[tokio::test]
async fn in_the_queues_of_partners_words_move_no_status() {
    let Some(rt) = Rt::get() else { return };
    let (target, case, agent) = (rt.target(), rt.case().await, rt.agent());
    let path = format!("/ticket/{}", case.ticket);
    for status in ["new", "open", "resolved", "closed"] {
        if status != "new" {
            assert_eq!(agent.put(&path, json!({ "Status": status })).await.0, 200);
        }
        case.apply(&target, &case.say("still broken")).await.unwrap();
        let answer = json!({ "Content": "We look at it.", "ContentType": "text/plain" });
        assert_eq!(agent.post(&format!("{path}/correspond"), answer).await.0, 201);
        assert_eq!(agent.ticket(&case.ticket).await["Status"], status);
    }
}

#[tokio::test]
async fn tickets_without_our_external_id_are_skipped_and_hidden_ones_do_not_stop_the_feed() {
    let Some(rt) = Rt::get() else { return };
    let mut feed = rt.feed();
    let mut from = feed.begin().await.unwrap();
    let (status, foreign) = rt
        .agent()
        .post("/ticket", json!({ "Queue": QUEUE, "Subject": "not ours", "CustomFields": { "TG Case Id": unique() } }))
        .await;
    assert_eq!(status, 201);
    let case = rt.case().await;
    let changes = drain(&mut feed, &mut from).await;
    let foreign = foreign["id"].as_str().unwrap();
    let theirs: Vec<_> = changes.iter().filter(|c| c.entity.as_str() == foreign).collect();
    assert!(!theirs.is_empty());
    assert!(
        theirs.iter().all(|c| c.news == News::Skipped { rule: "not-ours" } && c.subject.is_none() && c.ext.is_empty())
    );
    assert!(changes.iter().any(|c| c.entity.as_str() == case.ticket && event(c).is_some()));
}

#[tokio::test]
async fn an_html_reply_reaches_the_partner_as_words_and_a_file_alone_without_any() {
    let Some(rt) = Rt::get() else { return };
    let (mut feed, case) = (rt.feed(), rt.case().await);
    let mut from = feed.begin().await.unwrap();
    let path = format!("/ticket/{}/correspond", case.ticket);
    let html = "<p>Grüße &amp; <b>bye</b></p><script>alert(1)</script><!-- inside -->";
    rt.agent().post(&path, json!({ "Content": html, "ContentType": "text/html" })).await;
    let file = json!([{ "FileName": "a.txt", "FileType": "text/plain", "FileContent": "c2VjcmV0" }]);
    let (status, said) = rt.agent().post(&path, json!({ "Attachments": file })).await;
    assert_eq!(status, 201, "{said}");
    let changes = of(&mut feed, &mut from, &case.ticket).await;
    let texts: Vec<_> = changes
        .iter()
        .filter_map(|c| match event(c) {
            Some(Issue::PublicCommentAdded(p)) => Some((p.text.for_host().as_str(), p.format.as_str(), p.files.len())),
            _ => None,
        })
        .collect();
    assert_eq!(texts, [("Grüße & bye", "plain", 0), ("", "plain", 1)]);
}

#[tokio::test]
async fn somebody_elses_message_under_our_subject_bears_no_marker() {
    let Some(rt) = Rt::get() else { return };
    let (mut feed, case) = (rt.feed(), rt.case().await);
    let mut from = feed.begin().await.unwrap();
    let marker = format!("causeway:{}", case.note("x").meta.id);
    for subject in [format!("Re: {marker}"), marker] {
        let body = json!({ "Subject": subject, "Content": "news", "ContentType": "text/plain" });
        rt.agent().post(&format!("/ticket/{}/correspond", case.ticket), body).await;
    }
    let changes = of(&mut feed, &mut from, &case.ticket).await;
    let told = changes.iter().filter(|c| matches!(event(c), Some(Issue::PublicCommentAdded(_))));
    assert_eq!(told.filter(|c| c.marker.is_none()).count(), 2);
}

#[tokio::test]
async fn one_change_is_read_again_by_its_keys() {
    let Some(rt) = Rt::get() else { return };
    let (mut feed, case) = (rt.feed(), rt.case().await);
    let noted = case.apply(&rt.target(), &case.note("again")).await.unwrap();
    let entity = NativeId::new(case.ticket.clone()).unwrap();
    let change = feed.reread(&entity, &noted.effects[0]).await.unwrap().unwrap();
    assert!(matches!(event(&change), Some(Issue::InternalNoteAdded(n)) if n.text.for_host() == "again"));
    assert_eq!(feed.reread(&entity, "999999999").await.unwrap(), None);
    assert_eq!(feed.reread(&NativeId::new("999999999").unwrap(), &noted.effects[0]).await.unwrap(), None);
}

#[tokio::test]
async fn a_deleted_and_a_merged_ticket_do_not_stop_the_feed() {
    let Some(rt) = Rt::get() else { return };
    let mut feed = rt.feed();
    let (deleted, loser, winner) = (rt.case().await, rt.case().await, rt.case().await);
    let mut from = feed.begin().await.unwrap();
    let agent = rt.agent();
    let (code, said) = agent.put(&format!("/ticket/{}", deleted.ticket), json!({ "Status": "deleted" })).await;
    assert_eq!(code, 200, "{said}");
    agent.put(&format!("/ticket/{}", loser.ticket), json!({ "MergeInto": winner.ticket })).await;
    let changes = drain(&mut feed, &mut from).await;
    let gone: Vec<_> = changes.iter().filter(|c| c.entity.as_str() == deleted.ticket).collect();
    assert!(gone.iter().any(|c| matches!(event(c), Some(Issue::StatusChanged(s)) if s.to == "deleted")), "{gone:?}");
    let merged: Vec<_> = changes.iter().filter(|c| c.entity.as_str() == loser.ticket).collect();
    let (told, rest): (Vec<_>, Vec<_>) = merged.into_iter().partition(|c| event(c).is_some());
    assert!(rest.iter().all(|c| c.news == News::Skipped { rule: "merged" }), "{rest:?}");
    let [told] = &told[..] else { panic!("not told once: {told:?}") };
    let Some(Issue::Merged(into)) = event(told) else { panic!("{told:?}") };
    assert_eq!((into.into_record.as_str(), into.into_partner.as_str()), (winner.ticket.as_str(), "p-7"));
    // The bond tells whose it was: its own fields are those of the winner now.
    assert_eq!((&told.subject, &told.partner_id, told.visibility), (&None, &None, Visibility::Host));
    let after: Case = rt.case().await;
    assert!(drain(&mut feed, &mut from).await.iter().any(|c| c.entity.as_str() == after.ticket));
}
