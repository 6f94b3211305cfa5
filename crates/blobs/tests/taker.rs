//! How ingest brings files in: in turns, going on after a cut, never the same bytes twice.

#![allow(clippy::unwrap_used)]

use blobs::Config;
use blobs::Taker;
use bytes::Bytes;
use domain::file::withheld;
use domain::issue::{CommentAdded, PartnerEvent as Issue};
use domain::{FileClaim, Files as _, NativeId, PartnerEvent, SystemId};
use futures::StreamExt;
use ports::{BlobError, BlobStore, ByteStream, Change, Cursor, Feed, FeedError, Gather, Gathered, OpenError, Page};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// What the system does when a file is asked for.
enum Answer {
    /// All bytes from there on, and then the end.
    All,
    /// So many bytes, then the connection breaks.
    Cut(usize),
    /// So many bytes, then nothing for ever.
    Stuck(usize),
    /// All bytes, the first of them after so long.
    Late(Duration),
    Gone,
    Away,
}

struct FakeFeed {
    system: SystemId,
    bytes: Vec<u8>,
    answers: VecDeque<Answer>,
    asked: Vec<u64>,
}

impl Feed for FakeFeed {
    type Event = PartnerEvent;
    fn system(&self) -> &SystemId {
        &self.system
    }
    async fn begin(&mut self) -> Result<Cursor, FeedError> {
        Ok(Cursor::default())
    }
    async fn fetch(&mut self, from: &Cursor) -> Result<Page<PartnerEvent>, FeedError> {
        Ok(Page { changes: Vec::new(), next: from.clone(), more: false })
    }
    async fn reread(&mut self, _: &NativeId, _: &str) -> Result<Option<Change<PartnerEvent>>, FeedError> {
        Ok(None)
    }
    async fn open(&mut self, _: &FileClaim<()>, from: u64) -> Result<ByteStream, OpenError> {
        self.asked.push(from);
        let rest = Bytes::copy_from_slice(&self.bytes[from as usize..]);
        let piece = |end: usize| rest.slice(..end.min(rest.len()));
        let cut = || Err(BlobError::Cut { reason: "test".to_owned() });
        Ok(match self.answers.pop_front().unwrap_or(Answer::All) {
            Answer::All => futures::stream::iter([Ok(rest.clone())]).boxed(),
            Answer::Cut(after) => futures::stream::iter([Ok(piece(after)), cut()]).boxed(),
            Answer::Stuck(after) => futures::stream::iter([Ok(piece(after))]).chain(futures::stream::pending()).boxed(),
            Answer::Late(time) => {
                tokio::time::sleep(time).await;
                futures::stream::iter([Ok(rest.clone())]).boxed()
            }
            Answer::Gone => return Err(OpenError::Gone),
            Answer::Away => {
                return Err(OpenError::Unavailable { reason: "test".to_owned(), retry_after: None });
            }
        })
    }
}

struct World {
    _dir: tempfile::TempDir,
    store: Arc<dyn BlobStore>,
    taker: Taker,
    feed: FakeFeed,
}

fn world(answers: impl IntoIterator<Item = Answer>) -> World {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("dir = \"{}\"\n[limits]\nmax_file_mb = 1\nblocked_endings = [\"exe\"]", dir.path().display());
    let ready = toml::from_str::<Config>(&text).unwrap().check("blobs", false).unwrap();
    let system = SystemId::new("tg").unwrap();
    let taker = Taker::new(system.clone(), Some(ready.store.clone()), ready.limits);
    let bytes = (0..=255u8).cycle().take(900_000).collect();
    let feed = FakeFeed { system, bytes, answers: answers.into_iter().collect(), asked: Vec::new() };
    World { _dir: dir, store: ready.store, taker, feed }
}

fn event(files: Vec<FileClaim>) -> PartnerEvent {
    PartnerEvent::Issue(Issue::CommentAdded(CommentAdded {
        note_id: "n1".to_owned(),
        author: String::new(),
        text: String::new(),
        format: String::new(),
        case_status: String::new(),
        files,
    }))
}

fn named(name: &str, size: i64) -> FileClaim {
    FileClaim::named(format!("id of {name}"), name.to_owned(), "application/pdf", size)
}

fn files(event: &PartnerEvent) -> &[FileClaim] {
    let PartnerEvent::Issue(Issue::CommentAdded(comment)) = event else { panic!("another event") };
    &comment.files
}

impl World {
    /// Rounds until every file is settled, as ingest makes them.
    async fn settled(&mut self, event: &mut PartnerEvent) -> usize {
        for round in 1..100 {
            match self.taker.gather(&mut self.feed, event).await {
                Gathered::Whole => return round,
                Gathered::Going => {}
                Gathered::Later => tokio::time::advance(Duration::from_secs(2)).await,
            }
        }
        panic!("not settled after 100 rounds: {event:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_download_goes_on_where_it_was_cut() {
    let mut world = world([Answer::Cut(400_000), Answer::Cut(100_000), Answer::All]);
    let mut event = event(vec![named("a.pdf", 900_000)]);
    world.settled(&mut event).await;
    assert_eq!(world.feed.asked, [0, 400_000, 500_000]);
    let file = &files(&event)[0];
    assert_eq!(file.sha256, domain::ContentHash::of_bytes(&world.feed.bytes).as_str());
    assert_eq!((file.size, file.withheld.as_str()), (900_000, ""));
}

#[tokio::test(start_paused = true)]
async fn a_stuck_download_gives_the_others_their_turn_after_seconds() {
    let mut world = world([Answer::Stuck(10), Answer::All]);
    let mut event = event(vec![named("a.pdf", 900_000)]);
    let began = tokio::time::Instant::now();
    assert_eq!(world.taker.gather(&mut world.feed, &mut event).await, Gathered::Going);
    assert!(began.elapsed() <= Duration::from_secs(6), "{:?}", began.elapsed());
    world.settled(&mut event).await;
    assert_eq!(world.feed.asked, [0, 10]);
}

#[tokio::test(start_paused = true)]
async fn a_system_that_takes_longer_than_a_turn_to_begin_is_given_longer_turns() {
    let mut world = world((0..10).map(|_| Answer::Late(Duration::from_secs(25))));
    let mut event = event(vec![named("a.pdf", 900_000)]);
    world.settled(&mut event).await;
    // 5, 10 and 20 seconds were too short.
    assert_eq!((files(&event)[0].withheld.as_str(), world.feed.asked.len()), ("", 4));
}

#[tokio::test(start_paused = true)]
async fn the_same_file_and_the_same_bytes_are_not_fetched_again() {
    let mut world = world([]);
    let mut first = event(vec![named("a.pdf", 900_000)]);
    world.settled(&mut first).await;
    // The event was read again after a restart.
    let mut again = event(vec![named("a.pdf", 900_000)]);
    world.settled(&mut again).await;
    assert_eq!(first, again);
    // Another file, of which its system tells the hash of bytes that are there.
    let told = FileClaim { sha256: files(&first)[0].sha256.clone(), ..named("copy.pdf", 900_000) };
    let mut copy = event(vec![told]);
    world.settled(&mut copy).await;
    assert_eq!(world.feed.asked, [0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_empty_blocked_or_gone_is_withheld_without_its_bytes() {
    let mut world = world([Answer::Gone]);
    let all = vec![
        named("big.pdf", 1_000_001),
        named("empty.pdf", 0),
        named("a.EXE", 5),
        named("", 5),
        named("gone.pdf", 5),
        named("whole.pdf", -1),
    ];
    let mut event = event(all);
    world.settled(&mut event).await;
    let said: Vec<_> = files(&event).iter().map(|file| (file.withheld.as_str(), file.limit)).collect();
    assert_eq!(
        said,
        [
            (withheld::OVERSIZE, 1_000_000),
            (withheld::EMPTY, 0),
            (withheld::TYPE_BLOCKED, 0),
            (withheld::BAD_NAME, 0),
            (withheld::GONE, 0),
            ("", 0)
        ]
    );
    // Asked for were only the two that might cross.
    assert_eq!(world.feed.asked, [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn the_bytes_of_a_document_that_stays_where_it_is_are_never_asked_for() {
    let document = |list: &str, code: &str| {
        PartnerEvent::Document(domain::document::PartnerEvent::VersionAdded(domain::document::VersionAdded {
            type_list: list.to_owned(),
            type_code: code.to_owned(),
            file: FileClaim { sha256: "a".repeat(64), ..named("form.pdf", 900_000) },
            ..domain::document::VersionAdded::default()
        }))
    };
    let mut world = world([]);
    for (list, code) in [("OWN", "W9"), ("OWN", "W8BENE"), (" OWN", "BANK_FORM ")] {
        let mut event = document(list, code);
        assert_eq!(world.settled(&mut event).await, 1);
        let mut said = Vec::new();
        event.each_file(&mut |file| said.push(file.bare()));
        assert_eq!(
            (said[0].withheld.as_str(), said[0].sha256.as_str()),
            (withheld::RESTRICTED, "a".repeat(64).as_str())
        );
    }
    assert!(world.feed.asked.is_empty());
    // Another list's code of that name is another type.
    let _ = world.taker.gather(&mut world.feed, &mut document("UNTDID-1001", "W9")).await;
    assert_eq!(world.feed.asked, [0]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_grows_beyond_the_limit_while_it_comes_is_withheld() {
    let mut world = world([]);
    world.feed.bytes = vec![1; 1_500_000];
    let mut event = event(vec![named("liar.pdf", -1)]);
    world.settled(&mut event).await;
    assert_eq!(files(&event)[0].withheld, withheld::OVERSIZE);
}

#[tokio::test(start_paused = true)]
async fn other_bytes_than_were_told_are_asked_for_three_times_and_then_withheld() {
    let mut world = world([]);
    let mut event = event(vec![FileClaim { sha256: "a".repeat(64), ..named("a.pdf", 900_000) }]);
    world.settled(&mut event).await;
    assert_eq!((files(&event)[0].withheld.as_str(), world.feed.asked.len()), (withheld::CORRUPT, 3));
}

#[tokio::test(start_paused = true)]
async fn a_system_that_does_not_give_a_file_for_a_day_withholds_it() {
    let mut world = world((0..10_000).map(|_| Answer::Away));
    let mut event = event(vec![named("a.pdf", 5)]);
    for _ in 0..2_000 {
        if world.taker.gather(&mut world.feed, &mut event).await == Gathered::Whole {
            break;
        }
        tokio::time::advance(Duration::from_secs(60)).await;
    }
    assert_eq!(files(&event)[0].withheld, withheld::UNAVAILABLE);
    assert!(world.feed.asked.len() < 400, "{} attempts", world.feed.asked.len());
}

#[tokio::test(start_paused = true)]
async fn without_a_store_every_file_is_withheld_and_nothing_waits() {
    let mut world = world([]);
    let mut taker = Taker::new(SystemId::new("tg").unwrap(), None, blobs::config::Limits::default());
    let mut event = event(vec![named("a.pdf", 5)]);
    assert_eq!(taker.gather(&mut world.feed, &mut event).await, Gathered::Whole);
    assert_eq!(files(&event)[0].withheld, withheld::NO_STORE);
    assert!(world.store.known("tg", "id of a.pdf").await.unwrap().is_none());
}
