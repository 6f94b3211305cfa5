//! What of X a known partner may hear, whatever the use case: the marks of the origin, the grants and limits of the
//! bundle, each text by way of [`project`].

use crate::bundle::fields::Use;
use crate::engine::{Draft, Held, Known};
use crate::files;
use crate::{project, uploader};
use domain::issue::{Merged, PostComment, PublicCommentAdded};
use domain::{ContentHash, Marked, PartnerCommand, Shared, Timestamp, Visibility};

type Rules<'a> = Draft<'a, PartnerCommand>;
type Text = Shared<String>;
/// What the partner reads.
type Posts = Vec<Post>;

/// A message with the name of its effect, and which of its files were withheld, for whoever hears that it arrived.
pub(crate) struct Post {
    pub(crate) effect: String,
    pub(crate) comment: PostComment,
    pub(crate) withheld: String,
}

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

/// A public comment for the partner and a message for each of its files, by effect; or the rule by which none crosses.
pub(crate) fn comments(draft: &Rules<'_>, e: &PublicCommentAdded) -> Result<Result<Posts, &'static str>, Held> {
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
    let files = files::for_partner(&known, &e.files);
    let Some(text) = project::marked(known.isolation, &e.text, is_html) else { return Ok(Err("not-for-partner")) };
    let text = files::shared_with_withheld(known.texts, known.bounded(&text), &files);
    let author_label = || Some(known.texts.get("label", "author").share());
    let mut out = Vec::new();
    if let Some(text) = text.and_then(|text| known.bounded(&text)) {
        let comment =
            PostComment { note_key: key_of(draft, &e.note_id), author_label: author_label(), text, files: vec![] };
        out.push(Post { effect: "comment".to_owned(), comment, withheld: uploader::withheld_shared(&files) });
    }
    for file in files.into_iter().filter(|file| file.blob().is_some()) {
        let effect = files::effect(&file.source_id);
        // X's own ids stay inside, that of the file too.
        let note_key = key_of(draft, &format!("{}\n{}", e.note_id, file.source_id));
        let size = file.shared_size();
        let values = [("name", &file.file_name), ("size", &size)];
        let text = Shared::filled(known.texts.get("file", "attached"), &values);
        let file = domain::FileClaim { source_id: note_key.clone(), ..file };
        let comment = PostComment { note_key, author_label: author_label(), text, files: vec![file] };
        out.push(Post { effect, comment, withheld: String::new() });
    }
    Ok(if out.is_empty() { Err("empty-comment") } else { Ok(out) })
}

/// That a record is over because agents go on elsewhere: in its own partner's record, or where nothing may be said of.
pub(crate) fn end_notice(known: &Known<'_>, e: &Merged) -> Text {
    let own = e.into_partner == known.partner.id.as_str();
    known.notice(if own { "merged" } else { "ended" })
}

/// A comment of the house's own, in the bundle's words.
pub(crate) fn notice_comment(draft: &Rules<'_>, known: &Known<'_>, text: Text) -> PostComment {
    let key = format!("{}\n{}\nnotice", draft.meta.id, draft.meta.subject);
    PostComment {
        note_key: ContentHash::of_bytes(key.as_bytes()).as_str().chars().take(32).collect(),
        author_label: Some(known.texts.get("label", "author").share()),
        text,
        files: Vec::new(),
    }
}

/// X's own key of a note stays inside; the same note always gives the same key.
fn key_of(draft: &Rules<'_>, note_id: &str) -> String {
    let key = format!("{}\n{}\n{note_id}", draft.meta.system, draft.meta.subject);
    ContentHash::of_bytes(key.as_bytes()).as_str().chars().take(32).collect()
}
