//! What a first start puts into the folder: secrets and a copy of the starter bundle, which its person may edit.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

macro_rules! bundle {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../deploy/bundles/rt/", $name)))),*]
    };
}

/// The starter bundle as it ships, by file.
pub const BUNDLE: &[(&str, &str)] = bundle![
    "bundle.toml",
    "codes/category.csv",
    "codes/resolution.csv",
    "codes/severity.csv",
    "codes/sub_category.csv",
    "discrepancy/decisions.csv",
    "discrepancy/fields-in.csv",
    "discrepancy/kinds.csv",
    "discrepancy/links.csv",
    "discrepancy/remedies.csv",
    "discrepancy/routes.csv",
    "discrepancy/status-writes.csv",
    "discrepancy/statuses.csv",
    "document/decisions.csv",
    "document/fields-in.csv",
    "document/files.csv",
    "document/routes.csv",
    "document/status-writes.csv",
    "document/statuses.csv",
    "document/types.csv",
    "document/untdid-1373.csv",
    "fields-in.csv",
    "fields-out.csv",
    "intake.csv",
    "never.csv",
    "onboarding/document-types.csv",
    "onboarding/milestones.csv",
    "onboarding/programmes.csv",
    "onboarding/status-writes.csv",
    "onboarding/statuses.csv",
    "onboarding/task-status-writes.csv",
    "onboarding/task-statuses.csv",
    "partners.csv",
    "reminders.csv",
    "routes.csv",
    "status-writes.csv",
    "statuses.csv",
    "tests/discrepancy.toml",
    "tests/document.toml",
    "tests/issue.toml",
    "tests/onboarding.toml",
    "tests/reminders.toml",
    "texts/de.toml",
    "texts/en.toml",
];

/// Tokens of the simulated systems and keys of their webhooks. Made once; they never leave this machine.
pub const SECRETS: [&str; 7] = [
    "community.token",
    "community-webhook.secret",
    "partner-acme.token",
    "desk-sync.token",
    "desk-partner.token",
    "desk-agent.token",
    "desk-nudge.secret",
];

/// Writes what is missing; what is there stays as it is.
pub fn prepare(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder.join("secrets"))?;
    for name in SECRETS {
        let value = if name.ends_with(".secret") { webhook_secret() } else { random() };
        write_once(&folder.join("secrets").join(name), &value, 0o600)?;
    }
    let bundle = folder.join("bundle");
    let old = bundle.with_extension("old");
    if !bundle.exists() && old.exists() {
        // Killed while a better one was being put in its place.
        std::fs::rename(&old, &bundle)?;
    }
    // A bundle that is whole belongs to its person: files that a newer version ships are no part of an older bundle.toml,
    // and the check would refuse both. That file is written last, so that it stands for a whole folder.
    if bundle.join("bundle.toml").exists() {
        return Ok(());
    }
    for (name, text) in BUNDLE.iter().rev() {
        let file = bundle.join(name);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        write_once(&file, text, 0o644)?;
    }
    Ok(())
}

/// Two random UUIDs: 244 random bits.
fn random() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

/// As Standard Webhooks writes a key: base64 of at least 24 bytes. Hexadecimal digits are valid base64.
fn webhook_secret() -> String {
    format!("whsec_{}", &random()[..48])
}

/// By way of a second file: a process killed here leaves nothing that is half written.
fn write_once(file: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    let half = file.with_extension("new");
    let mut out = std::fs::OpenOptions::new().create(true).write(true).truncate(true).mode(mode).open(&half)?;
    out.write_all(text.as_bytes())?;
    drop(out);
    std::fs::rename(half, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_start_writes_everything_and_a_second_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path()).unwrap();
        let secret = folder.path().join("secrets/community.token");
        let first = std::fs::read_to_string(&secret).unwrap();
        assert_eq!(first.len(), 64);
        let edited = folder.path().join("bundle/partners.csv");
        std::fs::write(&edited, "mine").unwrap();
        prepare(folder.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&secret).unwrap(), first);
        assert_eq!(std::fs::read_to_string(&edited).unwrap(), "mine");
    }

    #[test]
    fn the_copy_is_the_whole_bundle_that_ships() {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path()).unwrap();
        let copy = mapping::Bundle::load(&folder.path().join("bundle")).unwrap();
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/bundles/rt");
        assert_eq!(copy.digest(), mapping::Bundle::load(Path::new(shipped)).unwrap().digest());
    }
}
