//! Documents of the house's own: they begin in X, under the subject of their record there, and go to the one partner that
//! the record names. What an agent's gesture says is granted by the bundle as one field.
//!
//! What may not go is refused by whoever would carry it out, who is given the reason and nothing of the document: so the
//! agents read it where they read of every refusal.

use super::outward::{meaning, push, restricted};
use super::{VERSION, compose, terms};
use crate::bundle::document::types::Type;
use crate::bundle::document::{Documents, Verdict};
use crate::bundle::fields::Use;
use crate::date;
use crate::engine::{Draft, Held, Known};
use crate::known::comments;
use crate::project;
use crate::said::pairs;
use domain::document::outward::{PublicReference, Publish, PublishVersion};
use domain::document::{InternalEvent as E, PartnerCommand as C, SetStatus, SharedOutward};
use domain::issue::{InformationRequired, PublicCommentAdded, StatusChanged};
use domain::{Command, DocumentStatus as Status, FileClaim, PartnerCommand, Shared, Subject, SubjectKind};

type Rules<'a> = Draft<'a, PartnerCommand>;
type Text = Shared<String>;
type File = FileClaim<Text>;

const RULE: &str = "document.shared-outward";
/// Texts of the bundle about all this.
pub(super) const SECTION: &str = "document-outward";
/// What the gesture may say.
const WORDS: [&str; 6] = ["version", "title", "valid_to", "note", "file", "partner"];
/// References of one kind at most.
const MANY: usize = 20;

/// Begun in X: nothing of a partner's document is said of it.
pub(super) fn begins_inside<C: Command>(draft: &Draft<'_, C>) -> bool {
    let subject = &draft.meta.subject;
    subject.kind() == SubjectKind::Document && subject.system() == draft.bundle.internal.as_str()
}

pub(super) fn to_partner(draft: &mut Rules<'_>, event: &E) -> Result<(), Held> {
    match event {
        E::SharedOutward(e) => shared(draft, e),
        E::StatusChanged(e) => status_changed(draft, e),
        E::PublicCommentAdded(e) => commented(draft, e),
        E::InformationRequired(e) => asked(draft, e),
        E::Created(_) => draft.only_skip("internal-created"),
        E::InternalNoteAdded(_) => draft.only_skip("internal-note"),
        E::Assigned(_) => draft.only_skip("assigned"),
        E::PriorityChanged(_) => draft.only_skip("priority-changed"),
        E::FieldChanged(_) => draft.only_skip("field-changed"),
        // What was shared stays so until it is taken back.
        E::Merged(_) => draft.only_skip("merged-inside"),
        // Nobody reviews what the house itself shares, and nobody asks its partner to renew it.
        E::ReviewDecided(_) | E::Expiring(_) | E::Expired(_) => draft.only_skip("not-the-partners-document"),
    }
}

/// What an agent wrote, piece by piece of the granted text.
struct Gesture {
    version: i64,
    title: Option<Text>,
    valid_to: Option<Text>,
    note: Option<Text>,
    /// Which of several files.
    file: Option<Text>,
}

fn shared(draft: &mut Rules<'_>, e: &SharedOutward) -> Result<(), Held> {
    let terms = terms(draft)?;
    let known = draft.known_partner()?;
    let fields = draft.bundle.fields.out.iter().filter(|field| field.to == Use::Share);
    let granted =
        fields.filter_map(|field| project::granted(known.isolation, known.policy, &field.internal, &e.gesture)).next();
    let Some(granted) = granted else { return draft.only_skip("not-shared") };
    if granted.get().trim().is_empty() {
        return draft.only_skip("sharing-taken-back");
    }
    let gesture = gesture(&known, &granted)?;
    let version = gesture.version.to_string();
    let offered = match kind(draft, terms) {
        Ok(kind) => file(draft, &known, terms, kind, (&gesture, e)).map(|file| (kind, file)),
        Err(reason) => Err(reason.to_owned()),
    };
    let command = match offered {
        Ok((kind, file)) => publish(draft, &known, kind, gesture, file),
        Err(reason) => withheld(&known, gesture.version, reason),
    };
    draft.push_about(RULE, "publish", PartnerCommand::Document(command), &[(VERSION, &version)]);
    Ok(())
}

/// A gesture that cannot be read shares nothing; what it says is not told.
fn gesture(known: &Known<'_>, granted: &Text) -> Result<Gesture, Held> {
    let wrong = |what: &str| Held::new("sharing", what);
    let mut values = pairs(&WORDS, granted.get()).map_err(|what| wrong(&what))?;
    let mut take = |key: &str| values.remove(key).filter(|v| !v.trim().is_empty()).and_then(|v| granted.part(v));
    let version = take("version").ok_or_else(|| wrong("no `version=`"))?;
    let version = version.get().parse().ok().filter(|number| *number >= 1);
    let version = version.ok_or_else(|| wrong("a version that is no number"))?;
    let valid_to = take("valid_to");
    if valid_to.as_ref().is_some_and(|day| date::parse_day(day.get()).is_none()) {
        return Err(wrong("a date that is no day"));
    }
    // Said twice, it must be the same one.
    if take("partner").is_some_and(|partner| partner.get() != known.partner.id.as_str()) {
        return Err(wrong("another partner than the record names"));
    }
    Ok(Gesture { version, title: take("title"), valid_to, note: take("note"), file: take("file") })
}

/// By the type that the record holds. What is restricted is never shared, and what nobody knows counts as such.
fn kind<'a>(draft: &Rules<'a>, terms: &'a Documents) -> Result<&'a Type, &'static str> {
    let said = draft.meta.ext.get(&format!("cf.{}", terms.terms.type_field)).map_or("", |said| said.trim());
    let (list, code) = said.split_once(' ').unwrap_or(("", said));
    match terms.types.of(list, code.trim()) {
        None => Err("unknown-type"),
        Some(kind) if kind.restricted => Err("restricted"),
        Some(kind) => Ok(kind),
    }
}

/// The one file that is meant, or why none can go.
fn file(
    draft: &Rules<'_>,
    known: &Known<'_>,
    terms: &Documents,
    kind: &Type,
    (gesture, e): (&Gesture, &SharedOutward),
) -> Result<File, String> {
    if !known.policy.shares("files") {
        return Err("not-shared".to_owned());
    }
    let meant = |name: &Text| gesture.file.as_ref().is_none_or(|wanted| wanted.get().trim() == name.get().trim());
    // A name is text like any other: it passes the same gate.
    let named = e.files.iter().filter_map(|file| {
        file.bare().map_name(|()| project::marked(known.isolation, &file.file_name, false)).transposed()
    });
    let mut named = named.filter(|file| meant(&file.file_name));
    let file = match (named.next(), named.next()) {
        (None, _) => return Err("no-file".to_owned()),
        (Some(_), Some(_)) => return Err("which-file".to_owned()),
        (Some(file), None) => file,
    };
    if file.blob().is_none() {
        return Err(if file.withheld.is_empty() { "gone".to_owned() } else { file.withheld });
    }
    let name = file.file_name.get();
    if !compose::is_name(name) {
        return Err("bad-name".to_owned());
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    let (size, number) = (file.size.to_string(), gesture.version.to_string());
    let media_type = file.media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    let verdict = terms.files.first(|field| match field {
        "type" => &kind.code,
        "media_type" => &media_type,
        "ending" => &ending,
        "size" => &size,
        "version" => &number,
        "partner" => known.partner.id.as_str(),
        "group" => &known.partner.group,
        "environment" => draft.meta.environment.as_str(),
        other => other.strip_prefix("ext.").and_then(|name| draft.meta.ext.get(name)).map_or("", String::as_str),
    });
    match verdict {
        Verdict::Take => Ok(file),
        Verdict::Refuse(reason) => Err(reason.clone()),
    }
}

fn publish(draft: &Rules<'_>, known: &Known<'_>, kind: &Type, gesture: Gesture, file: File) -> C {
    let Gesture { version, title, valid_to, note, .. } = gesture;
    // X's own id of the file stays inside.
    let file = FileClaim { source_id: format!("v{version}"), ..file };
    let label = offered(known);
    let note = note.and_then(|note| known.bounded(&note));
    if version > 1 {
        return C::PublishVersion(PublishVersion { version_no: version, file, valid_to, label, note });
    }
    let title = title.unwrap_or_else(|| file.file_name.clone());
    let title = title.cut(known.policy.limit("title"), known.texts.get("notice", "cut"));
    let (type_list, type_code) = (kind.list.to_owned(), kind.public.share());
    let (references, case_id) = (references(draft, known), case_id(draft, known));
    C::Publish(Box::new(Publish { title, type_list, type_code, references, case_id, file, valid_to, label, note }))
}

fn offered(known: &Known<'_>) -> Text {
    known.texts.get(SECTION, "label").share()
}

/// Nothing of the document but why it does not go.
fn withheld(known: &Known<'_>, version_no: i64, reason: String) -> C {
    let label = offered(known);
    let file = FileClaim { withheld: reason, ..FileClaim::named("", label.clone(), "", 0) };
    let (valid_to, note) = (None, None);
    if version_no > 1 {
        return C::PublishVersion(PublishVersion { version_no, file, valid_to, label, note });
    }
    let (type_list, references, case_id) = (String::new(), Vec::new(), None);
    let (title, type_code) = (label.clone(), label.clone());
    C::Publish(Box::new(Publish { title, type_list, type_code, references, case_id, file, valid_to, label, note }))
}

/// The numbers that the record holds and the bundle grants, one by one.
fn references(draft: &Rules<'_>, known: &Known<'_>) -> Vec<PublicReference> {
    let of = |wanted: Use, code: &'static str| {
        let said = known.extra(draft, wanted);
        let numbers = |said: &Text| {
            let pieces = said.get().split([',', ';', '\n']).map(str::trim).filter(|piece| !piece.is_empty());
            pieces.filter_map(|piece| said.part(piece)).take(MANY).collect::<Vec<_>>()
        };
        let numbers = said.as_ref().map(numbers).unwrap_or_default();
        numbers.into_iter().map(move |number| PublicReference { type_code: code.to_owned(), number })
    };
    of(Use::Order, "220").chain(of(Use::Invoice, "380")).chain(of(Use::Shipment, "270")).collect()
}

/// The community's own id of the case that the record names; a case that did not begin there is nothing to the partner.
fn case_id(draft: &Rules<'_>, known: &Known<'_>) -> Option<Text> {
    let said = known.extra(draft, Use::ParentCase)?;
    let subject = Subject::try_from(said.get().trim().to_owned()).ok()?;
    let here = subject.kind() == SubjectKind::Case && subject.system() == draft.bundle.community.as_str();
    said.part(subject.native()).filter(|_| here)
}

/// X's status orders the house's work; one that means "withdrawn" takes the document back.
fn status_changed(draft: &mut Rules<'_>, e: &StatusChanged) -> Result<(), Held> {
    let terms = terms(draft)?;
    let known = draft.known_partner()?;
    let (to, key) = meaning(terms, &e.to)?;
    if to != Status::Withdrawn {
        return draft.only_skip("work-inside");
    }
    let reason = known.shared("status_reason", &e.reason).or_else(|| known.extra(draft, Use::StatusReason));
    let label = known.texts.get("document-status", key).share();
    let reason = reason.filter(|_| !restricted(draft, terms));
    let command = SetStatus { status: to, label, status_code: None, reason, version_no: 0, only_if: None };
    push(draft, "document.withdrawn-outward", "withdrawn", C::SetStatus(command));
    Ok(())
}

/// Words only: a file goes with the gesture.
fn commented(draft: &mut Rules<'_>, e: &PublicCommentAdded) -> Result<(), Held> {
    let words = PublicCommentAdded { files: Vec::new(), ..e.clone() };
    match comments(draft, &words)? {
        // A restricted document was never shared, or became one later.
        Ok(_) if restricted(draft, terms(draft)?) => draft.only_skip("restricted"),
        Ok(posts) => {
            for post in posts {
                push(draft, "document.public-comment-added", &post.effect, C::PostComment(post.comment));
            }
            Ok(())
        }
        Err(rule) => draft.only_skip(rule),
    }
}

fn asked(draft: &mut Rules<'_>, e: &InformationRequired) -> Result<(), Held> {
    let note_id = format!("question-{}", draft.meta.id);
    let (author, format, files) = (String::new(), "plain".to_owned(), Vec::new());
    commented(draft, &PublicCommentAdded { note_id, author, text: e.question.clone(), format, files })
}
