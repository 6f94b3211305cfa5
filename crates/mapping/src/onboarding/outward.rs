//! What happened in X about a programme, as commands for the community.

use super::{TASK, document_type, elsewhere, milestones, tasks, terms};
use crate::bundle::onboarding::Onboarding;
use crate::bundle::statuses::Meaning;
use crate::date;
use crate::engine::{Draft, Held, Known};
use crate::known::{Post, comments};
use domain::issue::{PublicCommentAdded, StatusChanged};
use domain::onboarding::{
    InternalEvent as E, OpenSpace, PartnerCommand as C, PostTaskComment, Programme, PublicBlocker, READINESS,
    ReadinessChanged, SetReadiness, SetStatus, TaskComment,
};
use domain::{OnlyIf, PartnerCommand, ProgrammeStatus as Status, Shared, Visibility};

pub(super) type Rules<'a> = Draft<'a, PartnerCommand>;

pub(crate) fn to_partner(draft: &mut Rules<'_>, event: &E) -> Result<(), Held> {
    // What never leaves is skipped before anything about the partner is asked, so that it is never held either.
    let silent = match event {
        E::InternalNoteAdded(_) => Some("internal-note"),
        E::Assigned(_) => Some("assigned"),
        E::FieldChanged(_) => Some("field-changed"),
        E::TaskPublished(e) | E::TaskStatusChanged(e) => tasks::unseen(e),
        E::TaskChanged(e) if !e.hidden => tasks::unseen(e),
        E::CommentAdded(e) if e.text.visibility() != Visibility::Partner => Some("not-for-partner"),
        E::Started(_)
        | E::ProgrammeChanged(_)
        | E::StatusChanged(_)
        | E::TaskChanged(_)
        | E::MilestonesChanged(_)
        | E::ReadinessChanged(_)
        | E::CommentAdded(_) => None,
    };
    if let Some(rule) = silent.or_else(|| elsewhere(draft)) {
        return draft.only_skip(rule);
    }
    let terms = terms(draft)?;
    let known = draft.known_partner()?;
    match event {
        E::Started(e) => started(draft, &known, terms, e),
        E::ProgrammeChanged(e) => {
            let command = C::UpdateSpace(space(&known, terms, e)?);
            push(draft, "onboarding.programme-changed", "update", command);
            Ok(())
        }
        E::StatusChanged(e) => status_changed(draft, &known, terms, e),
        E::TaskPublished(e) => tasks::published(draft, &known, terms, e),
        E::TaskChanged(e) => tasks::changed(draft, &known, terms, e),
        E::TaskStatusChanged(e) => tasks::moved(draft, &known, terms, e),
        E::MilestonesChanged(e) => {
            let reason = known.shared("status_reason", &e.reason);
            if !milestones::changed(draft, &known, terms, (&e.from, &e.to), reason.as_ref())? {
                draft.skip("same-milestones");
            }
            Ok(())
        }
        E::ReadinessChanged(e) => readiness(draft, &known, terms, e),
        E::CommentAdded(e) => commented(draft, e),
        E::InternalNoteAdded(_) | E::Assigned(_) | E::FieldChanged(_) => Ok(()),
    }
}

pub(super) fn push(draft: &mut Rules<'_>, rule: &'static str, effect: &str, command: C) {
    let task = command.task_id().unwrap_or_default().to_owned();
    draft.push_about(rule, effect, PartnerCommand::Onboarding(command), &[(TASK, &task)]);
}

/// What a status of X means, by the bundle.
fn meaning<'a>(terms: &'a Onboarding, status: &str) -> Result<(Status, Option<Status>, &'a str), Held> {
    match terms.statuses.meaning.get(status) {
        Some(Meaning::Is { canonical, otherwise, label }) => Ok((*canonical, *otherwise, label)),
        Some(Meaning::Hold) => Err(Held::new("held-status", status)),
        None => Err(Held::new("unknown-status", status)),
    }
}

fn space(known: &Known<'_>, terms: &Onboarding, e: &Programme) -> Result<OpenSpace, Held> {
    let word = e.programme.trim();
    let label = terms.programmes.get(word).ok_or_else(|| Held::new("unknown-programme", word))?;
    Ok(OpenSpace {
        programme: known.texts.get("onboarding-programme", label).share(),
        target_live_at: known.date("due_at", date::parse(&e.target_live_at)?),
    })
}

/// The place first; status and milestones as they are at the start.
fn started(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Onboarding, e: &Programme) -> Result<(), Held> {
    let rule = "onboarding.started";
    let (to, otherwise, label) = meaning(terms, &e.status)?;
    push(draft, rule, "open", C::OpenSpace(space(known, terms, e)?));
    let ways = [Some((to, label)), otherwise.map(|o| (o, o.as_str()))];
    let way = ways.into_iter().flatten().find_map(|(to, label)| Some((Status::Identified.path(to)?, label)));
    let (path, label) = way.ok_or_else(|| Held::new("no-transition", to.as_str()))?;
    steps(draft, known, rule, (&path, label), None);
    milestones::changed(draft, known, terms, ("", &e.milestones), None)?;
    Ok(())
}

/// X jumps; the partner is led along every step.
fn steps(
    draft: &mut Rules<'_>,
    known: &Known<'_>,
    rule: &'static str,
    (path, label): (&[Status], &str),
    reason: Option<&Shared<String>>,
) {
    for (index, step) in path.iter().copied().enumerate() {
        let last = index + 1 == path.len();
        let label = known.texts.get("onboarding-status", if last { label } else { step.as_str() }).share();
        let reason = reason.filter(|_| last).cloned();
        push(draft, rule, step.as_str(), C::SetStatus(SetStatus { status: step, label, reason, only_if: None }));
    }
}

fn status_changed(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Onboarding, e: &StatusChanged) -> Result<(), Held> {
    let (from, _, _) = meaning(terms, &e.from)?;
    let (to, otherwise, label) = meaning(terms, &e.to)?;
    if from == to {
        return draft.only_skip("same-status");
    }
    let ways = [Some((to, label)), otherwise.map(|o| (o, o.as_str()))];
    let Some((path, label)) = ways.into_iter().flatten().find_map(|(to, label)| Some((from.path(to)?, label))) else {
        return Err(Held::new("no-transition", &format!("{} to {}", from.as_str(), to.as_str())));
    };
    if path.is_empty() {
        return draft.only_skip("same-status");
    }
    let reason = known.shared("status_reason", &e.reason);
    steps(draft, known, "onboarding.status-changed", (&path, label), reason.as_ref());
    Ok(())
}

fn readiness(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Onboarding, e: &ReadinessChanged) -> Result<(), Held> {
    if !READINESS.contains(&e.state.as_str()) {
        return Err(Held::new("unknown-readiness", &e.state));
    }
    let blocker = |b: &domain::onboarding::Blocker| {
        let document_type = document_type(terms, &b.document_type)?.map(domain::PublicText::share);
        Ok(PublicBlocker { task_id: b.task_id.clone(), document_type })
    };
    let command = SetReadiness {
        state: e.state.clone(),
        label: known.texts.get("onboarding-readiness", &key(&e.state)).share(),
        done: e.done,
        total: e.total,
        blockers: e.blockers.iter().map(blocker).collect::<Result<_, Held>>()?,
        hidden: e.hidden,
    };
    push(draft, "onboarding.readiness-changed", "set", C::SetReadiness(command));
    Ok(())
}

/// A code as the key of its text.
pub(super) fn key(code: &str) -> String {
    code.to_ascii_lowercase().replace('_', "-")
}

fn commented(draft: &mut Rules<'_>, e: &TaskComment) -> Result<(), Held> {
    let said = PublicCommentAdded {
        note_id: e.note_id.clone(),
        author: e.author.clone(),
        text: e.text.clone(),
        format: e.format.clone(),
        files: Vec::new(),
    };
    match comments(draft, &said)? {
        Ok(posts) => {
            for Post { effect, comment: c, .. } in posts {
                let (task_id, note_key) = (e.task_id.clone(), c.note_key);
                let command = PostTaskComment { task_id, note_key, author_label: c.author_label, text: c.text };
                push(draft, "onboarding.comment-added", &effect, C::PostComment(command));
            }
            Ok(())
        }
        Err(rule) => draft.only_skip(rule),
    }
}

/// X carried out the partner's acceptance. Its own echo is no news, so the partner hears of it here.
pub(crate) fn obeyed(draft: &mut Rules<'_>, kind: &str) -> Result<(), Held> {
    if kind != "internal.onboarding.accept-invitation" {
        return draft.only_skip("outcome-done");
    }
    if let Some(rule) = elsewhere(draft) {
        return draft.only_skip(rule);
    }
    let terms = terms(draft)?;
    let known = draft.known_partner()?;
    let (to, _, label) = meaning(terms, &terms.statuses.to_write("accept"))?;
    if to == Status::Registered {
        return draft.only_skip("same-status");
    }
    let label = known.texts.get("onboarding-status", label).share();
    let one_of = vec![Status::Registered.as_str().to_owned()];
    let only_if = Some(OnlyIf { field: "status".to_owned(), one_of, set_by: String::new() });
    let command = SetStatus { status: to, label, reason: None, only_if };
    push(draft, "onboarding.obeyed", "take-up", C::SetStatus(command));
    Ok(())
}
