//! Damage to the caches of the log while their role is dead. Every one of them may be deleted or torn: the log has the
//! truth.

use crate::dice::Dice;
use std::fs::OpenOptions;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    Deleted,
    /// Cut to this many bytes.
    Cut(u64),
    /// So many bytes overwritten from this position on.
    Overwritten {
        at: u64,
        length: u64,
    },
}

/// Every file below the folder, in order of name; none where the folder is missing.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    Ok(found)
}

/// Everything in the folder and the folder itself.
pub fn delete(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

pub fn cut(file: &Path, keep: u64) -> io::Result<Damage> {
    OpenOptions::new().write(true).open(file)?.set_len(keep)?;
    Ok(Damage::Cut(keep))
}

pub fn overwrite(file: &Path, at: u64, bytes: &[u8]) -> io::Result<Damage> {
    let mut file = OpenOptions::new().write(true).open(file)?;
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)?;
    Ok(Damage::Overwritten { at, length: bytes.len() as u64 })
}

/// Every file of the folder, each in a way of its own: deleted, or cut somewhere, as by a disk that lost power.
pub fn tear(folder: &Path, dice: &mut Dice) -> io::Result<Vec<(PathBuf, Damage)>> {
    each(folder, |file, length| {
        if dice.once_in(2) {
            std::fs::remove_file(file)?;
            return Ok(Damage::Deleted);
        }
        cut(file, dice.below(length))
    })
}

/// One page of every file turned to zeros, as by a disk that lied about what it had written. Not single bits: those are
/// a disk's own business to notice.
pub fn blank(folder: &Path, dice: &mut Dice) -> io::Result<Vec<(PathBuf, Damage)>> {
    each(folder, |file, length| {
        let page = dice.below(length.div_ceil(PAGE as u64));
        overwrite(file, page * PAGE as u64, &[0; PAGE])
    })
}

fn each(folder: &Path, mut harm: impl FnMut(&Path, u64) -> io::Result<Damage>) -> io::Result<Vec<(PathBuf, Damage)>> {
    let harmed = files(folder)?.into_iter().map(|file| {
        let length = std::fs::metadata(&file)?.len();
        harm(&file, length).map(|damage| (file, damage))
    });
    harmed.collect()
}

const PAGE: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn eight_files() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        for name in ["a", "b", "c", "d", "e", "f", "inner/g", "inner/h"] {
            std::fs::write(folder.path().join(name), vec![7; 20_000]).unwrap();
        }
        folder
    }

    #[test]
    fn tearing_changes_every_file_and_says_how() {
        let folder = eight_files();
        let torn = tear(folder.path(), &mut Dice::new(5)).unwrap();
        assert_eq!(torn.len(), 8);
        let deleted = torn.iter().filter(|(file, damage)| *damage == Damage::Deleted && !file.exists()).count();
        let cut = |(file, damage): &&(PathBuf, Damage)| {
            std::fs::metadata(file).is_ok_and(|now| now.len() < 20_000 && *damage == Damage::Cut(now.len()))
        };
        let cut = torn.iter().filter(cut).count();
        assert!(deleted > 0 && cut > 0 && deleted + cut == 8, "{torn:?}");
    }

    #[test]
    fn a_blank_page_is_where_it_is_said_to_be() {
        let folder = eight_files();
        let blanked = blank(folder.path(), &mut Dice::new(5)).unwrap();
        assert_eq!(blanked.len(), 8);
        for (file, damage) in &blanked {
            let bytes = std::fs::read(file).unwrap();
            let first = bytes.iter().position(|byte| *byte == 0).unwrap() as u64;
            let zeros = bytes.iter().filter(|byte| **byte == 0).count() as u64;
            assert_eq!(*damage, Damage::Overwritten { at: first, length: zeros });
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        delete(&missing).unwrap();
        assert_eq!(files(&missing).unwrap(), Vec::<PathBuf>::new());
    }
}
