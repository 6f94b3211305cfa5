use crate::world::{World, comment, context};
use domain::{NativeId, PartnerEvent, Side, issue};
use issue::PartnerEvent as E;
use ports::{Change, Cursor, Feed as _, FeedError, News, Target as _};
use reqwest::Method;
use serde_json::json;

/// Everything after `from`, page by page, with the number of pages.
async fn all(world: &World, from: Cursor) -> (Vec<Change<PartnerEvent>>, Cursor, usize) {
    let (mut feed, mut at, mut changes, mut pages) = (world.feed.clone(), from, Vec::new(), 0);
    loop {
        let page = feed.fetch(&at).await.unwrap();
        changes.extend(page.changes);
        (at, pages) = (page.next, pages + 1);
        if !page.more {
            return (changes, at, pages);
        }
    }
}

#[tokio::test]
async fn all_a_partner_does_comes_as_events_in_order_and_the_hosts_doing_is_skipped() {
    let world = World::start().await;
    let case = world.open("acme").await;
    let at = |path: &str| format!("/cases/{case}{path}");
    let ours = comment(&case, 1);
    let applied = world.target.apply(&ours, &context(&ours)).await.unwrap();
    let steps = [
        (Method::PATCH, at(""), json!({"fields": {"severity": "low"}, "reason": "found it"})),
        (Method::POST, at("/comments"), json!({"text": "here is the order"})),
        (Method::POST, at(&format!("/comments/{case}-n2/revision")), json!({"text": "here is the right order"})),
        (Method::POST, at(&format!("/comments/{case}-n2/removal")), json!({})),
        (Method::POST, at("/withdrawal"), json!({"reason": "solved"})),
    ];
    for (method, path, body) in steps {
        let (status, answer) = world.as_partner("acme", method, &path, body).await;
        assert_eq!(status, 201, "{answer}");
    }
    let (changes, _, pages) = all(&world, Cursor::default()).await;
    assert_eq!((changes.len(), pages), (7, 3));
    let kinds: Vec<&str> = changes
        .iter()
        .map(|change| match &change.news {
            News::Event(event) => event.kind(),
            News::Skipped { rule } => rule,
            News::Malformed { reason, .. } => panic!("{reason}"),
        })
        .collect();
    let expected = ["partner.issue.opened", "by-the-host", "partner.issue.details-changed"];
    assert_eq!(kinds[..3], expected);
    let later =
        ["comment-added", "comment-revised", "comment-removed", "withdrawn"].map(|w| format!("partner.issue.{w}"));
    assert_eq!(kinds[3..], later);
    let echo = &changes[1];
    assert_eq!((echo.marker.clone(), echo.actor.side), (Some(ours.meta.id.to_string()), Side::Internal));
    assert_eq!(applied.effects, std::slice::from_ref(&echo.id), "effects name what the feed shows");
    for change in &changes {
        assert_eq!(change.subject.as_ref().unwrap().as_str(), format!("case/tg/{case}"));
        assert_eq!(change.partner_id.as_ref().unwrap().as_str(), "acme");
    }
    let News::Event(PartnerEvent::Issue(E::DetailsChanged(details))) = &changes[2].news else { panic!() };
    assert_eq!((details.changes[0].old.as_str(), details.changes[0].new.as_str()), ("high", "low"));
}

#[tokio::test]
async fn paging_neither_loses_nor_repeats_where_many_changes_share_a_moment() {
    let world = World::start().await;
    let case = world.open("acme").await;
    let path = format!("/cases/{case}/comments");
    for number in 0..20 {
        let (status, _) = world.as_partner("acme", Method::POST, &path, json!({"text": number.to_string()})).await;
        assert_eq!(status, 201);
    }
    let (changes, end, _) = all(&world, Cursor::default()).await;
    let ids: std::collections::BTreeSet<_> = changes.iter().map(|c| c.id.clone()).collect();
    assert_eq!((changes.len(), ids.len()), (21, 21));
    let texts: Vec<String> = changes
        .iter()
        .filter_map(|change| match &change.news {
            News::Event(PartnerEvent::Issue(E::CommentAdded(comment))) => Some(comment.text.clone()),
            News::Event(_) | News::Skipped { .. } | News::Malformed { .. } => None,
        })
        .collect();
    assert_eq!(texts, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
    // The same cursor gives the same again; the end gives nothing, and what is new after it.
    let mut feed = world.feed.clone();
    assert_eq!(feed.fetch(&Cursor::default()).await, feed.fetch(&Cursor::default()).await);
    let none = feed.fetch(&end).await.unwrap();
    assert!(none.changes.is_empty() && !none.more && none.next == end);
    world.as_partner("acme", Method::POST, &path, json!({"text": "new"})).await;
    assert_eq!(feed.fetch(&end).await.unwrap().changes.len(), 1);
}

#[tokio::test]
async fn a_first_start_begins_now() {
    let world = World::start().await;
    world.open("acme").await;
    let now = world.feed.clone().begin().await.unwrap();
    assert_eq!(all(&world, now.clone()).await.0.len(), 0);
    let case = world.open("globex").await;
    let (changes, _, _) = all(&world, now).await;
    assert_eq!(changes.iter().map(|c| c.entity.as_str()).collect::<Vec<_>>(), [case]);
}

#[tokio::test]
async fn a_held_change_is_read_again_by_its_keys() {
    let world = World::start().await;
    let case = world.open("acme").await;
    let first = all(&world, Cursor::default()).await.0.remove(0);
    let mut feed = world.feed.clone();
    let entity = NativeId::new(case).unwrap();
    assert_eq!(feed.reread(&entity, &first.id).await, Ok(Some(first.clone())));
    assert_eq!(feed.reread(&entity, "ch-000000000099").await, Ok(None));
    let other = NativeId::new("C-000002").unwrap();
    assert!(matches!(feed.reread(&other, &first.id).await, Err(FeedError::Unavailable { .. })));
}

#[tokio::test]
async fn every_way_to_fail_has_its_class() {
    let world = World::start().await;
    world.open("acme").await;
    let mut feed = world.feed.clone();
    for cursor in ["bm9uc2Vuc2U", "MS45OTk5"] {
        let result = feed.fetch(&Cursor(cursor.to_owned())).await;
        assert!(matches!(result, Err(FeedError::CursorLost { .. })), "{result:?}");
    }
    for kind in ["unavailable", "too-many-requests", "drop-before-apply", "bad-gateway-after-apply", "empty-success"] {
        world.fault(kind, "GET", json!({})).await;
        let result = feed.fetch(&Cursor::default()).await;
        assert!(matches!(result, Err(FeedError::Unavailable { .. })), "{kind}: {result:?}");
    }
    assert_eq!(feed.fetch(&Cursor::default()).await.unwrap().changes.len(), 1);
}

#[tokio::test]
async fn a_lagging_feed_shows_late_what_it_then_shows_whole() {
    let world = World::start().await;
    world.faults(json!({"feed_lag_ms": 3_600_000})).await;
    world.open("acme").await;
    let mut feed = world.feed.clone();
    let early = feed.fetch(&Cursor::default()).await.unwrap();
    assert!(early.changes.is_empty() && !early.more);
    world.faults(json!({})).await;
    assert_eq!(feed.fetch(&early.next).await.unwrap().changes.len(), 1);
}
