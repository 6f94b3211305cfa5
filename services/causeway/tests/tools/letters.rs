use super::servers::{Servers, meta, outcome};
use domain::issue::{AddInternalNote, InternalCommand as IC};
use domain::outcome::{Intent, Refused};
use domain::{Cause, Command, CommandRef, Envelope, InternalCommand, Outcome, Timestamp};
use rdkafka::message::OwnedHeaders;
use runtime::record::{Output, with_headers};
use std::collections::BTreeMap;

const LETTERS: usize = 10_000;
const SUBJECTS: usize = 250;
/// All letters together are ten times what the tool may take beside its own size.
const BYTES: usize = 32 << 10;
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn held(n: usize, redrives: u32) -> Output {
    let subject = format!("case/tg/{}", n % SUBJECTS);
    let partition = runtime::partitioner::partition_of(subject.as_bytes(), 12);
    let first = Cause { topic: "partner.events".to_owned(), partition, offset: n as i64 };
    let mut headers = vec![
        ("ce_type", "partner.issue.opened".to_owned()),
        ("traceparent", TRACE.to_owned()),
        ("causeway_dead_letter_class", "HOLD".to_owned()),
        ("causeway_dead_letter_reason", format!("unknown-status: s{}", n % 7)),
        ("causeway_dead_letter_service", "transform-partner".to_owned()),
        ("causeway_first_cause", runtime::record::cause_text(&first)),
    ];
    if redrives > 0 {
        headers.push(("causeway_redrives", redrives.to_string()));
    }
    let headers = with_headers(OwnedHeaders::new(), headers);
    let mut payload = (n as u64).to_be_bytes().to_vec();
    payload.resize(BYTES, b'x');
    Output { topic: "partner.events.dead-letters", key: subject.into_bytes(), payload, headers }
}

#[test]
fn ten_thousand_letters_go_back_in_one_act_in_their_order_with_bounded_memory() {
    let servers = Servers::start();
    // The later half lies first, as letters do that were sent back once and came again.
    let order: Vec<usize> = (LETTERS / 2..LETTERS).chain(0..LETTERS / 2).collect();
    for chunk in order.chunks(500) {
        servers.produce(chunk.iter().map(|n| held(*n, 0)).collect());
    }
    servers.produce(vec![held(LETTERS, 10)]);

    let listed = servers.said(&["dlq", "list"]);
    assert!(listed.contains("10001 open"), "{listed}");
    let group = listed.lines().find(|line| line.contains("unknown-status")).unwrap();
    assert!(group.split_whitespace().take(4).eq(["10001", "250", "HOLD", "partner.events"]), "{group}");
    assert_eq!(servers.said(&["dlq", "list", "--each", "--subject", "case/tg/3"]).lines().count(), 41);
    let none = servers.said(&["dlq", "list", "--older-than", "1h"]);
    assert_eq!(none.trim(), "0 open");

    let dry = servers.said(&["dlq", "redrive", "--class", "HOLD", "--dry-run", "--reason", "s3"]);
    assert!(dry.contains(" would be sent, 0 left"), "{dry}");
    assert!(servers.read("partner.events").is_empty());

    let began = std::time::Instant::now();
    let done = servers.tool(&["dlq", "redrive", "--class", "HOLD"]);
    assert!(done.success && done.out.contains("10000 sent back, 1 left"), "{}{}", done.out, done.err);
    assert!(done.out.contains("left: came back too often: "), "{}", done.out);
    println!("{LETTERS} letters of {BYTES} bytes in {:?}, peak {} MiB", began.elapsed(), done.peak_mib);
    // The clients' limit of 64 MiB, the letters' headers, and what the allocator keeps of each; the letters are 312 MiB.
    assert!(done.peak_mib > 0 && done.peak_mib < 200, "peak {} MiB", done.peak_mib);

    let back = servers.read("partner.events");
    assert_eq!(back.len(), LETTERS);
    let mut last: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    for record in &back {
        let n = u64::from_be_bytes(record.payload[..8].try_into().unwrap());
        assert_eq!(record.key, format!("case/tg/{}", n as usize % SUBJECTS).into_bytes());
        let before = last.insert(record.key.clone(), n);
        assert!(before.is_none_or(|before| before < n), "{before:?} before {n}: the order of first causes");
        assert_eq!((record.header("traceparent"), record.header("causeway_redrives")), (Some(TRACE), Some("1")));
        assert!(record.header("causeway_dead_letter_class").is_none() && record.payload.len() == BYTES);
    }
    assert!(servers.said(&["dlq", "list"]).contains("1 open"));
    assert!(servers.said(&["dlq", "redrive", "--class", "HOLD"]).contains("0 sent back, 1 left"));
    assert_eq!(servers.read("partner.events").len(), LETTERS, "nothing twice");
}

fn command(n: u32) -> Envelope<InternalCommand> {
    let mut meta = meta(n, "case/tg/C-1", "internal.issue.add-internal-note");
    meta.cause = Some(Cause { topic: "partner.events".to_owned(), partition: 3, offset: 7 });
    meta.mapping_version = 1;
    let note = AddInternalNote { text: "not for partners".to_owned() };
    Envelope { meta, payload: InternalCommand::Issue(IC::AddInternalNote(note)) }
}

#[test]
fn a_refused_command_is_shown_whole_and_goes_back_with_the_next_attempt() {
    let servers = Servers::start();
    let refused = command(1);
    let reference = CommandRef {
        id: refused.meta.id,
        kind: refused.meta.kind.clone(),
        hash: refused.payload.content_hash(),
        offset: 0,
    };
    let intent = Intent {
        command: reference.clone(),
        owner: "owner-1".to_owned(),
        attempt: 3,
        not_after: Timestamp(1_700_000_010_000),
        marker: refused.meta.id.to_string(),
        fields: Vec::new(),
        native_id: "42".to_owned(),
    };
    let refusal =
        Refused { command: reference, reason: "status 422".to_owned(), detail: "the queue is closed".to_owned() };
    let why = [
        ("traceparent", TRACE.to_owned()),
        ("x-api-token", "hunter2".to_owned()),
        ("causeway_dead_letter_class", "REFUSED".to_owned()),
        ("causeway_dead_letter_reason", "status 422".to_owned()),
        ("causeway_dead_letter_service", "sink-internal".to_owned()),
        ("causeway_first_cause", "partner.events/3/7".to_owned()),
    ];
    servers.produce(vec![
        servers.output("internal.outcomes", &outcome(2, &refused.meta, Outcome::Intent(intent)), &[]),
        servers.output("internal.outcomes", &outcome(3, &refused.meta, Outcome::Refused(refusal)), &[]),
        Output { topic: "internal.commands.dead-letters", ..servers.output("internal.commands", &refused, &why) },
    ]);

    let listed = servers.said(&["dlq", "list", "--each", "--partner", "ACME"]);
    let place = listed.split_whitespace().next().unwrap().to_owned();
    assert!(place.starts_with("internal.commands.dead-letters/"), "{listed}");
    assert_eq!(servers.said(&["dlq", "list", "--partner", "GLOBEX"]).trim(), "0 open");

    let shown = servers.said(&["dlq", "show", &place]);
    for part in [
        "state    open",
        "causeway.internal.commands.issue.AddInternalNote (visibility HOST)",
        "\"audience\": \"HOST\"",
        "\"text\": \"not for partners\"",
        "x-api-token: <not shown>",
        "intent       attempt 3",
        "refused      status 422 (the queue is closed)",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains("hunter2"));

    let left = servers.said(&["dlq", "redrive"]);
    assert!(left.contains("left: refused: say --class REFUSED") && left.contains("0 sent back, 1 left"), "{left}");
    let sent = servers.said(&["dlq", "redrive", "--class", "REFUSED", "--by", "ann"]);
    assert!(sent.contains("1 sent back, 0 left"), "{sent}");
    let back = servers.read("internal.commands");
    assert_eq!(back.len(), 1);
    assert_eq!(back[0].header("traceparent"), Some(TRACE));
    let mut again: Envelope<InternalCommand> = servers.decode(&back[0]);
    assert_eq!(again.meta.ext.remove("redrive").as_deref(), Some("4"));
    assert_eq!(again.meta.ext.remove("redriven_by").as_deref(), Some("ann"));
    assert_eq!(again, refused, "its content, id and first cause");
    assert!(servers.said(&["dlq", "show", &place]).contains("state    sent back at 20"));
    assert!(!servers.tool(&["dlq", "show", "partner.events/0/0"]).success);
}
