//! What a partner did about a document, as commands for X.

use super::compose::{self, Version};
use super::{FILE_REFUSED, VERSION, WITHHELD, terms};
use crate::bundle::document::Documents;
use crate::bundle::document::types::Type;
use crate::engine::{Draft, Held, Known};
use crate::files;
use crate::issue::foreign;
use crate::said::{cut_marker, fill, note_of, said};
use crate::uploader::{CARRIED, WITHHELD as WITHHELD_FILES, carried, withheld};
use domain::document::{InternalCommand as C, LinkCase, PartnerEvent as E, SharedDocument, VersionAdded};
use domain::issue::{
    AddInternalNote, AddPublicComment, CommentAdded, CreateCase, StatusWrite, UpdateFields, Withdrawn,
};
use domain::text::cut;
use domain::{DocumentStatus, InternalCommand, OnlyIf};

type Rules<'a> = Draft<'a, InternalCommand>;
const SECTION: &str = "document-agent";

pub(crate) fn to_internal(draft: &mut Rules<'_>, event: &E) -> Result<(), Held> {
    if super::sharing::begins_inside(draft) {
        return of_the_house(draft, event);
    }
    if let Some(rule) = foreign(draft) {
        return draft.only_skip(rule);
    }
    let terms = terms(draft)?;
    let known = draft.known_partner()?;
    match event {
        E::Shared(e) => shared(draft, &known, terms, e),
        E::VersionAdded(e) => version_added(draft, &known, terms, e),
        E::CommentAdded(e) => comment_added(draft, &known, e),
        E::Withdrawn(e) => withdrawn(draft, &known, terms, e),
    }
}

/// Of a document that the house shared its partner may speak, and no more.
fn of_the_house(draft: &mut Rules<'_>, event: &E) -> Result<(), Held> {
    terms(draft)?;
    let known = draft.known_partner()?;
    match event {
        E::CommentAdded(e) => comment_added(draft, &known, e),
        E::Shared(_) | E::VersionAdded(_) | E::Withdrawn(_) => draft.only_skip("not-the-partners-document"),
    }
}

pub(super) fn push(draft: &mut Rules<'_>, rule: &'static str, effect: &str, command: C) {
    draft.push(rule, effect, InternalCommand::Document(command));
}

/// A status write that takes place only where X stands at a status that `from` accepts.
fn status_write(terms: &Documents, word: &str, from: impl Fn(DocumentStatus) -> bool) -> StatusWrite {
    let one_of = terms.statuses.values(from);
    let only_if = OnlyIf { field: "status".to_owned(), one_of, set_by: String::new() };
    StatusWrite { to: terms.statuses.to_write(word), only_if: Some(only_if) }
}

fn shared(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Documents, e: &SharedDocument) -> Result<(), Held> {
    let kind = compose::kind(terms, &e.type_list, &e.type_code)?;
    let codes: Vec<&str> = e.references.iter().map(|r| r.type_code.trim()).collect();
    let route = terms.routes.first_of(|field| match field {
        "type" => vec![kind.code.as_str()],
        "restricted" => vec![if kind.restricted { "true" } else { "false" }],
        "reference" if codes.is_empty() => vec![""],
        "reference" => codes.clone(),
        "case" => vec![if e.case_id.trim().is_empty() { "false" } else { "true" }],
        "partner" => vec![known.partner.id.as_str()],
        "group" => vec![&known.partner.group],
        "environment" => vec![draft.meta.environment.as_str()],
        "language" => vec![&e.language],
        other => vec![crate::issue::values::extra(draft, other)],
    });
    let case = CreateCase {
        route: route.queue.clone(),
        title: compose::title(draft, known, kind, e),
        description: compose::description(draft, known, kind, e),
        status: terms.statuses.to_write("create"),
        priority: route.priority.clone(),
        fields: compose::fields(draft, known, terms, kind, e),
    };
    let rule = "document.shared";
    push(draft, rule, "create", C::CreateCase(case));
    file(draft, known, terms, kind, (rule, &Version::first(e)));
    // Last: by then the case may have its ticket.
    let case = compose::subject_of_case(draft, &e.case_id);
    if !case.is_empty() {
        push(draft, rule, "link", C::LinkCase(LinkCase { case }));
    }
    Ok(())
}

/// The file of a version at its record; or, where a rule or its system keeps it back, a note in its place.
fn file(
    draft: &mut Rules<'_>,
    known: &Known<'_>,
    terms: &Documents,
    kind: &Type,
    (rule, version): (&'static str, &Version<'_>),
) {
    let number = version.number.to_string();
    let name = compose::file(draft, kind, version.file);
    let refusal = compose::refusal(draft, known, terms, kind, version);
    if kind.restricted && version.file.blob().is_some() {
        // They lie in the blob store although nobody is to have them: ingest's `left_document_types` lacks this type.
        draft.skip("restricted-bytes-taken");
    }
    let about = [(VERSION, number.as_str()), (WITHHELD, refusal.as_deref().unwrap_or_default())];
    let (effect, command) = match &refusal {
        None => {
            let text = draft.bundle.agent_texts().get(SECTION, "file_added").as_str();
            let text = fill(text, &[("version", &number), ("file", &name)]);
            let text = cut(&text, known.policy.limit("comment"), &cut_marker(draft));
            let author = cut(&draft.meta.actor.id, 200, "…");
            let files = compose::carried(kind, version.file).into_iter().collect();
            ("file", C::AddFile(AddPublicComment { author, text, format: "plain".to_owned(), files }))
        }
        Some(reason) => {
            let values = [("version", number.as_str()), ("file", &name), ("reason", reason)];
            ("withheld", C::WithholdFile(note_of(draft, known, (SECTION, "withheld"), &values)))
        }
    };
    draft.push_about(rule, effect, InternalCommand::Document(command), &about);
}

/// The review begins anew, with the newest version. The same bytes again are no version.
fn version_added(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Documents, e: &VersionAdded) -> Result<(), Held> {
    if !e.file.sha256.is_empty() && e.file.sha256 == e.prior_sha256 {
        return draft.only_skip("same-bytes");
    }
    let kind = compose::kind(terms, &e.type_list, &e.type_code)?;
    let rule = "document.version-added";
    let version = Version::newer(e);
    let number = version.number.to_string();
    let fields = compose::fields_of_version(draft, terms, kind, &version);
    let add = InternalCommand::Document(C::AddVersion(UpdateFields { fields }));
    draft.push_about(rule, "fields", add, &[(VERSION, &number)]);
    let note = if kind.restricted { "" } else { e.change_note.trim() };
    let file_of = compose::file(draft, kind, version.file);
    let values = [("version", number.as_str()), ("file", &file_of), ("note", note)];
    let note = note_of(draft, known, (SECTION, "new_version"), &values);
    push(draft, rule, "note", C::AddInternalNote(note));
    let done = |s: DocumentStatus| s.is_decision() || s == DocumentStatus::Archived;
    let restart = status_write(terms, "restart", done);
    let restart = InternalCommand::Document(C::RestartReview(restart));
    draft.push_about(rule, "restart", restart, &[(VERSION, &number)]);
    file(draft, known, terms, kind, (rule, &version));
    Ok(())
}

fn comment_added(draft: &mut Rules<'_>, known: &Known<'_>, e: &CommentAdded) -> Result<(), Held> {
    let words = said(draft, known, (&e.author, &e.text, &e.format), &e.files)?;
    let brought = files::replies(draft, &e.author, &e.files);
    if words.is_none() && brought.is_empty() {
        return draft.only_skip("empty-comment");
    }
    if let Some(comment) = words {
        let comment = InternalCommand::Document(C::AddPublicComment(comment));
        draft.push_about("document.comment-added", "comment", comment, &[(WITHHELD_FILES, &withheld(&e.files))]);
    }
    for (effect, reply) in brought {
        let about = carried(&reply.files);
        let reply = InternalCommand::Document(C::AddPublicComment(reply));
        draft.push_about("document.comment-added", &effect, reply, &[(CARRIED, &about)]);
    }
    Ok(())
}

fn withdrawn(draft: &mut Rules<'_>, known: &Known<'_>, terms: &Documents, e: &Withdrawn) -> Result<(), Held> {
    let rule = "document.withdrawn";
    let reason = e.reason.trim();
    // Agents should know why before the ticket closes under their hands.
    let note = note_of(draft, known, (SECTION, "withdrawn"), &[("text", reason)]);
    push(draft, rule, "note", C::AddInternalNote(note));
    let cancel = status_write(terms, "cancel", |s| s.may_become(DocumentStatus::Withdrawn));
    push(draft, rule, "cancel", C::CancelCase(cancel));
    Ok(())
}

/// The uploader of a file was told that it could not be accepted, because of what X's side said of it: the agents read
/// that too. `None` where they have read it before.
pub(crate) fn told(draft: &mut Rules<'_>) -> Option<()> {
    draft.meta.ext.get(FILE_REFUSED)?;
    let version = draft.meta.ext.get(VERSION).map_or("", String::as_str);
    let text = draft.bundle.agent_texts().get(SECTION, "file_refused").as_str();
    let text = fill(text, &[("version", version)]);
    push(draft, "document.file-refused", "note", C::AddInternalNote(AddInternalNote { text }));
    Some(())
}

/// Time has passed, and the community has taken what was said of it.
pub(super) fn reminded(draft: &mut Rules<'_>, note: AddInternalNote) {
    push(draft, "document.reminded", "note", C::AddInternalNote(note));
}
