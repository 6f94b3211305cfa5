//! Documents of the house's own, shared outward: they begin in X, with an agent's gesture, and each goes to one partner.
//!
//! The gesture is one write that names the version. What crosses is the file of the newest public reply before it; no
//! file of a reply crosses without it, and nothing that was said before it.

use super::{DocumentStatus, InternalEvent};
use crate::{FileClaim, Marked, NativeId, Shared, Subject, SubjectKind, SystemId, TicketEvent, UseCase, Visibility};
use serde::{Deserialize, Serialize};

/// The custom field by which an agent shares a version:
///
/// ```text
/// version=1 title="Routing guide" valid_to=2026-12-31 note="new docks"
/// ```
pub const SHARE: &str = "TG Share";

/// An agent shares a version with the partner that the record names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedOutward {
    /// As it is written in X; the bundle grants the text and knows its words.
    #[serde(default)]
    pub gesture: Marked<String>,
    /// Files of the newest public reply that brought any.
    #[serde(default)]
    pub files: Vec<FileClaim<Marked<String>>>,
}

/// What somebody searches by: UNTDID 1001 type and number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicReference<T = Shared<String>> {
    pub type_code: String,
    pub number: T,
}

/// Offer the partner a document of the house: its first version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish<T = Shared<String>> {
    pub title: T,
    /// In the codes of [`super::TYPE_LISTS`].
    pub type_list: String,
    pub type_code: T,
    #[serde(default)]
    pub references: Vec<PublicReference<T>>,
    /// The community's id of the case that it belongs to.
    #[serde(default)]
    pub case_id: Option<T>,
    /// Where it is withheld nothing is published: the agents read why.
    pub file: FileClaim<T>,
    /// ISO 8601 calendar date, the last day.
    #[serde(default)]
    pub valid_to: Option<T>,
    /// The status in the partner's language.
    pub label: T,
    #[serde(default)]
    pub note: Option<T>,
}

/// Offer the partner a newer version, in place of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishVersion<T = Shared<String>> {
    /// From 2; the community refuses any but the next.
    pub version_no: i64,
    pub file: FileClaim<T>,
    #[serde(default)]
    pub valid_to: Option<T>,
    pub label: T,
    #[serde(default)]
    pub note: Option<T>,
}

impl<T> Publish<T> {
    pub(super) fn map_text<U>(self, f: impl Fn(T) -> U) -> Publish<U> {
        let reference = |one: PublicReference<T>| PublicReference { type_code: one.type_code, number: f(one.number) };
        Publish {
            title: f(self.title),
            type_list: self.type_list,
            type_code: f(self.type_code),
            references: self.references.into_iter().map(reference).collect(),
            case_id: self.case_id.map(&f),
            file: self.file.map_name(&f),
            valid_to: self.valid_to.map(&f),
            label: f(self.label),
            note: self.note.map(&f),
        }
    }
}

impl<T> PublishVersion<T> {
    pub(super) fn map_text<U>(self, f: impl Fn(T) -> U) -> PublishVersion<U> {
        PublishVersion {
            version_no: self.version_no,
            file: self.file.map_name(&f),
            valid_to: self.valid_to.map(&f),
            label: f(self.label),
            note: self.note.map(&f),
        }
    }
}

/// The subject of a document that begins with the record of X that has this key.
pub fn begun_in(system: &SystemId, record: &NativeId) -> Subject {
    Subject::new(SubjectKind::Document, system, record)
}

/// What is known of a change's record at the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No version has been shared yet: nothing of it is anybody's.
    Inside,
    Shared,
    /// The change is the gesture itself, with the files it is about.
    Gesture(Vec<FileClaim<Marked<String>>>),
}

/// A change of a record that is shared outward, as an event, with who may see it; or the rule by which it is none. The
/// same for every adapter, for it decides what leaves.
pub fn says(event: TicketEvent, standing: Standing) -> Result<(InternalEvent, Visibility), &'static str> {
    use InternalEvent as E;
    use TicketEvent as T;
    match (event, standing) {
        (T::FieldChanged(e), Standing::Gesture(files)) => {
            Ok((E::SharedOutward(SharedOutward { gesture: e.to, files }), Visibility::Partner))
        }
        (_, Standing::Inside) => Err("before-sharing"),
        // The words of a reply are a comment; its file waits for the gesture, and is not even named.
        (T::PublicCommentAdded(e), Standing::Shared | Standing::Gesture(_)) => {
            if e.text.for_host().trim().is_empty() {
                return Err("file-without-sharing");
            }
            let visibility = e.text.visibility();
            Ok((E::PublicCommentAdded(crate::issue::PublicCommentAdded { files: Vec::new(), ..e }), visibility))
        }
        (
            event @ (T::Created(_)
            | T::StatusChanged(_)
            | T::InformationRequired(_)
            | T::Merged(_)
            | T::InternalNoteAdded(_)
            | T::Assigned(_)
            | T::PriorityChanged(_)
            | T::FieldChanged(_)),
            Standing::Shared | Standing::Gesture(_),
        ) => {
            let visibility =
                if matches!(event, T::InformationRequired(_)) { Visibility::Partner } else { Visibility::Host };
            match UseCase::Document.says(event) {
                Some(crate::InternalEvent::Document(event)) => Ok((event, visibility)),
                Some(
                    crate::InternalEvent::Issue(_)
                    | crate::InternalEvent::Discrepancy(_)
                    | crate::InternalEvent::Onboarding(_),
                )
                | None => Err("not-a-document"),
            }
        }
    }
}

/// How an offered version stands at the community.
pub const OFFERED: DocumentStatus = DocumentStatus::Available;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::{FieldChanged, InternalNoteAdded, PublicCommentAdded};

    fn file() -> FileClaim<Marked<String>> {
        let name = Marked::new("guide.pdf".to_owned(), Visibility::Partner);
        FileClaim::named("7".to_owned(), name, "application/pdf".to_owned(), 9)
    }

    fn reply(text: &str) -> TicketEvent {
        TicketEvent::PublicCommentAdded(PublicCommentAdded {
            note_id: "1".to_owned(),
            author: "bob".to_owned(),
            text: Marked::new(text.to_owned(), Visibility::Partner),
            format: "plain".to_owned(),
            files: vec![file()],
        })
    }

    fn field(name: &str) -> TicketEvent {
        let to = Marked::new("version=1".to_owned(), Visibility::Host);
        TicketEvent::FieldChanged(FieldChanged { field: name.to_owned(), from: Marked::default(), to })
    }

    #[test]
    fn nothing_that_was_said_before_the_first_gesture_is_anybodys() {
        for event in [reply("here it is"), field("TG Decision")] {
            assert_eq!(says(event, Standing::Inside), Err("before-sharing"));
        }
    }

    #[test]
    fn a_file_crosses_with_the_gesture_and_not_with_a_reply() {
        let (event, visibility) = says(reply("here it is"), Standing::Shared).unwrap();
        let InternalEvent::PublicCommentAdded(said) = event else { panic!("{event:?}") };
        assert_eq!((said.files, visibility), (Vec::new(), Visibility::Partner));
        assert_eq!(says(reply(" "), Standing::Shared), Err("file-without-sharing"));
        let (event, _) = says(field(SHARE), Standing::Gesture(vec![file()])).unwrap();
        let InternalEvent::SharedOutward(shared) = event else { panic!("{event:?}") };
        assert_eq!((shared.gesture.for_host().as_str(), shared.files), ("version=1", vec![file()]));
    }

    #[test]
    fn a_note_stays_inside() {
        let text = Marked::new("they ask too much".to_owned(), Visibility::Host);
        let note = InternalNoteAdded { note_id: "2".to_owned(), author: "bob".to_owned(), text };
        let (event, visibility) = says(TicketEvent::InternalNoteAdded(note), Standing::Shared).unwrap();
        assert!(matches!(event, InternalEvent::InternalNoteAdded(_)));
        assert_eq!(visibility, Visibility::Host);
    }
}
