//! A bundle's own tests: given this event, expect these commands.

use crate::read::Reader;
use serde::Deserialize;

/// One test; `data` is the event's payload in its own field names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// `type` of the event, such as `partner.issue.opened`.
    pub(crate) event: String,
    pub(crate) partner: String,
    #[serde(default = "production")]
    pub(crate) environment: String,
    /// Mark of the texts of an internal event.
    #[serde(default = "partner")]
    pub(crate) visibility: String,
    #[serde(default)]
    pub(crate) data: toml::Table,
    #[serde(default)]
    pub(crate) ext: std::collections::BTreeMap<String, String>,
    /// In order: `command` and any of its fields; fields not named are not compared.
    #[serde(default)]
    pub(crate) expect: Vec<toml::Table>,
    #[serde(default)]
    pub(crate) skipped: Vec<String>,
    #[serde(default)]
    pub(crate) held: Option<String>,
    #[serde(skip)]
    pub(crate) file: String,
    #[serde(skip)]
    pub(crate) line: usize,
}

fn production() -> String {
    "P".to_owned()
}
fn partner() -> String {
    "PARTNER".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    test: Vec<toml::Spanned<Case>>,
}

pub(crate) fn read(reader: &mut Reader<'_>) -> Vec<Case> {
    let mut out: Vec<Case> = Vec::new();
    for (file, _) in reader.inside("tests", ".toml") {
        let Some(text) = reader.optional(&file) else { continue };
        let line_at = |byte: usize| 1 + text.bytes().take(byte).filter(|b| *b == b'\n').count();
        match toml::from_str::<File>(text) {
            Ok(parsed) => {
                for test in parsed.test {
                    let line = line_at(test.span().start);
                    let case = Case { file: file.clone(), line, ..test.into_inner() };
                    if case.expect.is_empty() && case.skipped.is_empty() && case.held.is_none() {
                        let mend = "add expect, skipped or held";
                        reader.fault(&file, line, format!("test `{}` expects nothing", case.name), mend);
                    }
                    out.push(case);
                }
            }
            Err(error) => {
                let line = error.span().map_or(0, |span| line_at(span.start));
                let mend = "a [[test]] has name, event, partner and optionally environment, visibility, data, ext, \
                            expect, skipped, held";
                reader.fault(&file, line, error.message(), mend);
            }
        }
    }
    out
}
