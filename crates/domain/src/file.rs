//! A file that crosses: on the log lies only a claim check, the bytes lie in the blob store under their own hash.

mod named;

pub use named::{Carries, Files};

use crate::Shared;
use crate::text::cut;
use serde::{Deserialize, Serialize};

/// Files of one event at most; those behind it are withheld as [`withheld::TOO_MANY`].
pub const MAX_FILES: usize = 50;
/// Characters of a file's name at most.
const MAX_NAME: usize = 200;

/// Why the bytes of a file were not taken. Words on the log: they are never changed.
pub mod withheld {
    /// Larger than the link's limit, which stands beside it.
    pub const OVERSIZE: &str = "oversize";
    pub const EMPTY: &str = "empty";
    /// Of a type that the link does not let through.
    pub const TYPE_BLOCKED: &str = "type-blocked";
    /// Nothing was left of the name without what may do harm.
    pub const BAD_NAME: &str = "bad-name";
    /// Its system no longer has it.
    pub const GONE: &str = "gone";
    /// Its system would not give it, for as long as we asked.
    pub const UNAVAILABLE: &str = "unavailable";
    /// Other bytes came than its system had told.
    pub const CORRUPT: &str = "corrupt";
    /// More files than one event may have.
    pub const TOO_MANY: &str = "too-many";
    /// The link takes no files: it has no blob store.
    pub const NO_STORE: &str = "no-store";
    /// Of a kind of document whose bytes stay where they are, such as a tax form.
    pub const RESTRICTED: &str = "restricted";
}

/// The hash under which bytes lie in the blob store: SHA-256 in 64 lower-case hex digits, and nothing else, since it
/// becomes part of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(String);

impl BlobId {
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        hex.then(|| Self(text.to_owned()))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for BlobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The claim check of one file. Its name is text that somebody wrote, so it has the visibility of its record:
/// `Marked<String>` in an internal event, `Shared<String>` in a partner command, plain elsewhere.
///
/// An adapter names a file with neither hash nor code; ingest takes the bytes and settles it. What is not settled is
/// never written to the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileClaim<N = String> {
    /// Of the bytes, lower-case hex; empty where they were withheld. See [`FileClaim::blob`].
    #[serde(default)]
    pub sha256: String,
    /// In bytes; as its system says where they were withheld. -1 where it does not say.
    #[serde(default)]
    pub size: i64,
    /// As its system says; proves nothing.
    #[serde(default)]
    pub media_type: String,
    pub file_name: N,
    /// The file's own id at its system.
    #[serde(default)]
    pub source_id: String,
    /// One of [`withheld`]; empty where the bytes are in the store.
    #[serde(default)]
    pub withheld: String,
    /// The limit that held for it, in bytes, where it is [`withheld::OVERSIZE`]; otherwise 0.
    #[serde(default)]
    pub limit: i64,
}

impl<N> FileClaim<N> {
    /// As an adapter names it, its bytes not yet taken.
    pub fn named(source_id: impl Into<String>, file_name: N, media_type: impl Into<String>, size: i64) -> Self {
        let (source_id, media_type) = (source_id.into(), media_type.into());
        Self { sha256: String::new(), size, media_type, file_name, source_id, withheld: String::new(), limit: 0 }
    }

    /// Where its bytes lie. `None` where they were withheld or not taken yet.
    pub fn blob(&self) -> Option<BlobId> {
        if self.withheld.is_empty() { BlobId::parse(&self.sha256) } else { None }
    }

    /// Either its bytes are in the store, or it says why not.
    pub fn is_settled(&self) -> bool {
        self.blob().is_some() || !self.withheld.is_empty()
    }

    pub fn map_name<M>(self, f: impl FnOnce(N) -> M) -> FileClaim<M> {
        FileClaim {
            sha256: self.sha256,
            size: self.size,
            media_type: self.media_type,
            file_name: f(self.file_name),
            source_id: self.source_id,
            withheld: self.withheld,
            limit: self.limit,
        }
    }

    /// The claim without its name, for what only moves bytes.
    pub fn bare(&self) -> FileClaim<()> {
        FileClaim {
            sha256: self.sha256.clone(),
            size: self.size,
            media_type: self.media_type.clone(),
            file_name: (),
            source_id: self.source_id.clone(),
            withheld: self.withheld.clone(),
            limit: self.limit,
        }
    }

    /// `120 MB`; empty where nobody knows it.
    pub fn readable_size(&self) -> String {
        u64::try_from(self.size).map(readable).unwrap_or_default()
    }

    /// The limit that held, as `100 MB`; empty where none did.
    pub fn readable_limit(&self) -> String {
        u64::try_from(self.limit).ok().filter(|limit| *limit > 0).map(readable).unwrap_or_default()
    }
}

impl<N> FileClaim<Option<N>> {
    /// The claim, where it has a name.
    pub fn transposed(self) -> Option<FileClaim<N>> {
        let mut name = None;
        let bare = self.map_name(|given| name = given);
        name.map(|name| bare.map_name(|()| name))
    }
}

impl FileClaim<Shared<String>> {
    /// Size and limit say of a shared file no more than the file itself: its facts are shared with its name.
    fn fact(text: String) -> Shared<String> {
        crate::PublicText::declared(text).share()
    }
    /// As [`FileClaim::readable_size`], for the reader of the name.
    pub fn shared_size(&self) -> Shared<String> {
        Self::fact(self.readable_size())
    }
    /// As [`FileClaim::readable_limit`], for the reader of the name.
    pub fn shared_limit(&self) -> Shared<String> {
        Self::fact(self.readable_limit())
    }
}

/// What reads or settles the claims of an event, whatever their names are.
pub trait Claim {
    fn bare(&self) -> FileClaim<()>;
    /// For the type rules of a link; never for a log.
    fn name_for_host(&self) -> &str;
    /// Takes over everything but the name.
    fn settle(&mut self, settled: &FileClaim<()>);
}

impl<N: NameForHost> Claim for FileClaim<N> {
    fn bare(&self) -> FileClaim<()> {
        Self::bare(self)
    }
    fn name_for_host(&self) -> &str {
        self.file_name.for_host()
    }
    fn settle(&mut self, settled: &FileClaim<()>) {
        self.sha256.clone_from(&settled.sha256);
        self.size = settled.size;
        self.media_type.clone_from(&settled.media_type);
        self.withheld.clone_from(&settled.withheld);
        self.limit = settled.limit;
    }
}

/// A name as the house may read it.
pub trait NameForHost {
    fn for_host(&self) -> &str;
}
impl NameForHost for String {
    fn for_host(&self) -> &str {
        self
    }
}
impl NameForHost for crate::Marked<String> {
    fn for_host(&self) -> &str {
        crate::Marked::<String>::for_host(self).as_str()
    }
}

/// A file name without what may do harm where it is written next: no folders, no control characters, no marks that
/// turn text around, not longer than 200 characters with its ending kept. `None` where nothing is left.
pub fn clean_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !turns(*c))
        .map(|c| if matches!(c, '"' | '<' | '>' | '|' | '*' | '?' | ':') { '_' } else { c })
        .collect();
    let kept = kept.trim().trim_start_matches('.').trim();
    if kept.is_empty() {
        return None;
    }
    if kept.chars().count() <= MAX_NAME {
        return Some(kept.to_owned());
    }
    let ending = kept.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.chars().count() <= 16);
    Some(cut(kept, MAX_NAME, &ending.map(|ending| format!(".{ending}")).unwrap_or_default()))
}

/// Bytes as people say them, in powers of 1000 as sizes of files are told.
fn readable(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match UNITS.iter().find(|(_, size)| bytes >= *size) {
        None => format!("{bytes} bytes"),
        Some((unit, size)) => {
            let tenths = (bytes * 10 / size).min(bytes / size * 10 + 9);
            if tenths >= 100 || tenths.is_multiple_of(10) {
                format!("{} {unit}", tenths / 10)
            } else {
                format!("{}.{} {unit}", tenths / 10, tenths % 10)
            }
        }
    }
}

#[cfg(test)]
mod tests;
