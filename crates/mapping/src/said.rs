//! What a partner said, as X is to hear it, whatever the use case.

use crate::engine::{Draft, Held, Known};
use crate::files::with_withheld;
use domain::issue::{AddInternalNote, AddPublicComment};
use domain::text::{cut, plain_of_html};
use domain::{FileClaim, InternalCommand};
use std::collections::BTreeMap;

type Rules<'a> = Draft<'a, InternalCommand>;

/// Fills `{name}` in a text for agents; a name without a value becomes empty. Values are not filled again.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            break;
        };
        out.push_str(values.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}

pub(crate) fn cut_marker(draft: &Rules<'_>) -> String {
    draft.bundle.agent_texts().get("agent", "cut").as_str().to_owned()
}

/// Author, text and format of a partner's words, in plain text or Markdown; partner HTML never reaches X. A file that was
/// withheld is told of at the end. `None` where there is nothing to say.
pub(crate) fn said(
    draft: &Rules<'_>,
    known: &Known<'_>,
    (author, text, format): (&str, &str, &str),
    files: &[FileClaim],
) -> Result<Option<AddPublicComment>, Held> {
    let (text, format) = match format {
        "" | "plain" => (text.trim().to_owned(), "plain"),
        "markdown" => (text.trim().to_owned(), "markdown"),
        "html" => (plain_of_html(text), "plain"),
        other => return Err(Held::new("unknown-format", other)),
    };
    let text = with_withheld(draft, &text, files);
    let text = cut(&text, known.policy.limit("comment"), &cut_marker(draft));
    let comment =
        AddPublicComment { author: cut(author, 200, "…"), text, format: format.to_owned(), files: Vec::new() };
    Ok((!comment.text.is_empty()).then_some(comment))
}

/// A note for the agents from a text of the bundle, by section and key.
pub(crate) fn note_of(
    draft: &Rules<'_>,
    known: &Known<'_>,
    (section, key): (&str, &str),
    values: &[(&str, &str)],
) -> AddInternalNote {
    let template = draft.bundle.agent_texts().get(section, key);
    let text = cut(&fill(template.as_str(), values), known.policy.limit("comment"), &cut_marker(draft));
    AddInternalNote { text }
}

/// `key=value` and `key="several words"`, separated by blanks; each key once, and none but `keys`.
pub(crate) fn pairs<'r>(keys: &[&'static str], row: &'r str) -> Result<BTreeMap<&'static str, &'r str>, String> {
    let mut found = BTreeMap::new();
    let mut rest = row.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').ok_or("a word without `=`")?;
        let key = keys.iter().find(|known| **known == key).ok_or("an unknown word before `=`")?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or("a quote that does not end")?,
            None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
        };
        if !after.is_empty() && !after.starts_with(char::is_whitespace) {
            return Err("no blank after a quote".to_owned());
        }
        if found.insert(*key, value).is_some() {
            return Err(format!("`{key}=` twice"));
        }
        rest = after.trim_start();
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::pairs;

    const KEYS: [&str; 3] = ["line", "decision", "reason"];

    #[test]
    fn values_may_hold_blanks_within_quotes() {
        let found = pairs(&KEYS, "line=1  decision=DENIED reason=\"not ours, see = below\"").unwrap();
        assert_eq!(found["reason"], "not ours, see = below");
        assert_eq!(found["line"], "1");
    }

    #[test]
    fn what_is_not_a_list_of_known_words_is_refused() {
        for bad in ["line", "line=1 cost=3", "line=1 line=2", "reason=\"open", "reason=\"a\"b", "=1", "line = 1"] {
            assert!(pairs(&KEYS, bad).is_err(), "{bad}");
        }
    }
}
