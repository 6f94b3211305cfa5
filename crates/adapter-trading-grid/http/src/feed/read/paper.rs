//! What the feed says of documents.

use super::{is_file_id, media_type, of, with_files};
use domain::FileClaim;
use domain::document::{PartnerEvent as E, SharedDocument, VersionAdded};
use domain::file::{BlobId, withheld};
use domain::issue::CommentAdded;

/// Characters of a file's name that are read on; what is longer is refused by the rules of names in any case.
const NAME: usize = 512;

/// `None`: of the host.
pub fn of_document(word: &str, payload: &str, status: &str) -> Result<Option<E>, String> {
    Ok(Some(match word {
        "shared" => {
            let mut shared: SharedDocument = of(payload)?;
            shared.file = claim(shared.file)?;
            E::Shared(Box::new(shared))
        }
        "version-added" => {
            let added: VersionAdded = of(payload)?;
            E::VersionAdded(VersionAdded { file: claim(added.file)?, ..added })
        }
        "comment-added" => {
            let (comment, files): (CommentAdded, _) = with_files(payload)?;
            E::CommentAdded(CommentAdded { case_status: status.to_owned(), files, ..comment })
        }
        "withdrawn" => E::Withdrawn(of(payload)?),
        "acknowledged" | "status-changed" | "comment-posted" | "decided" | "file-rejected" | "renewal-requested"
        | "published" | "version-published" => {
            return Ok(None);
        }
        _ => return Err("the kind of change is not known".to_owned()),
    }))
}

/// The version's own file, its bytes not taken yet. Its name stays as it was written: whether it is one is a rule of the
/// bundle, and the uploader is told. A hash that is none is nothing to compare with.
fn claim(file: FileClaim) -> Result<FileClaim, String> {
    let is_there = file.withheld.is_empty();
    if (is_there && !is_file_id(&file.source_id)) || file.source_id.len() > 200 || file.size < -1 {
        return Err("a file's id or size is out of bounds".to_owned());
    }
    // Only we know whether the link has a store.
    let withheld = match file.withheld.as_str() {
        withheld::NO_STORE => withheld::GONE.to_owned(),
        other => other.chars().filter(|c| !c.is_control()).take(64).collect(),
    };
    let told = BlobId::parse(&file.sha256).filter(|_| is_there);
    Ok(FileClaim {
        sha256: told.map(|id| id.as_str().to_owned()).unwrap_or_default(),
        media_type: media_type(&file.media_type),
        file_name: file.file_name.chars().take(NAME).collect(),
        withheld,
        limit: 0,
        ..file
    })
}
