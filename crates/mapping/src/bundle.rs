use crate::Fault;
use std::collections::BTreeMap;
use std::path::Path;

/// One version of the mapping of one link, checked: what a transformer needs to know beside the rules themselves.
#[derive(Clone, Debug)]
pub struct Bundle {
    files: BTreeMap<String, String>,
    digest: String,
    link: String,
    version: i64,
}

impl Bundle {
    /// Reads a bundle's folder and checks it. The only function of this crate that reads anything from outside.
    pub fn load(dir: &Path) -> Result<Self, Vec<Fault>> {
        let fault = Fault { file: dir.display().to_string(), line: 0, what: "not read".into(), mend: String::new() };
        Err(vec![fault])
    }

    /// From text by path inside the bundle, as `mapping.bundles` keeps it. Every mistake is reported.
    pub fn from_files(_files: BTreeMap<String, String>) -> Result<Self, Vec<Fault>> {
        Err(Vec::new())
    }

    /// The text it was made of, for `mapping.bundles`.
    pub const fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }
    /// SHA-256 over the sorted files, in lower-case hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }
    /// The id of the link, such as `rt`.
    pub fn link(&self) -> &str {
        &self.link
    }
    /// Only grows; a rollback is a new number.
    pub const fn version(&self) -> i64 {
        self.version
    }
}
