//! Requests and answers as Kafka frames them: a length, then a head with a correlation id.

use bytes::{Bytes, BytesMut};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// A kind of call. Any other key can be written down as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Api(pub i16);

impl Api {
    pub const PRODUCE: Self = Self(0);
    pub const FETCH: Self = Self(1);
    pub const METADATA: Self = Self(3);
    pub const OFFSET_COMMIT: Self = Self(8);
    pub const FIND_COORDINATOR: Self = Self(10);
    pub const HEARTBEAT: Self = Self(12);
    pub const INIT_PRODUCER_ID: Self = Self(22);
    pub const ADD_PARTITIONS_TO_TXN: Self = Self(24);
    pub const ADD_OFFSETS_TO_TXN: Self = Self(25);
    pub const END_TXN: Self = Self(26);
    pub const TXN_OFFSET_COMMIT: Self = Self(28);
    pub(super) const DESCRIBE_CLUSTER: Self = Self(60);
    /// Requests over HTTP, which have no number: those that only read, those that write, and those that begin with what
    /// [`super::Proxy::http`] was told.
    pub const HTTP_READ: Self = Self(-1);
    pub const HTTP_WRITE: Self = Self(-2);
    pub const HTTP_NAMED: Self = Self(-3);
}

/// No frame that the pipeline's clients or a broker send comes near this.
const LIMIT: u32 = 64 << 20;

/// The head of a request, as far as every version agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub api: Api,
    pub version: i16,
    pub correlation: i32,
}

impl Head {
    pub fn of(request: &[u8]) -> Option<Self> {
        let two = |at: usize| Some(i16::from_be_bytes(request.get(at..at + 2)?.try_into().ok()?));
        Some(Self { api: Api(two(0)?), version: two(2)?, correlation: correlation(request.get(4..)?)? })
    }
}

/// What an answer begins with.
pub fn correlation(bytes: &[u8]) -> Option<i32> {
    bytes.first_chunk().map(|bytes| i32::from_be_bytes(*bytes))
}

/// One frame without its length. `None` at the end of the stream.
pub async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Bytes>> {
    let size = match from.read_u32().await {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        size => size?,
    };
    if size > LIMIT {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "frame is too large"));
    }
    let mut frame = BytesMut::zeroed(size as usize);
    from.read_exact(&mut frame).await?;
    Ok(Some(frame.freeze()))
}

pub async fn write(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    let size = u32::try_from(frame.len()).map_err(io::Error::other)?;
    to.write_u32(size).await?;
    to.write_all(frame).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_and_a_short_one_is_none() {
        let request = [0, 26, 0, 1, 0, 0, 0, 9, 0xff];
        assert_eq!(Head::of(&request), Some(Head { api: Api::END_TXN, version: 1, correlation: 9 }));
        assert_eq!(Head::of(&request[..7]), None);
        assert_eq!(Head::of(&[]), None);
    }

    #[tokio::test]
    async fn a_frame_that_says_it_is_huge_takes_no_memory() {
        let mut bytes: &[u8] = &[0xff, 0xff, 0xff, 0xff, 1, 2];
        assert!(read(&mut bytes).await.is_err());
        let mut torn: &[u8] = &[0, 0, 0, 9, 1, 2];
        assert!(read(&mut torn).await.is_err());
        let mut none: &[u8] = &[];
        assert_eq!(read(&mut none).await.unwrap(), None);
    }
}
