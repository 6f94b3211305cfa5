use super::servers::{Servers, meta, outcome};
use domain::issue::{AddPublicComment, InternalCommand as IC, Opened, PartnerEvent as PE};
use domain::outcome::Done;
use domain::{
    Cause, Command, CommandRef, Envelope, Fact, InternalCommand, Marked, Meta, Outcome, PartnerEvent, Visibility,
};
use mapping::Bundle;
use rdkafka::consumer::{BaseConsumer, Consumer};
use runtime::reset::{self, Positions};
use runtime::{Shutdown, client};
use std::path::{Path, PathBuf};

const ROLE: &str = "transform-partner";

/// The starter bundle, with edits.
fn bundle(servers: &Servers, name: &str, edits: &[(&str, &str, &str)]) -> PathBuf {
    let folder = servers.folder.path().join(name);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/bundles/rt"), &folder);
    for (file, before, after) in edits {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "{file} has {before:?}");
        std::fs::write(path, text.replacen(before, after, 1)).unwrap();
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn candidate(servers: &Servers) -> PathBuf {
    bundle(
        servers,
        "candidate",
        &[
            ("bundle.toml", "version = 1\n", "version = 2\n"),
            ("bundle.toml", "[layer.partner.GLOBEX.share]\nreference = false\n", ""),
            ("codes/severity.csv", "MAJOR,major", "MAJOR,urgent"),
            ("codes/sub_category.csv", "INVOICE,PRICE,-\n", "INVOICE,PRICE,-\nINVOICE,FREIGHT,-\n"),
            ("intake.csv", "OTHER,GLOBEX,hold\n", "OTHER,GLOBEX,hold\nACCESS,ACME,hold\n"),
        ],
    )
}

fn opened(n: u32, partner: &str, category: &str, sub_category: &str) -> Envelope<PartnerEvent> {
    let mut meta = meta(n, &format!("case/tg/C-{n}"), "partner.issue.opened");
    meta.partner_id = Some(domain::PartnerId::new(partner).unwrap());
    let opened: Opened = serde_json::from_value(serde_json::json!({
        "title": "Late", "description": "It is late", "severity": "MAJOR", "category": category,
        "sub_category": sub_category,
    }))
    .unwrap();
    Envelope { meta, payload: PartnerEvent::Issue(PE::Opened(Box::new(opened))) }
}

fn created(n: u32, of: &Meta, command: &Envelope<InternalCommand>) -> Envelope<Outcome> {
    let reference = CommandRef {
        id: command.meta.id,
        kind: command.meta.kind.clone(),
        hash: command.payload.content_hash(),
        offset: 0,
    };
    let done = Done {
        command: reference,
        native_id: "42".to_owned(),
        reference: Marked::new("42".to_owned(), Visibility::Host),
        effects: Vec::new(),
        fields: Vec::new(),
        version: String::new(),
        created: true,
    };
    let mut outcome = outcome(n, of, Outcome::Done(done));
    outcome.meta.cause = Some(Cause { topic: "partner.events".to_owned(), partition: 0, offset: 0 });
    outcome
}

/// Four cases, their commands under the bundle in use, and two outcomes; the transformer has read it all.
fn history(servers: &Servers, used: &Bundle) {
    let cases = [
        opened(1, "ACME", "INVOICE", "PRICE"),
        opened(2, "ACME", "INVOICE", "FREIGHT"),
        opened(3, "ACME", "ACCESS", ""),
        opened(4, "GLOBEX", "INVOICE", "PRICE"),
    ];
    servers.produce(cases.iter().map(|case| servers.output("partner.events", case, &[])).collect());
    let mut records = Vec::new();
    for record in servers.read("partner.events") {
        let event: Envelope<PartnerEvent> = servers.decode(&record);
        let cause = Cause { topic: record.topic.clone(), partition: record.partition, offset: record.offset };
        let of = event.meta.clone();
        let mapped = mapping::to_internal(used, &Fact::event(event), &cause);
        for command in &mapped.commands {
            records.push(servers.output("internal.commands", command, &[]));
            if ["case/tg/C-1", "case/tg/C-4"].contains(&of.subject.as_str()) {
                let n = 50 + u32::from(of.subject.as_str().ends_with('4'));
                records.push(servers.output("internal.outcomes", &created(n, &of, command), &[]));
            }
        }
    }
    assert_eq!(records.len(), 5, "three creates and two outcomes; one is held");
    servers.produce(records);
    let mut read = reset::positions(&servers.kafka, ROLE).unwrap();
    for record in servers.read("partner.events") {
        let at = read.offsets.get_mut("partner.events").unwrap().get_mut(&record.partition).unwrap();
        *at = (*at).max(record.offset + 1);
    }
    reset::put(&servers.kafka, &read).unwrap();
}

fn enter(servers: &Servers, folder: &Path) -> Bundle {
    let bundle = Bundle::load(folder).unwrap();
    let enter = || runtime::bundles::enter(&servers.kafka, &servers.codec, ROLE, &bundle.record(), &Shutdown::new());
    servers.within(enter).unwrap();
    bundle
}

#[test]
fn a_plan_tells_what_a_candidate_would_change_and_writes_nothing() {
    let servers = Servers::start();
    let used = enter(&servers, &bundle(&servers, "used", &[]));
    history(&servers, &used);
    let before = servers.read("internal.commands").len();
    let folder = candidate(&servers);
    let folder = folder.to_string_lossy();
    let said = servers.said(&["replay", "plan", "--candidate", &folder]);
    for line in [
        "link rt: version 1 in use, candidate version 2",
        "        2  changed       internal.issue.create-case  fields.TG Severity",
        "        1  added         internal.issue.create-case",
        "        1  gone          internal.issue.create-case",
        "        1  new hold      intake",
        "        1  no more held  unknown-sub-category",
        "        1  widened       partner.issue.acknowledge-case  reference",
        "audience widened: internal -> partner: done.reference -> acknowledge-case.reference",
        "nothing was written",
    ] {
        assert!(said.contains(line), "{line:?} in {said}");
    }
    let widened: Vec<&str> = said.lines().filter(|line| line.starts_with("audience widened")).collect();
    // One a use case.
    assert!(widened.len() == 2 && widened.iter().all(|line| line.ends_with(" for GLOBEX")), "{said}");
    let words = |said: &str, name: &str| {
        let line = said.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    // Facts, unchanged, added, changed, gone, new holds, no more held, widened.
    assert_eq!(words(&said, "ACME"), "ACME 4 1 1 1 1 1 1 0", "{said}");
    assert_eq!(words(&said, "GLOBEX"), "GLOBEX 2 0 0 2 0 0 0 1", "{said}");
    assert_eq!(words(&said, "total"), "total 6 1 1 3 1 1 1 1", "{said}");

    let narrow = servers.said(&[
        "replay",
        "plan",
        "--candidate",
        &folder,
        "--subject",
        "case/tg/C-1",
        "--side",
        "partner",
        "--each",
    ]);
    assert_eq!(words(&narrow, "total"), "total 1 0 0 1 0 0 0 0", "{narrow}");
    assert!(
        narrow.lines().any(|line| line.contains("case/tg/C-1  ACME  changed  internal.issue.create-case")),
        "{narrow}"
    );
    let none = servers.said(&["replay", "plan", "--candidate", &folder, "--partner", "GLOBEX", "--to", "1h"]);
    assert_eq!(words(&none, "total"), "total 0 0 0 0 0 0 0 0", "{none}");
    assert_eq!(servers.read("internal.commands").len(), before);
}

#[test]
fn a_group_is_set_back_only_when_empty_and_can_be_put_where_it_was() {
    let servers = Servers::start();
    let used = enter(&servers, &bundle(&servers, "used", &[]));
    history(&servers, &used);
    let old = reset::positions(&servers.kafka, ROLE).unwrap();
    let new = candidate(&servers);
    let file = servers.folder.path().join("saved.json").to_string_lossy().into_owned();
    let bundle = new.to_string_lossy().into_owned();
    let run = |timeout: &str| {
        servers.tool(&[
            "replay",
            "run",
            "--role",
            ROLE,
            "--bundle",
            &bundle,
            "--save",
            &file,
            "--timeout",
            timeout,
            "--yes",
        ])
    };
    let member: BaseConsumer = client::group_consumer(&servers.kafka, ROLE).create().unwrap();
    member.subscribe(&["partner.events"]).unwrap();
    while member.assignment().unwrap().count() == 0 {
        let _ = member.poll(std::time::Duration::from_millis(50));
    }
    let refused = run("0s");
    assert!(
        !refused.success && refused.err.contains("and not empty: stop every process of the role"),
        "{}",
        refused.err
    );
    assert_eq!(reset::positions(&servers.kafka, ROLE).unwrap(), old);
    drop(member);

    let done = run("60s");
    assert!(done.success, "{}{}", done.out, done.err);
    for line in ["4 offsets are read again", "1 commands are no longer made", "stands back, ", "replay restore"] {
        assert!(done.out.contains(line), "{line} in {}", done.out);
    }
    let lost = done.out.lines().find(|line| line.starts_with("no longer made: ")).unwrap();
    assert!(lost.contains("internal.issue.create-case  case/tg/C-3  ACME  no outcome"), "{lost}");
    let saved: Positions = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(saved, old);
    let stands = reset::positions(&servers.kafka, ROLE).unwrap();
    assert!(stands.offsets["partner.events"].values().all(|offset| *offset == 0), "{stands:?}");

    assert!(
        servers.said(&["replay", "run", "--group", "causeway.transform-partner", "--yes"]).contains("nothing to do")
    );
    servers.said(&["replay", "restore", &file, "--yes"]);
    assert_eq!(reset::positions(&servers.kafka, ROLE).unwrap(), old);
}

#[test]
fn one_subject_is_mapped_again_beside_the_role_and_what_was_left_alone_is_revised_on_a_persons_word() {
    let servers = Servers::start();
    let used = enter(&servers, &bundle(&servers, "used", &[]));
    history(&servers, &used);
    let folder = candidate(&servers).to_string_lossy().into_owned();
    let subject = ["replay", "run", "--role", ROLE, "--subject", "case/tg/C-1"];
    let early = servers.tool(&[&subject[..], &["--bundle", &folder, "--yes"]].concat());
    assert!(!early.success && early.err.contains("not the one in use"), "{}", early.err);
    enter(&servers, Path::new(&folder));
    let said = servers.said(&[&subject[..], &["--yes"]].concat());
    assert!(said.contains("1 facts make 1 commands, 0 are held") && said.contains("1 commands written"), "{said}");
    let again: Vec<Envelope<InternalCommand>> =
        servers.read("internal.commands").iter().map(|record| servers.decode(record)).collect();
    let of_subject: Vec<_> = again.iter().filter(|c| c.meta.subject.as_str() == "case/tg/C-1").collect();
    assert_eq!((again.len(), of_subject.len()), (4, 2));
    assert_eq!(
        (of_subject[0].meta.id, of_subject[0].meta.cause.clone()),
        (of_subject[1].meta.id, of_subject[1].meta.cause.clone())
    );
    assert_eq!((of_subject[0].meta.mapping_version, of_subject[1].meta.mapping_version), (1, 2));

    // A text that was sent, and would be another one now.
    let comment = |text: &str, version| {
        let mut meta = meta(9, "case/tg/C-9", "internal.issue.add-public-comment");
        meta.mapping_version = version;
        let comment = AddPublicComment {
            author: "Pat".to_owned(),
            text: text.to_owned(),
            format: String::new(),
            files: Vec::new(),
        };
        Envelope { meta, payload: InternalCommand::Issue(IC::AddPublicComment(comment)) }
    };
    let (old, new) = (comment("helo", 1), comment("hello", 2));
    let mut done = created(60, &old.meta, &old);
    done.meta.mapping_version = 1;
    servers.produce(vec![
        servers.output("internal.commands", &old, &[("traceparent", "00-a-b-00".to_owned())]),
        servers.output("internal.outcomes", &done, &[]),
        servers.output("internal.commands", &new, &[("traceparent", "00-a-b-00".to_owned())]),
    ]);
    let revise = ["replay", "run", "--role", ROLE, "--revise"];
    assert!(servers.said(&[&revise[..], &["closed", "--dry-run"]].concat()).contains("0 commands were done"));
    let listed = servers.said(&[&revise[..], &["texts", "--dry-run"]].concat());
    assert!(listed.contains("1 commands were done") && listed.contains("add-public-comment  case/tg/C-9"), "{listed}");
    let count = servers.read("internal.commands").len();
    let said = servers.said(&[&revise[..], &["all", "--by", "ann", "--yes"]].concat());
    assert!(said.contains("1 commands written to internal.commands by ann"), "{said}");
    let log = servers.read("internal.commands");
    let last = log.iter().filter(|record| record.key == b"case/tg/C-9").max_by_key(|record| record.offset).unwrap();
    let mut revised: Envelope<InternalCommand> = servers.decode(last);
    assert_eq!((log.len(), last.header("traceparent")), (count + 1, Some("00-a-b-00")));
    assert_eq!(revised.meta.ext.remove("revise").as_deref(), Some("1"));
    assert_eq!(revised.meta.ext.remove("redriven_by").as_deref(), Some("ann"));
    assert_eq!(revised, new);
}
