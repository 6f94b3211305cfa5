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

/// Every file of the folder, each in a way of its own: deleted, cut, or a page of it overwritten, as a disk might that
/// lost power or lied about what it had written. Not single bits: those are a disk's own business to notice.
pub fn tear(folder: &Path, dice: &mut Dice) -> io::Result<Vec<(PathBuf, Damage)>> {
    let mut torn = Vec::new();
    for file in files(folder)? {
        let length = std::fs::metadata(&file)?.len();
        let damage = match dice.below(3) {
            0 => {
                std::fs::remove_file(&file)?;
                Damage::Deleted
            }
            1 => cut(&file, dice.below(length))?,
            _ => {
                let pages = length.div_ceil(PAGE as u64);
                overwrite(&file, dice.below(pages) * PAGE as u64, &[0; PAGE])?
            }
        };
        torn.push((file, damage));
    }
    Ok(torn)
}

const PAGE: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tearing_changes_every_file_and_says_how() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        let names = ["a", "b", "c", "d", "e", "f", "inner/g", "inner/h"];
        for name in names {
            std::fs::write(folder.path().join(name), vec![7; 20_000]).unwrap();
        }
        let torn = tear(folder.path(), &mut Dice::new(5)).unwrap();
        assert_eq!(torn.len(), names.len());
        for (file, damage) in &torn {
            match damage {
                Damage::Deleted => assert!(!file.exists()),
                Damage::Cut(keep) => assert_eq!(std::fs::metadata(file).unwrap().len(), *keep),
                Damage::Overwritten { at, length } => {
                    let bytes = std::fs::read(file).unwrap();
                    let (at, length) = (*at as usize, *length as usize);
                    assert!(bytes[at..at + length].iter().all(|byte| *byte == 0));
                }
            }
        }
        assert!(torn.iter().any(|(_, damage)| *damage == Damage::Deleted), "{torn:?}");
        assert!(torn.iter().any(|(_, damage)| matches!(damage, Damage::Overwritten { .. })), "{torn:?}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        delete(&missing).unwrap();
        assert_eq!(files(&missing).unwrap(), Vec::<PathBuf>::new());
    }
}
