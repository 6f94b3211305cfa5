use crate::world::{Case, World, config};
use adapter_internal_desk::DeskFeed;
use domain::{Environment, InternalEvent, NativeId, Side, Visibility, issue::InternalEvent as Issue};
use ports::{Change, Cursor, Feed as _, FeedError, News};
use reqwest::Method;
use serde_json::json;

type Told = Change<InternalEvent>;

async fn all(feed: &mut DeskFeed, from: Cursor) -> (Vec<Told>, Cursor) {
    let (mut changes, mut at) = (Vec::new(), from);
    loop {
        let page = feed.fetch(&at).await.unwrap();
        assert!(page.changes.len() <= 3);
        // The same cursor gives the same changes again.
        assert_eq!(feed.fetch(&at).await.unwrap(), page);
        changes.extend(page.changes);
        at = page.next;
        if !page.more {
            return (changes, at);
        }
    }
}

fn event(change: &Told) -> &Issue {
    match &change.news {
        News::Event(InternalEvent::Issue(event)) => event,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_agents_do_becomes_events_and_only_what_they_said_to_the_partner_is_for_partners() {
    let mut world = World::start().await;
    let case = world.case().await;
    let begin = world.feed.begin().await.unwrap();
    let at = |place: &str| format!("/v1/tickets/{}{place}", case.ticket);
    world.agent(Method::POST, &at("/replies"), json!({"text": "we are on it"})).await;
    world.agent(Method::POST, &at("/notes"), json!({"text": "their credit is bad"})).await;
    world.agent(Method::POST, &at("/questions"), json!({"text": "which line?", "due_at": 7})).await;
    let update = json!({"status": "resolved", "owner": "ann", "priority": 90, "fields": {"Root Cause": "a full disk"}});
    world.agent(Method::PATCH, &at(""), json!({"owner": ""})).await;
    world.agent(Method::PATCH, &at(""), update).await;
    world.agent(Method::PATCH, &at(""), json!({"title": "other", "queue": "Partner Problems"})).await;
    world.agent(Method::POST, &at("/links"), json!({"relation": "refers-to", "to": "2"})).await;
    let (changes, end) = all(&mut world.feed, begin).await;
    let kinds: Vec<&str> = changes
        .iter()
        .map(|c| match &c.news {
            News::Event(event) => event.kind(),
            News::Skipped { rule } => rule,
            News::Malformed { .. } => "malformed",
        })
        .collect();
    let expected = [
        "internal.issue.public-comment-added",
        "internal.issue.internal-note-added",
        "internal.issue.information-required",
        "internal.issue.assigned",
        "internal.issue.priority-changed",
        "internal.issue.assigned",
        "internal.issue.field-changed",
        "internal.issue.status-changed",
        "title-of-the-house",
        "queue-moved",
        "link",
    ];
    assert_eq!(kinds, expected);
    for (change, kind) in changes.iter().zip(kinds) {
        let public = kind.ends_with("public-comment-added") || kind.ends_with("information-required");
        assert_eq!(change.visibility == Visibility::Partner, public, "{kind}");
        assert_eq!(change.subject.as_ref(), Some(&case.subject));
        assert_eq!(change.partner_id.as_ref().unwrap().as_str(), "ACME");
        assert_eq!((change.actor.id.as_str(), change.actor.side), ("ann", Side::Internal));
        assert_eq!((change.marker.as_ref(), change.environment), (None, Environment::Production));
        assert!(change.occurred_at.0 > 1_700_000_000_000);
    }
    assert!(matches!(event(&changes[1]), Issue::InternalNoteAdded(n) if n.text.visibility() == Visibility::Host));
    assert!(matches!(event(&changes[2]), Issue::InformationRequired(q) if q.status == "waiting-partner"));
    let Issue::StatusChanged(moved) = event(&changes[7]) else { panic!("{changes:?}") };
    assert_eq!((moved.from.as_str(), moved.to.as_str()), ("waiting-partner", "resolved"));
    assert_eq!(changes[7].field.as_ref().unwrap().field, "status");
    // Each as its ticket was then.
    assert_eq!((changes[0].ext.get("cf.Root Cause"), changes[0].ext["priority"].as_str()), (None, "50"));
    assert_eq!((changes[7].ext["cf.Root Cause"].as_str(), changes[7].ext["priority"].as_str()), ("a full disk", "90"));
    assert_eq!(all(&mut world.feed, end).await.0, []);
}

#[tokio::test]
async fn our_own_writes_are_known_by_marker_and_by_effect_and_what_follows_of_itself_is_news() {
    let mut world = World::with(None, true).await;
    let begin = world.feed.begin().await.unwrap();
    let case = world.case().await;
    let mut ours = vec![(case.create(), vec!["1".to_owned()])];
    for command in [case.resume("open", &[]), case.note("inside"), case.command(resolve(&case)), case.say("hello")] {
        let applied = case.apply(&world.target, &command).await.unwrap();
        ours.push((command, applied.effects));
    }
    let (changes, _) = all(&mut world.feed, begin).await;
    assert_eq!(changes.len(), 6);
    for ((command, effects), change) in ours.iter().zip(&changes) {
        assert_eq!(effects, std::slice::from_ref(&change.id));
        assert_eq!(change.marker, Some(command.meta.id.to_string()));
    }
    assert_eq!((changes[0].actor.side, changes[1].actor.side), (Side::Partner, Side::Internal));
    // The answer opened the resolved ticket: the case system's own doing.
    let last = &changes[5];
    assert!(matches!(event(last), Issue::StatusChanged(m) if m.to == "open"));
    assert_eq!((last.actor.side, last.marker.as_ref()), (Side::System, None));
}

fn resolve(case: &Case) -> domain::issue::InternalCommand {
    domain::issue::InternalCommand::CloseCase(case.moves("resolved", &[]))
}

#[tokio::test]
async fn a_marker_that_somebody_else_copied_is_not_ours_and_a_ticket_without_a_subject_stays_inside() {
    let mut world = World::start().await;
    let case = world.case().await;
    let begin = world.feed.begin().await.unwrap();
    let copied = case.create().meta.id.to_string();
    world.agent(Method::POST, "/v1/tickets/1/replies", json!({"text": "x", "marker": copied})).await;
    let own = json!({"queue": "Partner Cases", "title": "mine", "external_id": "no subject", "partner_id": "ACME"});
    world.agent(Method::POST, "/v1/tickets", own).await;
    let (changes, _) = all(&mut world.feed, begin).await;
    assert_eq!(changes[0].marker, None);
    assert_eq!(changes[1].news, News::Skipped { rule: "not-ours" });
    assert_eq!((&changes[1].subject, &changes[1].partner_id, changes[1].ext.len()), (&None, &None, 0));
}

#[tokio::test]
async fn a_held_change_is_read_again_and_a_foreign_cursor_is_lost() {
    let mut world = World::start().await;
    let begin = world.feed.begin().await.unwrap();
    let case = world.case().await;
    let (changes, _) = all(&mut world.feed, begin).await;
    let (one, two) = (NativeId::new("1").unwrap(), NativeId::new("2").unwrap());
    assert_eq!(world.feed.reread(&one, &changes[0].id).await.unwrap().as_ref(), Some(&changes[0]));
    assert_eq!(world.feed.reread(&two, &changes[0].id).await, Ok(None));
    assert_eq!(world.feed.reread(&one, "999").await, Ok(None));
    assert_eq!(world.feed.reread(&one, "../setup").await, Ok(None));
    assert!(!case.ticket.is_empty());
    let lost = world.feed.fetch(&Cursor("bm9uc2Vuc2U".into())).await;
    assert!(matches!(lost, Err(FeedError::CursorLost { .. })), "{lost:?}");
}

#[tokio::test]
async fn a_feed_that_cannot_be_read_says_why() {
    let mut world = World::start().await;
    world.fault("too-many-requests", "GET", json!({"retry_after_seconds": 9})).await;
    let busy = world.feed.fetch(&Cursor::default()).await;
    let Err(FeedError::Unavailable { retry_after, .. }) = busy else { panic!("{busy:?}") };
    assert_eq!(retry_after.unwrap().as_secs(), 9);
    world.fault("empty-success", "GET", json!({})).await;
    assert!(matches!(world.feed.fetch(&Cursor::default()).await, Err(FeedError::Unavailable { .. })));
    world.faults(json!({"outage": true, "rules": []})).await;
    assert!(matches!(world.feed.begin().await, Err(FeedError::Unavailable { .. })));
    world.faults(json!({})).await;
    let mut mixed = config(&world.folder, &world.base);
    std::mem::swap(&mut mixed.sync_token_file, &mut mixed.partner_token_file);
    let mut feed = DeskFeed::new(mixed.check("internal").unwrap()).unwrap();
    assert!(matches!(feed.begin().await, Err(FeedError::Misconfigured { .. })));
}
