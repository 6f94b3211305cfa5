//! The bundle in the folder: read a file, replace one. A replaced file is checked with all others and gets the bundle a
//! higher version, because a version that was used is never used with other content.

use crate::starter::BUNDLE;
use console::control::Refusal;
use mapping::Bundle;
use std::path::{Path, PathBuf};

pub fn files() -> Vec<String> {
    BUNDLE.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn known(name: &str) -> Result<&'static str, Refusal> {
    let found = BUNDLE.iter().map(|(known, _)| *known).find(|known| *known == name);
    found.ok_or_else(|| Refusal::Unknown(format!("the bundle has no file {name}")))
}

pub async fn read(folder: &Path, name: &str) -> Result<String, Refusal> {
    let file = folder.join(known(name)?);
    tokio::fs::read_to_string(&file).await.map_err(|error| unusable(&file, &error))
}

fn unusable(file: &Path, error: &std::io::Error) -> Refusal {
    Refusal::Failed(format!("{}: {error}", file.display()))
}

/// Puts the text into use on disk, whole or not at all, and gives the new version.
pub async fn replace(folder: &Path, name: &str, text: &str) -> Result<i64, Refusal> {
    let (folder, name, text) = (folder.to_owned(), known(name)?, text.to_owned());
    let replaced = tokio::task::spawn_blocking(move || replace_now(&folder, name, &text)).await;
    replaced.unwrap_or_else(|_| Err(Refusal::Failed("the work ended unexpectedly".to_owned())))
}

fn replace_now(folder: &Path, name: &str, text: &str) -> Result<i64, Refusal> {
    let next = beside(folder, "next");
    let _ = std::fs::remove_dir_all(&next);
    for (known, _) in BUNDLE {
        let (from, to) = (folder.join(known), next.join(known));
        let parent = to.parent().unwrap_or(&next);
        std::fs::create_dir_all(parent).map_err(|error| unusable(parent, &error))?;
        std::fs::copy(&from, &to).map_err(|error| unusable(&from, &error))?;
    }
    let put = |name: &str, text: &str| {
        let file = next.join(name);
        std::fs::write(&file, text).map_err(|error| unusable(&file, &error))
    };
    put(name, text)?;
    let settings = next.join("bundle.toml");
    let settings = std::fs::read_to_string(&settings).map_err(|error| unusable(&settings, &error))?;
    let before = Bundle::load(folder).map(|bundle| bundle.version()).unwrap_or(0);
    let version = before.max(version_of(&settings).unwrap_or(0)) + 1;
    put("bundle.toml", &with_version(&settings, version))?;
    let bundle = Bundle::load(&next).map_err(|faults| {
        let line = |fault: &mapping::Fault| format!("{}:{}: {}; {}", fault.file, fault.line, fault.what, fault.mend);
        Refusal::Refused(faults.iter().map(line).collect::<Vec<_>>().join("\n"))
    })?;
    // Two renames: after a kill between them the next start puts the old bundle back.
    let old = beside(folder, "old");
    let _ = std::fs::remove_dir_all(&old);
    std::fs::rename(folder, &old).map_err(|error| unusable(folder, &error))?;
    std::fs::rename(&next, folder).map_err(|error| unusable(&next, &error))?;
    Ok(bundle.version())
}

fn beside(folder: &Path, suffix: &str) -> PathBuf {
    folder.with_extension(suffix)
}

fn is_version(line: &str) -> bool {
    line.split_once('=').is_some_and(|(key, _)| key.trim() == "version")
}

fn version_of(settings: &str) -> Option<i64> {
    let line = settings.lines().find(|line| is_version(line))?;
    line.split_once('=')?.1.trim().parse().ok()
}

fn with_version(settings: &str, version: i64) -> String {
    let line = |line: &str| if is_version(line) { format!("version = {version}\n") } else { format!("{line}\n") };
    settings.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        crate::starter::prepare(folder.path()).unwrap();
        let bundle = folder.path().join("bundle");
        (folder, bundle)
    }

    #[tokio::test]
    async fn a_better_file_comes_into_use_under_a_higher_version() {
        let (_keep, bundle) = folder();
        let partners = read(&bundle, "partners.csv").await.unwrap();
        let more = format!("{partners}INITECH,suppliers,en,TP,2020-01-01,,111222333,V-10003,01:111222333,,\n");
        assert_eq!(replace(&bundle, "partners.csv", &more).await, Ok(2));
        assert_eq!(replace(&bundle, "partners.csv", &more).await, Ok(3), "each use has a version of its own");
        assert!(read(&bundle, "partners.csv").await.unwrap().contains("INITECH"));
        assert_eq!(Bundle::load(&bundle).unwrap().version(), 3);
    }

    #[tokio::test]
    async fn a_wrong_file_changes_nothing_and_is_named_with_its_line() {
        let (_keep, bundle) = folder();
        let before = Bundle::load(&bundle).unwrap().digest().to_owned();
        let Err(Refusal::Refused(said)) = replace(&bundle, "routes.csv", "nonsense\n").await else { panic!() };
        assert!(said.contains("routes.csv:"), "{said}");
        assert_eq!(Bundle::load(&bundle).unwrap().digest(), before);
        assert!(matches!(replace(&bundle, "../secrets/x", "").await, Err(Refusal::Unknown(_))));
    }
}
