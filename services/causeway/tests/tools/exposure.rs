use super::servers::{Servers, meta, outcome};
use domain::issue::{AcknowledgeCase, PartnerCommand as PC, PostComment};
use domain::outcome::{Done, Intent, Refused};
use domain::{Cause, Command, CommandRef, Envelope, Marked, Outcome, PartnerCommand, PublicText, Timestamp};

const SUBJECT: &str = "case/tg/C-1";

fn command(n: u32, partner: &str, payload: PC) -> Envelope<PartnerCommand> {
    let payload = PartnerCommand::Issue(payload);
    let mut meta = meta(n, SUBJECT, payload.kind());
    meta.partner_id = Some(domain::PartnerId::new(partner).unwrap());
    meta.visibility = domain::Visibility::Partner;
    meta.mapping_version = 1;
    meta.causation_id = Some(domain::MessageId::from_bytes([9; 16]));
    meta.cause = Some(Cause { topic: "internal.events".to_owned(), partition: 3, offset: i64::from(n) });
    Envelope { meta, payload }
}

fn comment(n: u32, partner: &str, text: &str) -> Envelope<PartnerCommand> {
    let text = PublicText::declared(text).share();
    command(
        n,
        partner,
        PC::PostComment(PostComment { note_key: format!("key-{n}"), author_label: None, text, files: Vec::new() }),
    )
}

#[test]
fn what_a_partner_could_see_is_told_field_by_field_from_the_log() {
    let servers = Servers::start();
    let reference = Some(PublicText::declared("4711").share());
    let commands = [
        command(1, "ACME", PC::AcknowledgeCase(AcknowledgeCase { reference })),
        comment(2, "ACME", "it left\non Monday"),
        comment(3, "ACME", "never arrived there"),
        comment(4, "ACME", "nobody knows of it"),
        comment(5, "GLOBEX", "of somebody else"),
    ];
    servers.produce(commands.iter().map(|c| servers.output("partner.commands", c, &[])).collect());
    let log = servers.read("partner.commands");
    let named = |n: usize| CommandRef {
        id: commands[n].meta.id,
        kind: commands[n].meta.kind.clone(),
        hash: commands[n].payload.content_hash(),
        offset: log[n].offset,
    };
    let done = |n: usize| {
        Outcome::Done(Done {
            command: named(n),
            native_id: "C-1".to_owned(),
            reference: Marked::default(),
            effects: Vec::new(),
            fields: Vec::new(),
            version: String::new(),
            created: false,
        })
    };
    let refused =
        Outcome::Refused(Refused { command: named(2), reason: "text-refused".to_owned(), detail: String::new() });
    let open = Outcome::Intent(Intent {
        command: named(3),
        owner: "owner-1".to_owned(),
        attempt: 1,
        not_after: Timestamp(1),
        marker: "m".to_owned(),
        fields: Vec::new(),
        native_id: String::new(),
    });
    let outcomes = [(0, done(0)), (1, done(1)), (2, refused), (3, open), (4, done(4))];
    let outcomes = outcomes.into_iter().enumerate().map(|(at, (n, payload))| {
        servers.output("partner.outcomes", &outcome(100 + at as u32, &commands[n].meta, payload), &[])
    });
    servers.produce(outcomes.collect());

    let of_acme = ["exposure", "--partner", "ACME", "--subject", SUBJECT];
    let said = servers.said(&of_acme);
    let seen = said.lines().find(|line| line.contains("issue.acknowledge-case.reference")).unwrap();
    assert!(
        seen.starts_with("SEEN") && seen.contains("= \"4711\"") && seen.ends_with("at internal.events/3@1"),
        "{seen}"
    );
    assert!(seen.contains("because of 09090909-0909-0909-0909-090909090909"), "{seen}");
    assert!(said.contains("issue.post-comment.text = \"it left\\non Monday\""), "{said}");
    let perhaps = said.lines().find(|line| line.contains("nobody knows of it")).unwrap();
    assert!(perhaps.starts_with("PERHAPS"), "{perhaps}");
    assert!(!said.contains("never arrived") && !said.contains("somebody else"), "{said}");
    assert!(said.contains("1 commands that were never carried out"), "{said}");

    let other = servers.said(&["exposure", "--partner", "GLOBEX", "--subject", SUBJECT]);
    assert!(other.contains("of somebody else") && !other.contains("4711"), "{other}");
    let before = servers.said(&[of_acme.as_slice(), &["--at", "1h"]].concat());
    assert!(!before.contains("SEEN") && before.contains("0 values"), "{before}");
}
