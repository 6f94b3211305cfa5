//! Who may see a value. The road from the inside to a partner is a type: internal events carry [`Marked`] text,
//! partner commands only [`Shared`] text, and this file holds the only ways from one to the other.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Audience of a record or a field. What is missing or unknown is [`Visibility::Host`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// The partner that the record names may see it.
    Partner,
    /// Staff of the host company only.
    #[default]
    Host,
    /// Named roles inside the host company only; no bundle can share it.
    Restricted,
}

impl Visibility {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partner => "PARTNER",
            Self::Host => "HOST",
            Self::Restricted => "RESTRICTED",
        }
    }
    /// Total: a word nobody knows keeps the value inside.
    pub fn from_word(word: &str) -> Self {
        match word {
            "PARTNER" => Self::Partner,
            "RESTRICTED" => Self::Restricted,
            _ => Self::Host,
        }
    }
    /// The stricter of the two.
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

impl Serialize for Visibility {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
impl<'de> Deserialize<'de> for Visibility {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_word(&String::deserialize(deserializer)?))
    }
}

/// A value together with who may see it.
///
/// On the wire it is the bare value: what was read back is `Host` until `codec` applies the record's visibility and
/// the field's audience. `Debug` prints the value only where the partner may see it, so that a log cannot leak more
/// than the partner has.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Marked<T> {
    value: T,
    visibility: Visibility,
}

impl<T> Marked<T> {
    /// For adapters, which know what their system said, and for `codec`. Banned in `mapping` by its clippy file.
    pub const fn new(value: T, visibility: Visibility) -> Self {
        Self { value, visibility }
    }
    pub const fn visibility(&self) -> Visibility {
        self.visibility
    }
    pub const fn for_host(&self) -> &T {
        &self.value
    }
    /// Sets who may see it. For `codec`; banned in `mapping`.
    pub const fn mark(&mut self, visibility: Visibility) {
        self.visibility = visibility;
    }
}

impl<T: Clone> Marked<T> {
    /// `None` unless the value is marked for the partner.
    pub fn for_partner(&self) -> Option<Shared<T>> {
        match self.visibility {
            Visibility::Partner => Some(Shared(self.value.clone())),
            Visibility::Host | Visibility::Restricted => None,
        }
    }
    /// As [`Marked::for_partner`], and also where the bundle grants this very field. Restricted stays inside.
    pub fn for_partner_by(&self, field: &str, grant: &Grant) -> Option<Shared<T>> {
        match self.visibility {
            Visibility::Host if grant.field == field => Some(Shared(self.value.clone())),
            Visibility::Partner | Visibility::Host | Visibility::Restricted => self.for_partner(),
        }
    }
}

impl<T: Serialize> Serialize for Marked<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Marked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(T::deserialize(deserializer)?, Visibility::Host))
    }
}
impl<T: fmt::Debug> fmt::Debug for Marked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.visibility {
            Visibility::Partner => write!(f, "{:?}", self.value),
            Visibility::Host | Visibility::Restricted => write!(f, "<{}>", self.visibility.as_str()),
        }
    }
}

/// An operator's explicit decision, in a bundle, that one extra field of the case system may be seen by the partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    field: String,
}

impl Grant {
    /// For the bundle loader alone.
    pub fn of_field(field: impl Into<String>) -> Self {
        Self { field: field.into() }
    }
}

/// A text that an operator wrote into a bundle to be read by partners.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicText(String);

impl PublicText {
    /// For the bundle loader alone.
    pub fn declared(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    pub fn share(&self) -> Shared<String> {
        Shared(self.0.clone())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A value that may leave the house. No public constructor, and no `Deserialize`: bytes do not become shareable by
/// being parsed. The ways here are [`Marked::for_partner`], [`Marked::for_partner_by`], [`PublicText::share`] and,
/// for a partner command read back from its topic, [`Shared::read_back`].
///
/// A leak does not compile. What is allowed:
/// ```
/// use domain::{Marked, Shared, Visibility, issue::PostComment};
/// let note = Marked::new("see page 2".to_owned(), Visibility::Partner);
/// let text: Shared<String> = note.for_partner().expect("marked for the partner");
/// let _ = PostComment { note_key: "n1".to_owned(), author_label: None, text, files: Vec::new() };
/// ```
/// Marked text is not shared text:
/// ```compile_fail,E0308
/// use domain::{Marked, Shared, Visibility, issue::PostComment};
/// let note = Marked::new("see page 2".to_owned(), Visibility::Partner);
/// let _ = PostComment::<Shared<String>> { note_key: "n1".to_owned(), author_label: None, text: note };
/// ```
/// Nobody makes one by hand:
/// ```compile_fail,E0423
/// let _ = domain::Shared("internal note".to_owned());
/// ```
/// Nor by parsing:
/// ```compile_fail,E0277
/// let _: domain::Shared<String> = serde_json::from_str("\"internal note\"").unwrap();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Shared<T>(T);

impl<T> Shared<T> {
    pub const fn get(&self) -> &T {
        &self.0
    }
    pub fn into_inner(self) -> T {
        self.0
    }
    /// For `codec` alone: the record was a partner command, so its text had passed the gate when it was written.
    pub const fn read_back(value: T) -> Self {
        Self(value)
    }
}

impl AsRef<str> for Shared<String> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Shared<String> {
    /// A piece of this very text: what was shared as a whole is shared in parts. `None` for any other text.
    pub fn part(&self, piece: &str) -> Option<Self> {
        self.0.contains(piece).then(|| Self(piece.to_owned()))
    }
    /// The text that a reader of this HTML would see, see [`crate::text::plain_of_html`].
    pub fn without_markup(&self) -> Self {
        Self(crate::text::plain_of_html(&self.0))
    }
    /// Without characters that nobody sees, quoted older mails and a signature: what was said here and now.
    pub fn only_said(&self) -> Self {
        let seen: String = self.0.chars().filter(|c| !crate::text::is_hidden(*c)).collect();
        Self(crate::text::without_quotes(&seen))
    }
    /// With each of these ranges of bytes (in order, apart, on borders of characters) replaced by `[…]` and the last
    /// `keep` bytes of it. A range that does not fit hides all that follows.
    pub fn hiding(&self, ranges: &[(std::ops::Range<usize>, usize)]) -> Self {
        let mut out = String::with_capacity(self.0.len());
        let mut at = 0;
        for (range, keep) in ranges {
            let before = self.0.get(at..range.start);
            let kept = self.0.get(range.end.saturating_sub(*keep).max(range.start)..range.end);
            let (Some(before), Some(kept)) = (before, kept) else {
                out.push_str("[…]");
                return Self(out);
            };
            out.push_str(before);
            out.push_str("[…]");
            out.push_str(kept);
            at = range.end;
        }
        out.push_str(self.0.get(at..).unwrap_or_default());
        Self(out)
    }
    /// At most `max` characters, ending in `marker` where something was cut off.
    pub fn cut(&self, max: usize, marker: &PublicText) -> Self {
        Self(crate::text::cut(&self.0, max, marker.as_str()))
    }
    /// Puts shared values into a shared text, `{name}` by `{name}`; a name without a value becomes empty.
    pub fn filled(template: &PublicText, values: &[(&str, &Shared<String>)]) -> Self {
        let mut out = String::with_capacity(template.0.len());
        let mut rest = template.0.as_str();
        while let Some(open) = rest.find('{') {
            let (before, after) = rest.split_at(open);
            out.push_str(before);
            let Some(close) = after.find('}') else {
                rest = after;
                break;
            };
            let name = &after[1..close];
            out.push_str(values.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v.0.as_str()));
            rest = &after[close + 1..];
        }
        out.push_str(rest);
        Self(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_marked_for_the_partner_is_shared() {
        for (visibility, open) in
            [(Visibility::Partner, true), (Visibility::Host, false), (Visibility::Restricted, false)]
        {
            assert_eq!(Marked::new("x", visibility).for_partner().is_some(), open);
        }
        let grant = Grant::of_field("eta");
        assert!(Marked::new("x", Visibility::Host).for_partner_by("eta", &grant).is_some());
        assert!(Marked::new("x", Visibility::Host).for_partner_by("cost", &grant).is_none());
        assert!(Marked::new("x", Visibility::Restricted).for_partner_by("eta", &grant).is_none());
    }

    #[test]
    fn only_a_piece_of_a_shared_text_is_shared_with_it() {
        let text = PublicText::declared("line=1 decision=UPHELD").share();
        assert_eq!(text.part("UPHELD").unwrap().get(), "UPHELD");
        assert_eq!(text.part("an internal text"), None);
    }

    #[test]
    fn what_is_hidden_in_a_shared_text_is_gone_whatever_the_ranges() {
        let text = PublicText::declared("mail ann@x.example, 12345678 ö").share();
        assert_eq!(text.hiding(&[(5..18, 0), (20..28, 4)]).get(), "mail […], […]5678 ö");
        assert_eq!(text.hiding(&[(30..99, 0)]).get(), "[…]");
        let odd = PublicText::declared("se\u{200b}en\n> quoted\n-- \nAnn").share();
        assert_eq!(odd.only_said().get(), "seen");
    }

    #[test]
    fn an_unknown_word_keeps_a_value_inside() {
        assert_eq!(Visibility::from_word("public"), Visibility::Host);
        assert_eq!(Visibility::Partner.and(Visibility::Restricted), Visibility::Restricted);
    }

    #[test]
    fn what_was_parsed_is_inside_until_it_is_marked() {
        let parsed: Marked<String> = serde_json::from_str("\"note\"").unwrap();
        assert_eq!(parsed.visibility(), Visibility::Host);
        assert_eq!(format!("{parsed:?}"), "<HOST>");
    }

    #[test]
    fn a_template_takes_shared_values_only_and_survives_odd_braces() {
        let template = PublicText::declared("ref {reference}, {unknown}{");
        let reference = PublicText::declared("42").share();
        assert_eq!(Shared::filled(&template, &[("reference", &reference)]).get(), "ref 42, {");
    }
}
