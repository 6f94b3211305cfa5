use crate::fixture::{Case, Rt, context};
use crate::proxy::{Fault, Proxy};
use adapter_internal_rt::{Config, RtFeed, RtTarget};
use ports::{CallContext, CallError, Cursor, Feed, FeedError, Look, Target};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LOST: [Fault; 3] = [Fault::AnswerLost, Fault::AnswerWithheld, Fault::BadGateway];

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_unknown_and_exactly_one_is_found() {
    let Some(rt) = Rt::get() else { return };
    for fault in LOST {
        let case = Case::new();
        let proxy = Proxy::start(&rt.url, "POST /REST/2.0/ticket ", fault).await;
        let target = RtTarget::new(rt.ready_at(&proxy.url)).unwrap();
        let short = CallContext { timeout: Duration::from_secs(4), ..context(None) };
        let result = target.apply(&case.create(), &short).await;
        assert!(matches!(result, Err(CallError::Unknown { .. })), "{fault:?}: {result:?}");
        let Ok(Look::Applied(found)) = rt.target().look(&case.create(), &context(None)).await else { panic!("lost") };
        let second = rt.target().apply(&case.create(), &context(None)).await.unwrap();
        assert_eq!(found.native_id, second.native_id);
        assert_eq!(rt.agent().tickets_of(case.subject.as_str()).await.len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_message_whose_answer_is_lost_is_unknown_and_its_marker_finds_exactly_one() {
    let Some(rt) = Rt::get() else { return };
    let case = rt.case().await;
    for fault in LOST {
        let proxy = Proxy::start(&rt.url, "POST ", fault).await;
        let target = RtTarget::new(rt.ready_at(&proxy.url)).unwrap();
        let note = case.note("n");
        let short = CallContext { timeout: Duration::from_secs(4), ..case.context(&note) };
        let result = target.apply(&note, &short).await;
        assert!(matches!(result, Err(CallError::Unknown { .. })), "{fault:?}: {result:?}");
        assert!(matches!(case.look(&rt.target(), &note).await, Ok(Look::Applied(found)) if found.effects.len() == 1));
    }
}

#[tokio::test]
async fn a_status_whose_answer_is_lost_is_unknown_and_is_seen_by_its_state() {
    let Some(rt) = Rt::get() else { return };
    let case = rt.case().await;
    let proxy = Proxy::start(&rt.url, "PUT ", Fault::AnswerLost).await;
    let target = RtTarget::new(rt.ready_at(&proxy.url)).unwrap();
    let open = case.resume("open", &["new"]);
    assert!(matches!(case.apply(&target, &open).await, Err(CallError::Unknown { .. })));
    assert!(matches!(case.look(&rt.target(), &open).await, Ok(Look::Applied(found)) if found.effects.len() == 1));
}

#[tokio::test]
async fn what_was_never_written_is_not_applied() {
    let Some(rt) = Rt::get() else { return };
    let case = rt.case().await;
    // Nobody listens.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let target = RtTarget::new(rt.ready_at(&format!("http://{free}"))).unwrap();
    for command in [case.create(), case.say("x"), case.resume("open", &[]), case.set(&[("TG Severity", "x")])] {
        let result = case.apply(&target, &command).await;
        assert!(matches!(result, Err(CallError::NotApplied { .. })), "{result:?}");
    }
    // The reads before the write break.
    let proxy = Proxy::start(&rt.url, "GET ", Fault::RequestLost).await;
    let target = RtTarget::new(rt.ready_at(&proxy.url)).unwrap();
    assert!(matches!(case.apply(&target, &case.say("x")).await, Err(CallError::NotApplied { .. })));
    // The write breaks on its way: nobody here can know that RT has not heard it.
    let proxy = Proxy::start(&rt.url, "POST ", Fault::RequestLost).await;
    let target = RtTarget::new(rt.ready_at(&proxy.url)).unwrap();
    let say = case.say("x");
    assert!(matches!(case.apply(&target, &say).await, Err(CallError::Unknown { .. })));
    assert_eq!(case.look(&rt.target(), &say).await, Ok(Look::Absent));
}

#[tokio::test]
async fn a_token_that_rt_does_not_know_is_a_mistake_of_configuration() {
    let Some(rt) = Rt::get() else { return };
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("token"), "1-1-00000000000000000000000000000000").unwrap();
    let file = dir.path().join("token");
    let config = Config { sync_token_file: file.clone(), partner_token_file: file, ..rt.config() };
    let ready = config.check("internal.rt").unwrap();
    let case = rt.case().await;
    let target = RtTarget::new(ready.clone()).unwrap();
    for command in [case.create(), case.say("x"), case.note("x"), case.resume("open", &[])] {
        assert!(matches!(case.apply(&target, &command).await, Err(CallError::Misconfigured { .. })));
        assert!(matches!(case.look(&target, &command).await, Err(CallError::Misconfigured { .. })));
    }
    let begun = RtFeed::new(ready).unwrap().begin().await;
    assert!(matches!(begun, Err(FeedError::Misconfigured { .. })), "{begun:?}");
}

/// RT's server closes a connection after an idle second. Waits for that on a connection of our own, then writes.
#[tokio::test]
async fn a_write_after_an_idle_second_does_not_meet_a_closed_connection() {
    let Some(rt) = Rt::get() else { return };
    let (target, case) = (rt.target(), rt.case().await);
    let address = rt.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    for _ in 0..3 {
        case.apply(&target, &case.note("before")).await.unwrap();
        let mut idle = TcpStream::connect(&address).await.unwrap();
        idle.write_all(b"GET /REST/2.0/rt HTTP/1.1\r\nHost: rt\r\n\r\n").await.unwrap();
        let mut sink = Vec::new();
        tokio::time::timeout(Duration::from_secs(20), idle.read_to_end(&mut sink)).await.unwrap().unwrap();
        let after = case.apply(&target, &case.note("after")).await;
        assert!(after.is_ok(), "{after:?}");
    }
}

#[tokio::test]
async fn a_feed_that_breaks_says_unavailable_and_keeps_its_place() {
    let Some(rt) = Rt::get() else { return };
    let mut feed = rt.feed();
    let from = feed.begin().await.unwrap();
    let case = rt.case().await;
    let proxy = Proxy::start(&rt.url, "GET /REST/2.0/tickets", Fault::AnswerLost).await;
    let mut broken = RtFeed::new(rt.ready_at(&proxy.url)).unwrap();
    assert!(matches!(broken.fetch(&from).await, Err(FeedError::Unavailable { .. })));
    let page = feed.fetch(&from).await.unwrap();
    assert!(page.changes.iter().any(|c| c.subject.as_ref() == Some(&case.subject)));
}

#[tokio::test]
async fn a_cursor_ahead_of_rt_is_lost_and_not_followed() {
    let Some(rt) = Rt::get() else { return };
    let ahead = Cursor(r#"{"v":1,"watermark":999999999999,"seen":[],"marks":[]}"#.into());
    assert!(matches!(rt.feed().fetch(&ahead).await, Err(FeedError::CursorLost { .. })));
}
