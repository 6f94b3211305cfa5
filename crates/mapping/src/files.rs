//! Files of a message. Each crosses with a message of its own behind the words it came with, so that one that is refused
//! takes nothing else with it; one that was withheld becomes a line in the words.

use crate::bundle::texts::Texts;
use crate::engine::{Draft, Known};
use crate::project;
use crate::said::fill;
use domain::issue::AddPublicComment;
use domain::text::cut;
use domain::{FileClaim, InternalCommand, Marked, Shared};

/// The bundle's words for a reason; a code that it does not know has one for all.
const REASONS: [&str; 9] =
    ["oversize", "empty", "type-blocked", "bad-name", "gone", "unavailable", "corrupt", "too-many", "no-store"];

fn reason_key(code: &str) -> &'static str {
    REASONS.into_iter().find(|known| *known == code).unwrap_or("other")
}

/// A partner's words with a line for each file that was withheld.
pub(crate) fn with_withheld(draft: &Draft<'_, InternalCommand>, text: &str, files: &[FileClaim]) -> String {
    let texts = draft.bundle.agent_texts();
    let get = |key: &str| texts.get("file", key).as_str();
    let mut whole = text.trim().to_owned();
    for file in files.iter().filter(|file| file.blob().is_none()) {
        let limit = file.readable_limit();
        let reason = fill(get(reason_key(&file.withheld)), &[("limit", &limit)]);
        let size = file.readable_size();
        let line = fill(get("withheld"), &[("name", &file.file_name), ("size", &size), ("reason", &reason)]);
        whole = if whole.is_empty() { line } else { fill(get("below"), &[("text", &whole), ("line", &line)]) };
    }
    whole
}

/// A reply for each file whose bytes are there, with the effect that it is named by for ever.
pub(crate) fn replies(
    draft: &Draft<'_, InternalCommand>,
    author: &str,
    files: &[FileClaim],
) -> Vec<(String, AddPublicComment)> {
    let template = draft.bundle.agent_texts().get("file", "attached").as_str();
    let there = files.iter().filter(|file| file.blob().is_some());
    there
        .map(|file| {
            let text = fill(template, &[("name", &file.file_name), ("size", &file.readable_size())]);
            let (author, format) = (cut(author, 200, "…"), "plain".to_owned());
            let comment = AddPublicComment { author, text, format, files: vec![file.clone()] };
            (effect(&file.source_id), comment)
        })
        .collect()
}

pub(crate) fn effect(source_id: &str) -> String {
    format!("file:{source_id}")
}

/// The files of a public comment that this partner may see.
pub(crate) fn for_partner(known: &Known<'_>, files: &[FileClaim<Marked<String>>]) -> Vec<FileClaim<Shared<String>>> {
    if !known.policy.shares("files") {
        return Vec::new();
    }
    // A name is text like any other: it passes the same gate.
    let name = |file: &FileClaim<Marked<String>>| project::marked(known.isolation, &file.file_name, false);
    let named = |name: &Shared<String>| !name.get().trim().is_empty();
    files.iter().filter_map(|file| file.bare().map_name(|()| name(file).filter(named)).transposed()).collect()
}

/// As [`with_withheld`], for the partner.
pub(crate) fn shared_with_withheld(
    texts: &Texts,
    text: Option<Shared<String>>,
    files: &[FileClaim<Shared<String>>],
) -> Option<Shared<String>> {
    let mut whole = text;
    for file in files.iter().filter(|file| file.blob().is_none()) {
        let reason = texts.get("file", reason_key(&file.withheld));
        let reason = Shared::filled(reason, &[("limit", &file.shared_limit())]);
        let size = file.shared_size();
        let values = [("name", &file.file_name), ("size", &size), ("reason", &reason)];
        let line = Shared::filled(texts.get("file", "withheld"), &values);
        whole = Some(match whole {
            None => line,
            Some(text) => Shared::filled(texts.get("file", "below"), &[("text", &text), ("line", &line)]),
        });
    }
    whole
}
