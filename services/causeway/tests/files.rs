//! Files between running roles: the embedded broker, both simulated systems and the six roles, each a process of its own.
//!
//! `FILES_MIB`: size of the large files, 64 when it is not set; 256 is what is promised.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "files/bytes.rs"]
mod bytes;
#[path = "files/clamd.rs"]
mod clamd;
#[path = "files/config.rs"]
mod config;
#[path = "files/people.rs"]
mod people;
#[path = "files/stack.rs"]
mod stack;
#[path = "files/wire.rs"]
mod wire;

use bytes::Paper;
use people::Person;
use stack::Stack;
use std::time::Instant;
use wire::{Way, What};

const MIB: u64 = 1 << 20;
/// What may be sent in vain when a connection ends: buffers of both ends of it, and of the wire between them.
const SLACK: u64 = 8 * MIB;
/// In KiB.
const MEMORY: u64 = 128 * 1024;

/// One way that files take: who shares, who receives, and the roles between them.
struct Course {
    name: &'static str,
    ingest: &'static str,
    sink: &'static str,
    from: Person,
    to: Person,
    /// What the case is called on either side.
    here: String,
    there: String,
    /// Its papers have bytes of their own.
    seed: u64,
}

async fn both_ways(stack: &Stack) -> [Course; 2] {
    let (partner, agent) = (Person::partner(stack), Person::agent(stack));
    let case = partner.opens("files").await;
    let ticket = agent.ticket(&format!("case/tg/{case}")).await;
    [
        Course {
            name: "in",
            ingest: "ingest-partner",
            sink: "sink-internal",
            from: Person::partner(stack),
            to: agent,
            here: case.clone(),
            there: ticket.clone(),
            seed: 100,
        },
        Course {
            name: "out",
            ingest: "ingest-internal",
            sink: "sink-partner",
            from: Person::agent(stack),
            to: partner,
            here: ticket,
            there: case,
            seed: 200,
        },
    ]
}

impl Course {
    fn paper(&self, what: &str, size: u64, seed: u64) -> Paper {
        Paper::new(&format!("{what} {}.bin", self.name), size, self.seed + seed)
    }

    async fn crosses(&self, paper: &Paper) {
        self.from.says(&self.here, &format!("with {}", paper.name), &[paper]).await;
        self.to.receives(&self.there, paper).await;
    }
}

/// One installation at a time: each is nine processes.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// One installation for all of it: to start one takes longer than most of what is tried here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_told_and_what_is_cut_or_killed_crosses_once() {
    let _alone = ALONE.lock().await;
    let began = Instant::now();
    let mut stack = Stack::start(None).await;
    let courses = both_ways(&stack).await;
    let told = |what: &str| println!("{:.1} s: {what}", began.elapsed().as_secs_f64());
    told("up");
    for course in &courses {
        above_the_limit_it_is_refused_and_both_sides_read_why(course).await;
        told("above the limit");
    }
    the_bytes_of_a_tax_form_stay_where_they_are(&stack, &courses[0]).await;
    told("a tax form");
    for course in &courses {
        a_cut_costs_only_what_was_under_way(&stack, course).await;
        told("cut");
        a_kill_makes_no_second_file(&mut stack, course).await;
        told("killed");
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_files_cross_both_ways_in_little_memory_and_the_same_bytes_once() {
    let _alone = ALONE.lock().await;
    let stack = Stack::start(Some(5_000)).await;
    let courses = both_ways(&stack).await;
    large(&stack, [&courses[0], &courses[1]]).await;
    stack.stop().await;
}

async fn above_the_limit_it_is_refused_and_both_sides_read_why(course: &Course) {
    let paper = course.paper("too large", 101_000_000, 1);
    course.from.says(&course.here, "see the file", &[&paper]).await;
    let line = format!("{} (101 MB) could not be transferred: larger than 100 MB", paper.name);
    assert_eq!(course.to.sees(&course.there, &line).await, format!("see the file\n\n{line}"));
    let told = course.from.sees(&course.here, &line).await;
    assert!(!told.contains("see the file"), "{told}");
    assert_eq!(course.to.files(&course.there, &paper.name).await.len(), 0);
}

async fn the_bytes_of_a_tax_form_stay_where_they_are(stack: &Stack, inward: &Course) {
    let (form, photo) = (inward.paper("form", 2 * MIB, 11), inward.paper("photo", 2 * MIB, 13));
    let before = stack.wire(inward.ingest).count(Way::Down);
    let tax_form = inward.from.shares("W9", &form).await;
    let ticket = inward.to.ticket(&format!("document/tg/{tax_form}")).await;
    inward.to.sees(&ticket, "Version 1: restricted").await;
    assert!(stack.wire(inward.ingest).count(Way::Down) - before < MIB, "its bytes were asked for");
    // What stays is the form, and not every document.
    let document = inward.from.shares("PHOTO", &photo).await;
    let ticket = inward.to.ticket(&format!("document/tg/{document}")).await;
    inward.to.receives(&ticket, &photo).await;
    let there = stack.lie("blobs/bytes");
    assert!(there.contains(&photo.sha256) && !there.contains(&form.sha256), "{there:?}");
    assert_eq!(stack.lie("case-system/files").iter().filter(|file| **file == form.sha256).count(), 0);
}

/// Ingest knows no bundle: what it leaves is written down twice.
#[test]
fn the_documents_that_ingest_leaves_are_those_that_the_starter_bundle_calls_restricted() {
    let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let types = std::fs::read_to_string(project.join("deploy/bundles/rt/document/types.csv")).unwrap();
    let restricted = types.lines().filter_map(|line| line.strip_suffix(",true"));
    let mut restricted: Vec<_> =
        restricted.map(|line| line.splitn(3, ',').take(2).collect::<Vec<_>>().join(" ")).collect();
    let shipped = std::fs::read_to_string(project.join("deploy/config/ingest-partner.toml")).unwrap();
    let shipped: toml::Table = toml::from_str(&shipped).unwrap();
    let left = shipped["blobs"]["limits"]["left_document_types"].as_array().unwrap();
    let mut left: Vec<_> = left.iter().map(|kind| kind.as_str().unwrap().to_owned()).collect();
    restricted.sort_unstable();
    left.sort_unstable();
    assert!(!left.is_empty());
    assert_eq!(left, restricted);
}

async fn a_cut_costs_only_what_was_under_way(stack: &Stack, course: &Course) {
    let paper = course.paper("cut", 24 * MIB, 3);
    let (taken, given) = (stack.wire(course.ingest), stack.wire(course.sink));
    let before = (taken.count(Way::Down), given.count(Way::Up));
    taken.plan(Way::Down, 12 * MIB, What::Break);
    given.plan(Way::Up, 12 * MIB, What::Break);
    course.crosses(&paper).await;
    taken.reached().await;
    given.reached().await;
    for (what, bytes) in [("taken", taken.count(Way::Down) - before.0), ("given", given.count(Way::Up) - before.1)] {
        println!("    {} bytes {what} for {}", bytes, paper.size);
        assert!((paper.size..paper.size + SLACK).contains(&bytes), "{bytes} bytes {what} for {}", paper.size);
    }
}

async fn a_kill_makes_no_second_file(stack: &mut Stack, course: &Course) {
    let paper = course.paper("killed", 24 * MIB, 5);
    let before = stack.wire(course.sink).count(Way::Up);
    stack.wire(course.ingest).plan(Way::Down, 12 * MIB, What::Silence);
    stack.wire(course.sink).plan(Way::Up, 12 * MIB, What::Silence);
    course.from.says(&course.here, "in spite of a kill", &[&paper]).await;
    for role in [course.ingest, course.sink] {
        stack.wire(role).reached().await;
        stack.kill_and_start(role).await;
    }
    course.to.receives(&course.there, &paper).await;
    // Something behind it has crossed too, and then: once there, and once in the store.
    course.crosses(&course.paper("behind", 1_000, 7)).await;
    assert_eq!(course.to.files(&course.there, &paper.name).await.len(), 1);
    assert_eq!(stack.lie("blobs/bytes").iter().filter(|blob| **blob == paper.sha256).count(), 1);
    let given = stack.wire(course.sink).count(Way::Up) - before;
    println!("    {given} bytes given for {}", paper.size);
    assert!(given < paper.size + SLACK, "{given} bytes given for {}", paper.size);
}

async fn large(stack: &Stack, courses: [&Course; 2]) {
    let mib = std::env::var("FILES_MIB").ok().and_then(|mib| mib.parse().ok()).unwrap_or(64);
    let large = courses.map(|course| course.paper("large", mib * MIB, 9));
    let began = Instant::now();
    tokio::join!(courses[0].crosses(&large[0]), courses[1].crosses(&large[1]));
    println!("    {mib} MiB both ways at once in {:.1} s", began.elapsed().as_secs_f64());
    for (role, kib) in stack.peaks() {
        println!("    {role}: at most {:.1} MiB", kib as f64 / 1024.0);
        assert!(kib < MEMORY, "{role} took {kib} KiB");
    }
    for (course, large) in courses.into_iter().zip(&large) {
        let counts = || (stack.wire(course.ingest).count(Way::Down), stack.wire(course.sink).count(Way::Up));
        let before = counts();
        course.crosses(&large.called(&format!("again {}.bin", course.name))).await;
        let after = counts();
        assert!(after.0 - before.0 < MIB && after.1 - before.1 < MIB, "{before:?} to {after:?}");
        assert_eq!(stack.lie("blobs/bytes").iter().filter(|blob| **blob == large.sha256).count(), 1);
    }
}
