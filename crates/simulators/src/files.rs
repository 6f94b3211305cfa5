//! Bytes of files that either simulator keeps, in a folder, under the hash that their sender announced.
//!
//! An upload may be cut and goes on where it stopped: `HEAD` tells in `Upload-Offset` how much is there, `PUT` with the
//! same header appends. It counts only when all of `Upload-Length` is there and has the hash of its path.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::{Read as _, SeekFrom};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

/// Longest upload.
pub const MAX_BYTES: u64 = 2_000_000_000;
/// Files of one message at most.
pub const MAX_FILES: usize = 50;
const PIECE: usize = 64 * 1024;
const OFFSET: &str = "upload-offset";
const LENGTH: &str = "upload-length";

/// A file of a message, as both interfaces write it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Given by the system; what a request says of it is not read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    pub size: u64,
    pub sha256: String,
}

/// Names the files of a message after it.
pub fn named(files: Vec<File>, message: &str) -> Vec<File> {
    (1..).zip(files).map(|(n, file)| File { id: format!("{message}-f{n}"), ..file }).collect()
}

/// Why an upload or a download is not answered with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub StatusCode, pub &'static str, pub &'static str);

const UNKNOWN: Refused = Refused(StatusCode::NOT_FOUND, "file-unknown", "there are no such bytes");
const DISK: Refused = Refused(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the file cannot be kept or read");

/// The bytes of one uploader, or of one system. Nobody reads by hash what another brought.
#[derive(Clone, Debug)]
pub struct Shelf(PathBuf);

impl Shelf {
    pub fn new(folder: &Path, owner: &str) -> Self {
        let owner: String = Sha256::digest(owner.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect();
        Self(folder.join("files").join(owner))
    }

    fn whole(&self, sha256: &str) -> Option<PathBuf> {
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        is_hash.then(|| self.0.join(sha256))
    }

    /// All of these were uploaded whole.
    pub fn has(&self, files: &[File]) -> bool {
        files.len() <= MAX_FILES
            && files.iter().all(|file| {
                let there = self.whole(&file.sha256).and_then(|path| std::fs::metadata(path).ok());
                !file.name.trim().is_empty() && file.name.len() <= 1000 && there.is_some_and(|m| m.len() == file.size)
            })
    }

    /// How much of an upload is there: 200 for all of it, 404 with the offset for a part.
    pub fn head(&self, sha256: &str) -> Result<Response, Refused> {
        let path = self.whole(sha256).ok_or(UNKNOWN)?;
        let length = |path: &Path| std::fs::metadata(path).ok().map(|m| m.len());
        let (status, offset) = match length(&path) {
            Some(length) => (StatusCode::OK, length),
            None => (StatusCode::NOT_FOUND, length(&path.with_extension("part")).unwrap_or(0)),
        };
        Ok((status, [(OFFSET, offset.to_string())]).into_response())
    }

    /// Takes what is sent. A cut keeps what came before it.
    pub async fn put(&self, sha256: &str, headers: &HeaderMap, body: Body) -> Result<Response, Refused> {
        let path = self.whole(sha256).ok_or(UNKNOWN)?;
        let number = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
        let bad =
            Refused(StatusCode::BAD_REQUEST, "bad-request", "Upload-Length is missing or Upload-Offset is not it");
        let (total, offset) = (number(LENGTH).ok_or(bad)?, number(OFFSET).unwrap_or(0));
        if total > MAX_BYTES {
            return Err(Refused(StatusCode::PAYLOAD_TOO_LARGE, "file-too-large", "the file is too large"));
        }
        if path.exists() {
            return Ok((StatusCode::OK, [(OFFSET, total.to_string())]).into_response());
        }
        let part = path.with_extension("part");
        let there = self.append(&part, offset, total, body).await?;
        if there < total {
            return Err(Refused(StatusCode::BAD_REQUEST, "upload-cut", "the upload ended before its length"));
        }
        let (checked, wanted) = (part.clone(), sha256.to_owned());
        let right = tokio::task::spawn_blocking(move || hash_of(&checked).is_ok_and(|hash| hash == wanted)).await;
        if !right.unwrap_or(false) {
            let _ = tokio::fs::remove_file(&part).await;
            return Err(Refused(StatusCode::UNPROCESSABLE_ENTITY, "hash-differs", "the bytes have another hash"));
        }
        tokio::fs::rename(&part, &path).await.map_err(|_| DISK)?;
        Ok((StatusCode::CREATED, [(OFFSET, total.to_string())]).into_response())
    }

    async fn append(&self, part: &Path, offset: u64, total: u64, body: Body) -> Result<u64, Refused> {
        tokio::fs::create_dir_all(&self.0).await.map_err(|_| DISK)?;
        let mut options = tokio::fs::OpenOptions::new();
        let mut file = options.create(true).truncate(false).write(true).open(part).await.map_err(|_| DISK)?;
        let mut at = file.metadata().await.map_err(|_| DISK)?.len();
        if offset > at {
            return Err(Refused(StatusCode::CONFLICT, "offset-ahead", "less is there than the offset says"));
        }
        file.set_len(offset).await.map_err(|_| DISK)?;
        file.seek(SeekFrom::Start(offset)).await.map_err(|_| DISK)?;
        at = at.min(offset);
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            let Ok(piece) = piece else { break };
            at += piece.len() as u64;
            if at > total {
                return Err(Refused(StatusCode::BAD_REQUEST, "upload-too-long", "more came than its length"));
            }
            file.write_all(&piece).await.map_err(|_| DISK)?;
        }
        file.flush().await.map_err(|_| DISK)?;
        Ok(at)
    }

    /// The bytes of a file, or those from `Range: bytes=<n>-` on.
    pub async fn get(&self, file: &File, headers: &HeaderMap) -> Result<Response, Refused> {
        let path = self.whole(&file.sha256).ok_or(UNKNOWN)?;
        let mut opened = tokio::fs::File::open(path).await.map_err(|_| UNKNOWN)?;
        let length = opened.metadata().await.map_err(|_| DISK)?.len();
        let range = headers.get(header::RANGE).and_then(|v| v.to_str().ok());
        let from = range.and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<u64>().ok());
        if from.is_some_and(|from| from >= length) {
            return Err(Refused(StatusCode::RANGE_NOT_SATISFIABLE, "range-behind-end", "the file ends before it"));
        }
        opened.seek(SeekFrom::Start(from.unwrap_or(0))).await.map_err(|_| DISK)?;
        let pieces = futures::stream::unfold(opened, |mut file| async move {
            let mut piece = vec![0; PIECE];
            match file.read(&mut piece).await {
                Ok(0) => None,
                Ok(read) => {
                    piece.truncate(read);
                    Some((Ok(piece), file))
                }
                Err(error) => Some((Err(error), file)),
            }
        });
        let mut response = Response::new(Body::from_stream(pieces));
        let head = response.headers_mut();
        head.insert(header::CONTENT_LENGTH, HeaderValue::from(length - from.unwrap_or(0)));
        head.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        // Never shown in place: whatever a partner sent is for downloading.
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        head.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        if let Some(from) = from {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let said = HeaderValue::from_str(&format!("bytes {from}-{}/{length}", length.saturating_sub(1)));
            response.headers_mut().insert(header::CONTENT_RANGE, said.map_err(|_| DISK)?);
        }
        Ok(response)
    }
}

fn hash_of(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hash, mut piece) = (std::fs::File::open(path)?, Sha256::new(), vec![0; PIECE]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(hash.finalize().iter().map(|b| format!("{b:02x}")).collect());
        }
        hash.update(&piece[..read]);
    }
}
