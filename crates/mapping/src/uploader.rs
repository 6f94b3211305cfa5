//! A file that did not cross: where it should have arrived people read so in its place, and here whoever uploaded it
//! does, once the other side has been told. What there is to say waits beside the command ([`domain::Meta::ext`]) whose
//! outcome lets it be said.

use crate::engine::{Draft, Held};
use crate::files::{shared_with_withheld, with_withheld};
use crate::said::fill;
use crate::{issue, project};
use domain::issue::PostComment;
use domain::{
    ContentHash, FileClaim, InternalCommand, Marked, Outcome, PartnerCommand, Shared, Visibility, discrepancy as d,
    document as p, issue as i,
};

/// Beside the words that tell of them: the files that were withheld.
pub(crate) const WITHHELD: &str = "about.files-withheld";
/// Beside a command that carries a file: that file.
pub(crate) const CARRIED: &str = "about.file";
/// Beside the words to an uploader: a file that X's side would not take, which the agents do not know yet.
const FOUND: &str = "about.file-not-taken";

/// Why X's side does not take a file; any other refusal is no fault of it.
const OF_FILES: [&str; 9] =
    ["infected", "encrypted", "suspicious", "corrupt", "type-blocked", "oversize", "empty", "bad-name", "too-many"];
/// Files that are told of one by one.
const MOST: usize = 10;

/// A line each: code, size, limit, name.
fn lines<'f, N: 'f>(files: impl Iterator<Item = &'f FileClaim<N>>, name: impl Fn(&N) -> &str) -> String {
    let line = |file: &FileClaim<N>| {
        let name: String = name(&file.file_name).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("{}\t{}\t{}\t{name}", file.withheld, file.size, file.limit)
    };
    files.take(MOST).map(line).collect::<Vec<_>>().join("\n")
}

fn read(said: Option<&String>) -> Vec<FileClaim> {
    let of_line = |line: &str| {
        let [code, size, limit, name] = line.splitn(4, '\t').collect::<Vec<_>>().try_into().ok()?;
        let named = FileClaim::named("", name.to_owned(), "", size.parse().ok()?);
        Some(FileClaim { withheld: code.to_owned(), limit: limit.parse().ok()?, ..named })
    };
    said.map_or("", String::as_str).lines().filter_map(of_line).collect()
}

/// What to put beside the words about these files as [`WITHHELD`]; empty where none was withheld.
pub(crate) fn withheld(files: &[FileClaim]) -> String {
    lines(files.iter().filter(|file| file.blob().is_none()), String::as_str)
}

/// As [`withheld`], of an agent's files that the partner may know of.
pub(crate) fn withheld_shared(files: &[FileClaim<Shared<String>>]) -> String {
    lines(files.iter().filter(|file| file.blob().is_none()), |name| name.get())
}

/// What to put beside a command that carries these files as [`CARRIED`].
pub(crate) fn carried(files: &[FileClaim]) -> String {
    lines(files.iter(), String::as_str)
}

/// X has been told that a partner's files were withheld, or would not take one: the partner reads so in its own record.
pub(crate) fn to_partner(draft: &mut Draft<'_, PartnerCommand>, outcome: &Outcome) -> Result<(), Held> {
    let (kind, files, taken) = match outcome {
        Outcome::Done(done) => (&done.command.kind, read(draft.meta.ext.get(WITHHELD)), true),
        // What was found in it stays inside.
        Outcome::Refused(refused) if OF_FILES.contains(&refused.reason.as_str()) => {
            let mut files = read(draft.meta.ext.get(CARRIED));
            files.iter_mut().for_each(|file| file.withheld.clone_from(&refused.reason));
            (&refused.command.kind, files, false)
        }
        Outcome::Intent(_)
        | Outcome::Refused(_)
        | Outcome::NotApplied(_)
        | Outcome::Doubt(_)
        | Outcome::Skipped(_)
        | Outcome::Superseded(_)
        | Outcome::Waiting(_)
        | Outcome::Parked(_)
        | Outcome::Barrier(_) => return Ok(()),
    };
    if files.is_empty() || issue::foreign(draft).is_some() {
        return Ok(());
    }
    let known = draft.known_partner()?;
    if !known.policy.shares("comments") {
        return Ok(());
    }
    // It passes the gate like any text.
    let shared = files.iter().filter_map(|file| {
        let name = project::marked(known.isolation, &own_name(&file.file_name), false);
        file.bare().map_name(|()| name).transposed()
    });
    let shared: Vec<_> = shared.collect();
    let text = shared_with_withheld(known.texts, None, &shared).and_then(|text| known.bounded(&text));
    let Some(text) = text else { return Ok(()) };
    let key = format!("{}\n{}\nuploader", draft.meta.subject, draft.meta.causation_id.unwrap_or(draft.meta.id));
    let comment = PostComment {
        note_key: ContentHash::of_bytes(key.as_bytes()).as_str().chars().take(32).collect(),
        author_label: Some(known.texts.get("label", "author").share()),
        text,
        files: Vec::new(),
    };
    let command = match kind.split('.').nth(1) {
        Some("discrepancy") => PartnerCommand::Discrepancy(d::PartnerCommand::PostComment(comment)),
        Some("document") => PartnerCommand::Document(p::PartnerCommand::PostComment(comment)),
        _ => PartnerCommand::Issue(i::PartnerCommand::PostComment(comment)),
    };
    let found = if taken { String::new() } else { carried(&files) };
    draft.push_about("file.not-transferred", "uploader", command, &[(FOUND, &found)]);
    Ok(())
}

/// For the agents, as text of a note: the partner has been told which of their files were withheld; or that a file of its
/// own was not taken. `None` where there is nothing to say.
pub(crate) fn to_agents(draft: &Draft<'_, InternalCommand>, outcome: &Outcome) -> Option<String> {
    let Outcome::Done(_) = outcome else { return None };
    let text = if let Some(found) = draft.meta.ext.get(FOUND) {
        let template = draft.bundle.agent_texts().get("file", "not_taken").as_str();
        let files = read(Some(found));
        let line = |file: &FileClaim| fill(template, &[("name", &file.file_name), ("size", &file.readable_size())]);
        files.iter().map(line).collect::<Vec<_>>().join("\n")
    } else {
        with_withheld(draft, "", &read(draft.meta.ext.get(WITHHELD)))
    };
    (!text.is_empty()).then_some(text)
}

#[expect(clippy::disallowed_methods, reason = "what the partner called its own file is told to that partner only")]
fn own_name(name: &str) -> Marked<String> {
    Marked::new(name.to_owned(), Visibility::Partner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_a_command_is_read_back_whatever_a_file_is_called() {
        let mut file = FileClaim::named("f", "a\tb\nc.pdf".to_owned(), "", 101_000_000);
        (file.withheld, file.limit) = ("oversize".to_owned(), 100_000_000);
        let there = FileClaim { sha256: "a".repeat(64), ..FileClaim::named("g", "there.pdf".to_owned(), "", 1) };
        let said = read(Some(&withheld(&[file, there])));
        let said: Vec<_> = said.iter().map(|f| (f.file_name.as_str(), f.size, f.withheld.as_str(), f.limit)).collect();
        assert_eq!(said, [("a b c.pdf", 101_000_000, "oversize", 100_000_000)]);
        assert!(read(None).is_empty() && read(Some(&"what\tever".to_owned())).is_empty() && withheld(&[]).is_empty());
    }
}
