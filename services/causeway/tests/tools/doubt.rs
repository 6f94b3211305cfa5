use super::servers::{Servers, meta, outcome};
use domain::issue::{AddInternalNote, InternalCommand as IC};
use domain::outcome::{Barrier, Doubt, Intent, Parked};
use domain::{Cause, Command, CommandRef, Envelope, InternalCommand, Outcome, Side, Timestamp};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const SUBJECT: &str = "case/tg/C-1";

fn note(n: u32) -> Envelope<InternalCommand> {
    let mut meta = meta(n, SUBJECT, "internal.issue.add-internal-note");
    meta.mapping_version = 3;
    meta.cause = Some(Cause { topic: "partner.events".to_owned(), partition: 3, offset: i64::from(n) });
    let note = AddInternalNote { text: format!("note {n}") };
    Envelope { meta, payload: InternalCommand::Issue(IC::AddInternalNote(note)) }
}

fn reference(command: &Envelope<InternalCommand>, offset: i64) -> CommandRef {
    let hash = command.payload.content_hash();
    CommandRef { id: command.meta.id, kind: command.meta.kind.clone(), hash, offset }
}

#[test]
fn what_stands_undecided_is_listed_and_a_person_settles_it_either_way() {
    let servers = Servers::start();
    let commands = [note(1), note(2), note(3)];
    let trace = [("traceparent", TRACE.to_owned())];
    servers.produce(commands.iter().map(|c| servers.output("internal.commands", c, &trace)).collect());
    let log = servers.read("internal.commands");
    let offsets: Vec<i64> = log.iter().map(|record| record.offset).collect();
    let intent = |n: usize| {
        Outcome::Intent(Intent {
            command: reference(&commands[n], offsets[n]),
            owner: "owner-1".to_owned(),
            attempt: 2,
            not_after: Timestamp(1_700_000_010_000),
            marker: commands[n].meta.id.to_string(),
            fields: Vec::new(),
            native_id: "42".to_owned(),
        })
    };
    let doubt = |n: usize| {
        let reason = "no answer in time".to_owned();
        Outcome::Doubt(Doubt { command: reference(&commands[n], offsets[n]), attempt: 2, reason })
    };
    let reason = "two texts bear the marker".to_owned();
    let first_failed_at = Timestamp(1_700_000_000_000);
    let parked = Parked { command: reference(&commands[2], offsets[2]), first_failed_at, attempts: 2, reason };
    let barrier = Outcome::Barrier(Barrier { owner: "owner-1".to_owned() });
    let history = [
        (0, barrier),
        (0, intent(0)),
        (1, intent(1)),
        (1, doubt(1)),
        (2, intent(2)),
        (2, doubt(2)),
        (2, Outcome::Parked(parked)),
    ];
    let outcomes = history.into_iter().enumerate().map(|(at, (n, payload))| {
        servers.output("internal.outcomes", &outcome(100 + at as u32, &commands[n].meta, payload), &[])
    });
    servers.produce(outcomes.collect());

    let listed = servers.said(&["doubt", "list"]);
    assert!(listed.contains("3 undecided"), "{listed}");
    for (n, word) in [(0, "overdue"), (1, "doubt"), (2, "parked")] {
        let line = listed.lines().find(|line| line.starts_with(&commands[n].meta.id.to_string())).unwrap();
        assert!(line.contains(word) && line.contains("may be applied") && line.contains("attempts=2"), "{line}");
        assert!(
            line.contains(SUBJECT) && line.contains("ACME") && !line.contains(&format!("note {}", n + 1)),
            "{line}"
        );
    }
    assert!(servers.said(&["doubt", "list", "--parked"]).contains("two texts bear the marker"));
    assert!(servers.said(&["doubt", "list", "--partner", "GLOBEX"]).contains("0 undecided"));

    let id = |n: usize| commands[n].meta.id.to_string();
    let unasked = servers.tool(&["doubt", "resolve", &id(2), "--not-applied", "--by", "ann"]);
    assert!(!unasked.success && unasked.err.contains("--yes"), "{}", unasked.err);
    let early = servers.tool(&["doubt", "resolve", &id(0), "--not-applied", "--by", "ann", "--yes"]);
    assert!(!early.success && early.err.contains("wait until it is parked"), "{}", early.err);
    assert_eq!(servers.read("internal.commands").len(), 3, "nothing was written");

    let again = servers.said(&["doubt", "resolve", &id(2), "--not-applied", "--by", "ann", "--yes"]);
    assert!(again.contains("asked for again as attempt 3 by ann"), "{again}");
    let log = servers.read("internal.commands");
    let mut asked: Envelope<InternalCommand> = servers.decode(log.last().unwrap());
    assert_eq!((log.len(), log.last().unwrap().header("traceparent")), (4, Some(TRACE)));
    assert_eq!(asked.meta.ext.remove("redrive").as_deref(), Some("3"));
    assert_eq!(asked.meta.ext.remove("redriven_by").as_deref(), Some("ann"));
    assert_eq!(asked, commands[2]);

    let arguments = ["doubt", "resolve", &id(1), "--applied", "42", "--by", "ann", "--reason", "seen", "--yes"];
    assert!(servers.said(&arguments).contains("on 42 written by ann"));
    let written = servers.read("internal.outcomes");
    let last = written.iter().max_by_key(|record| record.offset).unwrap();
    let done: Envelope<Outcome> = servers.decode(last);
    let Outcome::Done(settled) = &done.payload else { panic!("{done:?}") };
    assert_eq!((settled.native_id.as_str(), &settled.command), ("42", &reference(&commands[1], offsets[1])));
    assert_eq!((done.meta.actor.id.as_str(), done.meta.actor.side), ("ann", Side::Internal));
    assert_eq!(done.meta.ext["resolved_reason"], "seen");
    assert_eq!((done.meta.kind.as_str(), last.partition), ("internal.outcome.done", written[0].partition));
    let listed = servers.said(&["doubt", "list"]);
    assert!(listed.contains("2 undecided") && !listed.contains(&id(1)), "{listed}");
}
