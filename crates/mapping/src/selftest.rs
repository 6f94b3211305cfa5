//! Runs the tests that a bundle carries.

mod compare;
mod timer;

use crate::bundle::cases::Case;
use crate::{Bundle, Mapped, to_internal, to_partner};
use domain::discrepancy::{InternalEvent as DI, PartnerEvent as DP};
use domain::document::{InternalEvent as PI, PartnerEvent as PP};
use domain::issue::{InternalEvent as I, PartnerEvent as P};
use domain::onboarding::{InternalEvent as OI, PartnerEvent as OP};
use domain::{
    Actor, Cause, Command, Envelope, Environment, Fact, InternalEvent, MessageId, Meta, NativeId, Outcome,
    PartnerEvent, PartnerId, Side, Subject, SubjectKind, Timestamp, UseCase, Visibility,
};
use serde::de::DeserializeOwned;
use std::fmt;

/// One test of a bundle, run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    pub name: String,
    pub file: String,
    pub line: usize,
    /// What differed from what was expected; `None` where the test passed.
    pub failure: Option<String>,
}

impl fmt::Display for TestResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.failure {
            None => write!(f, "ok   {}", self.name),
            Some(failure) => write!(f, "FAIL {} ({}:{}): {failure}", self.name, self.file, self.line),
        }
    }
}

/// Every test of the bundle in the order of its files. A bundle without tests gives none: say so.
pub fn run_tests(bundle: &Bundle) -> Vec<TestResult> {
    bundle
        .cases
        .iter()
        .map(|case| TestResult {
            name: case.name.clone(),
            file: case.file.clone(),
            line: case.line,
            failure: run(bundle, case).err(),
        })
        .collect()
}

/// 2026-06-01T00:00:00Z: when test facts happen.
const TEST_TIME: Timestamp = Timestamp(1_780_272_000_000);

fn run(bundle: &Bundle, case: &Case) -> Result<(), String> {
    let cause = |topic: &str| Cause { topic: topic.to_owned(), partition: 0, offset: 0 };
    if case.event.starts_with("service-level.") {
        return timer::run(bundle, case, &meta(bundle, case, true)?, &cause("service-level.events"));
    }
    if case.event.starts_with("partner.") {
        let fact = Envelope { meta: meta(bundle, case, true)?, payload: partner_fact(case)? };
        verdict(case, &to_internal(bundle, &fact, &cause("partner.events")), compare::internal)
    } else {
        let fact = Envelope { meta: meta(bundle, case, false)?, payload: internal_fact(case)? };
        verdict(case, &to_partner(bundle, &fact, &cause("internal.events")), compare::partner)
    }
}

fn meta(bundle: &Bundle, case: &Case, from_partner: bool) -> Result<Meta, String> {
    let partner = PartnerId::new(case.partner.as_str()).map_err(|e| e.to_string())?;
    let system = if from_partner { &bundle.community } else { &bundle.internal };
    let native = NativeId::new("T-1").map_err(|e| e.to_string())?;
    let subject = if of_programme(case) {
        Subject::new(SubjectKind::Onboarding, &bundle.internal, &native)
    } else if case.event == "internal.document.shared-outward" {
        domain::document::outward::begun_in(&bundle.internal, &native)
    } else {
        let kind = if case.event.contains(".document.") { SubjectKind::Document } else { SubjectKind::Case };
        Subject::new(kind, &bundle.community, &native)
    };
    let environment = match case.environment.as_str() {
        "P" => Environment::Production,
        "T" => Environment::Test,
        other => return Err(format!("environment `{other}` is neither P nor T")),
    };
    Ok(Meta {
        id: MessageId::of_event(system, &case.name, &case.file, &subject),
        subject,
        system: system.clone(),
        partner_id: Some(partner),
        kind: case.event.clone(),
        occurred_at: TEST_TIME,
        recorded_at: TEST_TIME,
        source_version: String::new(),
        causation_id: None,
        actor: Actor { id: "tester".to_owned(), side: if from_partner { Side::Partner } else { Side::Internal } },
        visibility: Visibility::from_word(&case.visibility),
        environment,
        ext: case.ext.clone(),
        mapping_version: 0,
        cause: None,
    })
}

/// An event of a programme, or an outcome of a command about one.
fn of_programme(case: &Case) -> bool {
    let command = case.data.get("command").and_then(|c| c.get("type")).and_then(|kind| kind.as_str());
    let due = case.data.get("use_case").and_then(|word| word.as_str()) == Some(UseCase::Onboarding.as_str());
    due || [Some(case.event.as_str()), command].into_iter().flatten().any(|kind| kind.contains(".onboarding."))
}

fn data<T: DeserializeOwned>(case: &Case) -> Result<T, String> {
    case.data.clone().try_into().map_err(|e: toml::de::Error| format!("data: {}", e.message()))
}

/// The payload of an outcome, about `target` where the test does not say which command.
fn outcome<T: DeserializeOwned>(case: &Case, target: &str) -> Result<T, String> {
    let mut case = case.clone();
    if !case.data.contains_key("command") {
        let text = |text: &str| toml::Value::String(text.to_owned());
        let id = text("00000000-0000-0000-0000-000000000000");
        let members = [("id", id), ("type", text(target)), ("hash", text("")), ("offset", toml::Value::Integer(0))];
        let command = members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        case.data.insert("command".to_owned(), toml::Value::Table(command));
    }
    data(&case)
}

fn partner_fact(case: &Case) -> Result<Fact<PartnerEvent>, String> {
    let event = match case.event.as_str() {
        "partner.issue.opened" => P::Opened(Box::new(data(case)?)),
        "partner.issue.details-changed" => P::DetailsChanged(data(case)?),
        "partner.issue.comment-added" => P::CommentAdded(data(case)?),
        "partner.issue.comment-revised" => P::CommentRevised(data(case)?),
        "partner.issue.comment-removed" => P::CommentRemoved(data(case)?),
        "partner.issue.withdrawn" => P::Withdrawn(data(case)?),
        "partner.issue.resolution-accepted" => P::ResolutionAccepted(data(case)?),
        "partner.issue.resolution-rejected" => P::ResolutionRejected(data(case)?),
        "partner.outcome.refused" => {
            let refused = outcome(case, "partner.issue.post-comment")?;
            return Ok(Fact::Outcome(Box::new(Outcome::Refused(refused))));
        }
        other if of_programme(case) => {
            return Ok(Fact::Event(PartnerEvent::Onboarding(partner_programme(case, other)?)));
        }
        other if other.starts_with("partner.document.") => {
            return Ok(Fact::Event(PartnerEvent::Document(partner_document(case, other)?)));
        }
        other => return Ok(Fact::Event(PartnerEvent::Discrepancy(partner_dispute(case, other)?))),
    };
    Ok(Fact::Event(PartnerEvent::Issue(event)))
}

fn internal_fact(case: &Case) -> Result<Fact<InternalEvent>, String> {
    let event = match case.event.as_str() {
        "internal.issue.created" => I::Created(data(case)?),
        "internal.issue.status-changed" => I::StatusChanged(data(case)?),
        "internal.issue.public-comment-added" => I::PublicCommentAdded(data(case)?),
        "internal.issue.information-required" => I::InformationRequired(data(case)?),
        "internal.issue.resolved" => I::Resolved(data(case)?),
        "internal.issue.closed" => I::Closed(data(case)?),
        "internal.issue.merged" => I::Merged(data(case)?),
        "internal.issue.reopened" => I::Reopened(data(case)?),
        "internal.issue.internal-note-added" => I::InternalNoteAdded(data(case)?),
        "internal.issue.assigned" => I::Assigned(data(case)?),
        "internal.issue.priority-changed" => I::PriorityChanged(data(case)?),
        "internal.issue.field-changed" => I::FieldChanged(data(case)?),
        "internal.outcome.done" => {
            let done = outcome(case, "internal.issue.create-case")?;
            return Ok(Fact::Outcome(Box::new(Outcome::Done(done))));
        }
        other if of_programme(case) => {
            return Ok(marked(case, InternalEvent::Onboarding(internal_programme(case, other)?)));
        }
        "internal.outcome.refused" => {
            let refused = outcome(case, "internal.document.add-file")?;
            return Ok(Fact::Outcome(Box::new(Outcome::Refused(refused))));
        }
        other if other.starts_with("internal.document.") => {
            return Ok(marked(case, InternalEvent::Document(internal_document(case, other)?)));
        }
        other => return Ok(marked(case, InternalEvent::Discrepancy(internal_dispute(case, other)?))),
    };
    Ok(marked(case, InternalEvent::Issue(event)))
}

fn marked(case: &Case, mut event: InternalEvent) -> Fact<InternalEvent> {
    mark(&mut event, Visibility::from_word(&case.visibility));
    Fact::Event(event)
}

fn partner_dispute(case: &Case, kind: &str) -> Result<DP, String> {
    Ok(match kind {
        "partner.discrepancy.raised" => DP::Raised(Box::new(data(case)?)),
        "partner.discrepancy.line-corrected" => DP::LineCorrected(data(case)?),
        "partner.discrepancy.comment-added" => DP::CommentAdded(data(case)?),
        "partner.discrepancy.evidence-given" => DP::EvidenceGiven(data(case)?),
        "partner.discrepancy.outcome-confirmed" => DP::OutcomeConfirmed(data(case)?),
        "partner.discrepancy.outcome-contested" => DP::OutcomeContested(data(case)?),
        "partner.discrepancy.withdrawn" => DP::Withdrawn(data(case)?),
        other => return Err(format!("no event of the partner side is called `{other}`")),
    })
}

fn partner_programme(case: &Case, kind: &str) -> Result<OP, String> {
    Ok(match kind {
        "partner.onboarding.invitation-accepted" => OP::InvitationAccepted(data(case)?),
        "partner.onboarding.invitation-declined" => OP::InvitationDeclined(data(case)?),
        "partner.onboarding.invitation-expired" => OP::InvitationExpired(data(case)?),
        "partner.onboarding.task-submitted" => OP::TaskSubmitted(data(case)?),
        "partner.onboarding.question-asked" => OP::QuestionAsked(data(case)?),
        other => return Err(format!("no event of the partner side is called `{other}`")),
    })
}

fn internal_programme(case: &Case, kind: &str) -> Result<OI, String> {
    Ok(match kind {
        "internal.onboarding.started" => OI::Started(data(case)?),
        "internal.onboarding.programme-changed" => OI::ProgrammeChanged(data(case)?),
        "internal.onboarding.status-changed" => OI::StatusChanged(data(case)?),
        "internal.onboarding.task-published" => OI::TaskPublished(data(case)?),
        "internal.onboarding.task-changed" => OI::TaskChanged(data(case)?),
        "internal.onboarding.task-status-changed" => OI::TaskStatusChanged(data(case)?),
        "internal.onboarding.milestones-changed" => OI::MilestonesChanged(data(case)?),
        "internal.onboarding.readiness-changed" => OI::ReadinessChanged(data(case)?),
        "internal.onboarding.comment-added" => OI::CommentAdded(data(case)?),
        "internal.onboarding.internal-note-added" => OI::InternalNoteAdded(data(case)?),
        "internal.onboarding.assigned" => OI::Assigned(data(case)?),
        "internal.onboarding.field-changed" => OI::FieldChanged(data(case)?),
        other => return Err(format!("no event of the internal side is called `{other}`")),
    })
}

fn internal_dispute(case: &Case, kind: &str) -> Result<DI, String> {
    Ok(match kind {
        "internal.discrepancy.created" => DI::Created(data(case)?),
        "internal.discrepancy.status-changed" => DI::StatusChanged(data(case)?),
        "internal.discrepancy.public-comment-added" => DI::PublicCommentAdded(data(case)?),
        "internal.discrepancy.information-required" => DI::InformationRequired(data(case)?),
        "internal.discrepancy.finding-recorded" => DI::FindingRecorded(data(case)?),
        "internal.discrepancy.merged" => DI::Merged(data(case)?),
        "internal.discrepancy.internal-note-added" => DI::InternalNoteAdded(data(case)?),
        "internal.discrepancy.assigned" => DI::Assigned(data(case)?),
        "internal.discrepancy.priority-changed" => DI::PriorityChanged(data(case)?),
        "internal.discrepancy.field-changed" => DI::FieldChanged(data(case)?),
        other => return Err(format!("no event of the internal side is called `{other}`")),
    })
}

fn partner_document(case: &Case, kind: &str) -> Result<PP, String> {
    Ok(match kind {
        "partner.document.shared" => PP::Shared(Box::new(data(case)?)),
        "partner.document.version-added" => PP::VersionAdded(data(case)?),
        "partner.document.comment-added" => PP::CommentAdded(data(case)?),
        "partner.document.withdrawn" => PP::Withdrawn(data(case)?),
        other => return Err(format!("no event of the partner side is called `{other}`")),
    })
}

fn internal_document(case: &Case, kind: &str) -> Result<PI, String> {
    Ok(match kind {
        "internal.document.created" => PI::Created(data(case)?),
        "internal.document.status-changed" => PI::StatusChanged(data(case)?),
        "internal.document.public-comment-added" => PI::PublicCommentAdded(data(case)?),
        "internal.document.information-required" => PI::InformationRequired(data(case)?),
        "internal.document.review-decided" => PI::ReviewDecided(data(case)?),
        "internal.document.shared-outward" => PI::SharedOutward(data(case)?),
        "internal.document.expiring" => PI::Expiring(data(case)?),
        "internal.document.expired" => PI::Expired(data(case)?),
        "internal.document.merged" => PI::Merged(data(case)?),
        "internal.document.internal-note-added" => PI::InternalNoteAdded(data(case)?),
        "internal.document.assigned" => PI::Assigned(data(case)?),
        "internal.document.priority-changed" => PI::PriorityChanged(data(case)?),
        "internal.document.field-changed" => PI::FieldChanged(data(case)?),
        other => return Err(format!("no event of the internal side is called `{other}`")),
    })
}

#[expect(clippy::disallowed_methods, reason = "a test states the marks that codec would; nothing of it is published")]
fn mark(event: &mut InternalEvent, visibility: Visibility) {
    event.each_mark(&mut |_, text| text.mark(visibility));
}

fn verdict<C: Command>(
    case: &Case,
    mapped: &Mapped<C>,
    payload: fn(&C) -> Result<toml::Table, String>,
) -> Result<(), String> {
    let held = mapped.held.as_ref().map(|h| h.reason);
    if held != case.held.as_deref() {
        let detail = mapped.held.as_ref().map_or("", |h| h.detail.as_str());
        return Err(format!("held is {held:?} ({detail}), expected {:?}", case.held));
    }
    let kinds: Vec<&str> = mapped.commands.iter().map(|c| c.payload.kind()).collect();
    let wanted: Vec<&str> =
        case.expect.iter().map(|e| e.get("command").and_then(|v| v.as_str()).unwrap_or("")).collect();
    if kinds != wanted {
        return Err(format!("commands are {kinds:?}, expected {wanted:?}"));
    }
    for (command, expect) in mapped.commands.iter().zip(&case.expect) {
        let actual = payload(&command.payload)?;
        for (key, wanted) in expect.iter().filter(|(key, _)| *key != "command") {
            compare::differs(command.payload.kind(), key, wanted, actual.get(key)).map_or(Ok(()), Err)?;
        }
    }
    if mapped.skipped != case.skipped {
        return Err(format!("skipped by {:?}, expected {:?}", mapped.skipped, case.skipped));
    }
    Ok(())
}
