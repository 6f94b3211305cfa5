//! Streams that tell a cut from an end.

use bytes::Bytes;
use futures::StreamExt;
use ports::{BlobError, ByteStream};
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Read from a file at once. `object_store` reads 8 KiB, each in a thread that may wait for the disk: a large file then takes
/// tens of thousands of hops between threads, which a busy machine makes minutes of.
const PIECE: usize = 256 * 1024;

/// The bytes of a file from `from` on.
pub fn of_file(file: File, from: u64) -> ByteStream {
    let next = |(file, at): (File, u64)| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let read = file.read_at(&mut piece, at)?;
            piece.truncate(read);
            Ok::<_, std::io::Error>((piece, file))
        });
        match read.await {
            Ok(Ok((piece, _))) if piece.is_empty() => Ok(None),
            Ok(Ok((piece, file))) => {
                let at = at + piece.len() as u64;
                Ok(Some((Bytes::from(piece), (file, at))))
            }
            Ok(Err(error)) => Err(BlobError::Cut { reason: error.to_string() }),
            Err(_) => Err(BlobError::Cut { reason: "the read was broken off".to_owned() }),
        }
    };
    futures::stream::try_unfold((file, from), next).boxed()
}

/// The same pieces, with an error where they end before `size` bytes or do not end there.
pub fn exactly(pieces: ByteStream, size: u64) -> ByteStream {
    let state = (pieces, size, false);
    futures::stream::unfold(state, |(mut pieces, left, over)| async move {
        if over {
            return None;
        }
        match pieces.next().await {
            Some(Ok(piece)) if piece.len() as u64 <= left => {
                let left = left - piece.len() as u64;
                Some((Ok(piece), (pieces, left, false)))
            }
            Some(Ok(_)) => Some((Err(BlobError::Cut { reason: "more bytes than told".to_owned() }), (pieces, 0, true))),
            Some(Err(error)) => Some((Err(error), (pieces, left, true))),
            None if left > 0 => {
                let reason = format!("{left} bytes are missing");
                Some((Err(BlobError::Cut { reason }), (pieces, left, true)))
            }
            None => None,
        }
    })
    .boxed()
}
