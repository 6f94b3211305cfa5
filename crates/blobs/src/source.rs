//! Streams that tell a cut from an end.

use futures::StreamExt;
use ports::{BlobError, ByteStream};

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
