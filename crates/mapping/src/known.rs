//! What of X a known partner may hear, whatever the use case: the marks of the origin, the grants and limits of the
//! bundle, each text by way of [`project`].

use crate::bundle::fields::Use;
use crate::engine::{Draft, Held, Known};
use crate::project;
use domain::issue::{PostComment, PublicCommentAdded};
use domain::{ContentHash, Marked, PartnerCommand, Shared, Timestamp, Visibility};

type Rules<'a> = Draft<'a, PartnerCommand>;
type Text = Shared<String>;

impl Known<'_> {
    pub(crate) fn bounded(&self, text: &Text) -> Option<Text> {
        let text = text.cut(self.policy.limit("comment"), self.texts.get("notice", "cut"));
        (!text.get().trim().is_empty()).then_some(text)
    }

    /// A marked text, where the partner may see it and the bundle shares this kind of text.
    pub(crate) fn shared(&self, key: &str, text: &Marked<String>) -> Option<Text> {
        project::marked(self.isolation, text, false)
            .filter(|_| self.policy.shares(key))
            .and_then(|text| self.bounded(&text))
    }

    /// A marked text that is what the record is about, and so needs no share of its own.
    pub(crate) fn told(&self, text: &Marked<String>) -> Option<Text> {
        project::marked(self.isolation, text, false).and_then(|text| self.bounded(&text))
    }

    /// The first granted extra field that the bundle uses so and that has a value.
    pub(crate) fn extra(&self, draft: &Rules<'_>, wanted: Use) -> Option<Text> {
        let fields = draft.bundle.fields.out.iter().filter(|f| f.to == wanted);
        fields
            .filter_map(|f| project::extra(self.isolation, self.policy, &f.internal, draft.meta))
            .find_map(|text| self.bounded(&text))
    }

    pub(crate) fn notice(&self, key: &str) -> Text {
        self.texts.get("notice", key).share()
    }

    pub(crate) fn date(&self, key: &str, at: Option<Timestamp>) -> Option<Timestamp> {
        at.filter(|_| self.policy.shares(key))
    }
}

/// A public comment for the partner, or the rule by which it does not cross.
pub(crate) fn comment(draft: &Rules<'_>, e: &PublicCommentAdded) -> Result<Result<PostComment, &'static str>, Held> {
    if e.text.visibility() != Visibility::Partner {
        return Ok(Err("not-for-partner"));
    }
    let known = draft.known_partner()?;
    if !known.policy.shares("comments") {
        return Ok(Err("not-shared"));
    }
    let is_html = match e.format.as_str() {
        "" | "plain" | "markdown" => false,
        "html" => true,
        other => return Err(Held::new("unknown-format", other)),
    };
    let Some(text) = project::marked(known.isolation, &e.text, is_html) else { return Ok(Err("not-for-partner")) };
    let Some(text) = known.bounded(&text) else { return Ok(Err("empty-comment")) };
    // X's own key of the note stays inside; the same note always gives the same key.
    let key = format!("{}\n{}\n{}", draft.meta.system, draft.meta.subject, e.note_id);
    Ok(Ok(PostComment {
        note_key: ContentHash::of_bytes(key.as_bytes()).as_str().chars().take(32).collect(),
        author_label: Some(known.texts.get("label", "author").share()),
        text,
    }))
}
