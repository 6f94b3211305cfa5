//! Single rules that the starter bundle's own tests cannot state.
#![expect(clippy::disallowed_methods, reason = "tests play the adapters, which mark what they heard")]

use super::*;
use crate::{Mapped, to_internal, to_partner};
use domain::issue::{self as i, InternalEvent as I, PartnerCommand as C, PartnerEvent as P};
use domain::outcome::{CommandRef, Done, Outcome, Refused};
use domain::{CaseStatus, Command, ContentHash, InternalCommand, InternalEvent, Marked, PartnerCommand, PartnerEvent};

fn inward(meta: Meta, event: P) -> Mapped<InternalCommand> {
    to_internal(&STARTER, &fact(meta, PartnerEvent::Issue(event)), &cause("partner.events", 5))
}

fn outward(meta: Meta, event: I) -> Mapped<PartnerCommand> {
    to_partner(&STARTER, &fact(meta, InternalEvent::Issue(event)), &cause("internal.events", 5))
}

fn kinds<T: Command>(mapped: &Mapped<T>) -> Vec<&'static str> {
    mapped.commands.iter().map(|c| c.payload.kind()).collect()
}

fn comment() -> P {
    let (note_id, author, text) = ("n1".to_owned(), "Ann".to_owned(), "hello".to_owned());
    P::CommentAdded(i::CommentAdded {
        note_id,
        author,
        text,
        format: String::new(),
        case_status: String::new(),
        files: Vec::new(),
    })
}

fn changed(from: &str, to: &str) -> I {
    let (from, to) = (from.to_owned(), to.to_owned());
    I::StatusChanged(i::StatusChanged { from, to, reason: Marked::default(), expected_resolution_at: None })
}

fn command_ref(kind: &str) -> CommandRef {
    let id = MessageId::from_bytes([1; 16]);
    CommandRef { id, kind: kind.to_owned(), hash: ContentHash::default(), offset: 0 }
}

fn done(kind: &str, created: bool) -> Outcome {
    Outcome::Done(Done {
        command: command_ref(kind),
        native_id: "17".to_owned(),
        reference: Marked::new("17".to_owned(), Visibility::Host),
        effects: Vec::new(),
        fields: Vec::new(),
        version: String::new(),
        created,
    })
}

fn outcome_to_partner(meta: Meta, outcome: Outcome) -> Mapped<PartnerCommand> {
    to_partner(&STARTER, &domain::Fact::outcome(Envelope { meta, payload: outcome }), &cause("internal.outcomes", 5))
}

#[test]
fn a_command_carries_its_cause_and_an_id_that_no_mapping_version_changes() {
    let mapped = inward(meta("tg", "a"), comment());
    let first = &mapped.commands[0].meta;
    let fact = meta("tg", "a");
    assert_eq!(first.id, MessageId::of_command(fact.id, &fact.subject, "issue.comment-added", "comment"));
    assert_eq!((first.causation_id, first.mapping_version), (Some(fact.id), 1));
    assert_eq!(first.cause, Some(cause("partner.events", 5)));
    assert_eq!((first.occurred_at, first.recorded_at), (fact.occurred_at, fact.recorded_at));
    assert_eq!((first.system.as_str(), first.visibility), ("rt", Visibility::Host));
    let mut files = starter_files();
    let newer = files["bundle.toml"].replace("version = 1", "version = 2");
    files.insert("bundle.toml".to_owned(), newer);
    let newer = Bundle::from_files(files).unwrap();
    let again = to_internal(&newer, &super::fact(fact, PartnerEvent::Issue(comment())), &cause("partner.events", 5));
    assert_eq!((again.commands[0].meta.id, again.commands[0].meta.mapping_version), (first.id, 2));
}

#[test]
fn a_partner_that_cannot_be_served_is_held_and_never_guessed() {
    let held = |change: &dyn Fn(&mut Meta)| {
        let mut meta = meta("tg", "a");
        change(&mut meta);
        inward(meta, comment()).held.map(|h| h.reason)
    };
    let partner = |id: &str| Some(PartnerId::new(id).unwrap());
    assert_eq!(held(&|_| {}), None);
    assert_eq!(held(&|m| m.partner_id = None), Some("unknown-partner"));
    assert_eq!(held(&|m| m.partner_id = partner("INITECH")), Some("unknown-partner"));
    assert_eq!(held(&|m| m.recorded_at = Timestamp(0)), Some("partner-not-valid"));
    assert_eq!(held(&|m| m.environment = Environment::Test), Some("environment"));
    let globex = |m: &mut Meta, environment| (m.partner_id, m.environment) = (partner("GLOBEX"), environment);
    assert_eq!(held(&|m| globex(m, Environment::Test)), Some("environment"));
    assert_eq!(held(&|m| globex(m, Environment::Production)), None);
    assert_eq!(held(&|m| m.system = system("other")), Some("unknown-system"));
}

#[test]
fn the_last_day_of_a_partner_still_counts() {
    let at = |day: &str, plus: i64| {
        let mut meta = meta("tg", "a");
        meta.partner_id = Some(PartnerId::new("GLOBEX").unwrap());
        meta.recorded_at = crate::date::parse_day(day).unwrap().plus_millis(plus);
        inward(meta, comment()).held.map(|h| h.reason)
    };
    assert_eq!(at("2035-12-31", 86_399_999), None);
    assert_eq!(at("2036-01-01", 0), Some("partner-not-valid"));
}

/// Where a command leaves the case at the community.
fn arrives(command: &PartnerCommand) -> CaseStatus {
    let PartnerCommand::Issue(command) = command else { panic!("not about an issue: {command:?}") };
    match command {
        C::SetCaseStatus(c) => c.status,
        C::RequestInformation(_) => CaseStatus::PendingPartner,
        C::ProposeResolution(_) => CaseStatus::Resolved,
        C::CloseCase(_) => CaseStatus::Closed,
        C::ReopenCase(_) => CaseStatus::InProgress,
        C::AcknowledgeCase(_) | C::PostComment(_) => panic!("no status: {command:?}"),
    }
}

#[test]
fn between_any_two_statuses_the_partner_is_led_by_allowed_steps_or_the_fact_is_held() {
    use CaseStatus::*;
    let values = [
        ("new", Submitted),
        ("open", InProgress),
        ("waiting-partner", PendingPartner),
        ("stalled", OnHold),
        ("resolved", Resolved),
        ("closed", Closed),
        ("rejected", Rejected),
    ];
    let mut held = Vec::new();
    for ((from, begins), (to, ends)) in values.iter().flat_map(|f| values.iter().map(move |t| (*f, *t))) {
        let mapped = outward(meta("rt", "s"), changed(from, to));
        if mapped.held.is_some() {
            held.push((begins, ends));
            continue;
        }
        // X is ahead where the partner's answer has resumed it and the partner's side has not heard so yet.
        let behind = (begins == InProgress && begins != ends).then_some(PendingPartner);
        for start in [Some(begins), behind].into_iter().flatten() {
            let mut at = start;
            for command in mapped.commands.iter().map(|c| &c.payload) {
                if command.only_if().is_some_and(|only| !only.one_of.iter().any(|status| status == at.as_str())) {
                    continue;
                }
                let step = arrives(command);
                assert!(at == step || at.may_become(step), "{from} to {to} from {start:?}: {at:?} to {step:?}");
                at = step;
            }
            assert!(
                at == ends || (ends == Rejected && at == Cancelled),
                "{from} to {to} from {start:?} ends at {at:?}"
            );
        }
        assert_eq!(mapped.commands.is_empty(), from == to);
    }
    // Final statuses have no way on, and nothing becomes new again; one status from itself is no change.
    let expected = |(from, to): &(CaseStatus, CaseStatus)| from.is_final() || *to == Submitted;
    assert!(held.iter().all(expected), "{held:?}");
    assert_eq!(held.len(), 2 * 6 + 4);
}

#[test]
fn a_jump_back_from_resolved_reopens_and_an_unknown_status_is_held() {
    assert_eq!(kinds(&outward(meta("rt", "s"), changed("resolved", "open"))), ["partner.issue.reopen-case"]);
    assert_eq!(
        kinds(&outward(meta("rt", "s"), changed("waiting-partner", "closed"))),
        ["partner.issue.set-case-status", "partner.issue.propose-resolution", "partner.issue.close-case"]
    );
    assert_eq!(outward(meta("rt", "s"), changed("closed", "open")).held.unwrap().reason, "no-transition");
    assert_eq!(outward(meta("rt", "s"), changed("new", "new")).skipped, ["same-status"]);
    assert_eq!(outward(meta("rt", "s"), changed("open", "weird")).held.unwrap().reason, "unknown-status");
}

#[test]
fn what_agents_made_by_themselves_concerns_no_partner() {
    let mut meta = meta("rt", "s");
    meta.subject = Subject::try_from("case/rt/99".to_owned()).unwrap();
    meta.partner_id = None;
    assert_eq!(outward(meta, changed("new", "open")).skipped, ["not-a-partner-case"]);
}

#[test]
fn an_internal_note_is_skipped_even_where_the_partner_is_unknown() {
    let mut meta = meta("rt", "n");
    meta.partner_id = None;
    let text = Marked::new("do not tell".to_owned(), Visibility::Host);
    let note = I::InternalNoteAdded(i::InternalNoteAdded { note_id: "1".into(), author: "a".into(), text });
    assert_eq!(outward(meta, note).skipped, ["internal-note"]);
}

#[test]
fn a_comment_too_long_for_the_partners_limit_ends_in_a_visible_mark() {
    let mut meta = meta("rt", "c");
    meta.partner_id = Some(PartnerId::new("GLOBEX").unwrap());
    let text = Marked::new("ü".repeat(5000), Visibility::Partner);
    let event = i::PublicCommentAdded {
        note_id: "1".into(),
        author: "agent1".into(),
        text,
        format: String::new(),
        files: Vec::new(),
    };
    let mapped = outward(meta, I::PublicCommentAdded(event));
    let PartnerCommand::Issue(C::PostComment(post)) = &mapped.commands[0].payload else { panic!("{mapped:?}") };
    assert_eq!(post.text.get().chars().count(), 4000);
    assert!(post.text.get().ends_with("ü [gekürzt]"));
}

#[test]
fn only_the_create_is_acknowledged_and_a_command_caused_by_an_outcome_causes_none() {
    let created = done("internal.issue.create-case", true);
    assert_eq!(kinds(&outcome_to_partner(meta("rt", "o"), created.clone())), ["partner.issue.acknowledge-case"]);
    let update = done("internal.issue.update-fields", false);
    assert_eq!(outcome_to_partner(meta("rt", "o"), update).skipped, ["outcome-done"]);
    let mut caused = meta("rt", "o");
    caused.cause = Some(cause("partner.outcomes", 1));
    assert_eq!(outcome_to_partner(caused, created).skipped, ["caused-by-outcome"]);
    let refused = Outcome::Refused(Refused {
        command: command_ref("internal.issue.create-case"),
        reason: "no such queue".to_owned(),
        detail: String::new(),
    });
    assert_eq!(outcome_to_partner(meta("rt", "o"), refused).skipped, ["create-refused"]);
}

#[test]
fn a_refusal_at_the_community_becomes_one_note_and_its_detail_stays_there() {
    let refused = |topic: &str| {
        let mut meta = meta("tg", "o");
        meta.cause = Some(cause(topic, 3));
        let (reason, detail) = ("closed".to_owned(), "SECRET".to_owned());
        let outcome = Outcome::Refused(Refused { command: command_ref("partner.issue.close-case"), reason, detail });
        to_internal(
            &STARTER,
            &domain::Fact::outcome(Envelope { meta, payload: outcome }),
            &cause("partner.outcomes", 5),
        )
    };
    let mapped = refused("internal.events");
    let InternalCommand::Issue(i::InternalCommand::AddInternalNote(note)) = &mapped.commands[0].payload else {
        panic!("{mapped:?}")
    };
    assert_eq!(note.text, "The partner did not receive the closing of this case: closed");
    assert_eq!(refused("internal.outcomes").skipped, ["caused-by-outcome"]);
}

#[test]
fn a_resolution_code_reaches_the_partner_as_a_code_of_ours_or_is_held() {
    let resolved = |code: &str| {
        let note = Marked::new("done".to_owned(), Visibility::Partner);
        outward(meta("rt", "r"), I::Resolved(i::Resolved { code: code.to_owned(), note }))
    };
    let mapped = resolved("credit issued");
    let PartnerCommand::Issue(C::ProposeResolution(proposal)) = &mapped.commands[0].payload else { panic!() };
    assert_eq!(proposal.code.as_ref().map(|c| c.get().as_str()), Some("CREDIT_ISSUED"));
    assert_eq!(proposal.resolution_version, meta("rt", "r").id.to_string());
    assert_eq!(resolved("written off").held.unwrap().reason, "unknown-resolution-code");
}

#[test]
fn a_case_system_that_never_waits_for_partners_is_not_resumed() {
    let mut files = starter_files();
    let statuses = files["statuses.csv"].replace("waiting-partner,pending", "-,pending");
    files.insert("statuses.csv".to_owned(), statuses);
    let bundle = Bundle::from_files(files).unwrap();
    let mapped =
        to_internal(&bundle, &fact(meta("tg", "a"), PartnerEvent::Issue(comment())), &cause("partner.events", 5));
    assert_eq!((kinds(&mapped), mapped.skipped), (vec!["internal.issue.add-public-comment"], vec!["never-pending"]));
}

#[test]
fn a_route_may_depend_on_a_number_the_community_sent() {
    let mut files = starter_files();
    let routes = "ext.amount,group,queue,priority\n10000..,suppliers,Large Claims,80\n*,*,Partner Cases,\n";
    files.insert("routes.csv".to_owned(), routes.to_owned());
    let bundle = Bundle::from_files(files).unwrap();
    let route = |amount: &str| {
        let mut meta = meta("tg", "a");
        meta.ext.insert("amount".to_owned(), amount.to_owned());
        let opened = i::Opened {
            title: "t".into(),
            description: "d".into(),
            severity: "MINOR".into(),
            category: "INVOICE".into(),
            sub_category: String::new(),
            contact: i::Contact::default(),
            documents: Vec::new(),
            transaction: None,
            requested_resolution_at: None,
            language: String::new(),
            files: Vec::new(),
        };
        let event = PartnerEvent::Issue(P::Opened(Box::new(opened)));
        let mapped = to_internal(&bundle, &fact(meta, event), &cause("partner.events", 5));
        let InternalCommand::Issue(i::InternalCommand::CreateCase(case)) = &mapped.commands[0].payload else {
            panic!()
        };
        (case.route.clone(), case.priority.clone())
    };
    assert_eq!(route("10000.00"), ("Large Claims".to_owned(), "80".to_owned()));
    for small in ["9999.99", "", "ten thousand"] {
        assert_eq!(route(small), ("Partner Cases".to_owned(), String::new()), "{small}");
    }
}

#[test]
fn a_field_tells_agents_how_far_the_partners_side_has_followed_where_the_bundle_names_one() {
    let mut files = starter_files();
    let link = format!("{}\n[sync]\nfield = \"TG Sync\"\n", files["bundle.toml"]);
    files.insert("bundle.toml".to_owned(), link);
    let bundle = Bundle::from_files(files).unwrap();
    let told = |outcome: Outcome, topic: &str| {
        let mut meta = meta("tg", "o");
        meta.cause = Some(cause(topic, 3));
        let fact = domain::Fact::outcome(Envelope { meta, payload: outcome });
        let mapped = to_internal(&bundle, &fact, &cause("partner.outcomes", 5));
        mapped
            .commands
            .into_iter()
            .map(|c| match c.payload {
                InternalCommand::Issue(i::InternalCommand::UpdateFields(c)) => c.fields["TG Sync"].clone(),
                InternalCommand::Issue(i::InternalCommand::AddInternalNote(c)) => format!("note: {}", c.text),
                other @ (InternalCommand::Issue(_)
                | InternalCommand::Discrepancy(_)
                | InternalCommand::Document(_)
                | InternalCommand::Onboarding(_)) => {
                    panic!("{other:?}")
                }
            })
            .collect::<Vec<_>>()
    };
    let kind = "partner.issue.post-comment";
    assert_eq!(told(done(kind, false), "internal.events"), ["delivered"]);
    let (first_failed_at, next_at, attempts) = (Timestamp(1), Timestamp(2), 3);
    let (command, reason) = (command_ref(kind), "status 503".to_owned());
    let waiting = domain::outcome::Waiting {
        command: command.clone(),
        first_failed_at,
        attempts,
        next_at,
        reason: reason.clone(),
    };
    assert_eq!(told(Outcome::Waiting(waiting), "internal.events"), ["waiting"]);
    let parked = Outcome::Parked(domain::outcome::Parked { command, first_failed_at, attempts, reason });
    let gone = ["note: The partner did not receive a comment: status 503", "not delivered: status 503"];
    assert_eq!(told(parked.clone(), "internal.events"), gone);
    // What our own answer to an outcome became is no news: it would go round.
    assert_eq!(told(parked, "internal.outcomes"), [""; 0]);
}

#[test]
fn what_comes_for_a_case_that_was_merged_is_answered_in_neutral_words() {
    let skipped = |kind: &str, rule: &str| {
        let skipped = domain::outcome::Skipped { command: command_ref(kind), rule: rule.to_owned() };
        outcome_to_partner(meta("rt", "o"), Outcome::Skipped(skipped))
    };
    let comment = "internal.issue.add-public-comment";
    assert_eq!(kinds(&skipped(comment, "merged")), ["partner.issue.post-comment"]);
    assert_eq!(skipped("internal.issue.resume-case", "merged").skipped, ["outcome-skipped"]);
    assert_eq!(skipped(comment, "only-if").skipped, ["outcome-skipped"]);
}
