//! ClamAV's daemon over its own protocol (clamd(8)): `zINSTREAM`, pieces with their length before them, one answer.

use domain::Timestamp;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use ports::{ByteStream, Ruling, ScanError, Scanner, Verdict};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Semaphore;

/// Longest answer that is read; a signature's name is short.
const MAX_ANSWER: u64 = 4096;
/// Longest piece that is sent at once.
const PIECE: usize = 256 * 1024;

/// Where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `host:port`. The protocol has neither encryption nor passwords: loopback, or a network of its own.
    Tcp(String),
    Unix(PathBuf),
}

/// One daemon. Every scan has a connection of its own, a bounded number at once, and a time to end in.
pub struct Clamd {
    address: Address,
    timeout: Duration,
    at_once: Semaphore,
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

fn away(reason: impl ToString) -> ScanError {
    ScanError::Unavailable { reason: reason.to_string() }
}

impl Clamd {
    /// `timeout` is for one whole scan, the wait for a free connection not counted.
    pub fn new(address: Address, timeout: Duration, at_once: usize) -> Self {
        Self { address, timeout, at_once: Semaphore::new(at_once.max(1)) }
    }

    async fn connect(&self) -> Result<Box<dyn Wire>, ScanError> {
        Ok(match &self.address {
            Address::Tcp(address) => {
                let stream = TcpStream::connect(address).await.map_err(away)?;
                let _ = stream.set_nodelay(true);
                Box::new(stream)
            }
            Address::Unix(path) => Box::new(UnixStream::connect(path).await.map_err(away)?),
        })
    }

    async fn ask(&self, command: &[u8]) -> Result<String, ScanError> {
        let mut wire = self.connect().await?;
        wire.write_all(command).await.map_err(away)?;
        answer(&mut wire).await
    }

    async fn scan_one(&self, mut bytes: ByteStream) -> Result<Verdict, ScanError> {
        let engine = self.ask(b"zVERSION\0").await?;
        let mut wire = self.connect().await?;
        wire.write_all(b"zINSTREAM\0").await.map_err(away)?;
        let mut refused = false;
        'sending: while let Some(piece) = bytes.next().await {
            for piece in piece?.chunks(PIECE) {
                let length = u32::try_from(piece.len()).unwrap_or(u32::MAX).to_be_bytes();
                // In one write: without delays its four bytes would be a packet of their own.
                let framed = [length.as_slice(), piece].concat();
                // A daemon that has heard enough answers and hangs up; what it said is still to be read.
                if wire.write_all(&framed).await.is_err() {
                    refused = true;
                    break 'sending;
                }
            }
        }
        if !refused {
            let _ = wire.write_all(&0u32.to_be_bytes()).await;
        }
        let said = answer(&mut wire).await?;
        let (ruling, found) = ruling(&said).ok_or_else(|| away("the answer is not one of clamd"))?;
        Ok(Verdict { ruling, engine, found, at: now() })
    }
}

impl Scanner for Clamd {
    fn scan<'a>(&'a self, bytes: ByteStream, _: u64) -> BoxFuture<'a, Result<Verdict, ScanError>> {
        async move {
            let _one = self.at_once.acquire().await.map_err(away)?;
            match tokio::time::timeout(self.timeout, self.scan_one(bytes)).await {
                Ok(verdict) => verdict,
                Err(_) => Err(away(format!("no verdict within {} s", self.timeout.as_secs()))),
            }
        }
        .boxed()
    }
}

async fn answer(wire: &mut Box<dyn Wire>) -> Result<String, ScanError> {
    let mut said = Vec::new();
    let read = wire.take(MAX_ANSWER).read_to_end(&mut said).await;
    if said.is_empty() {
        return Err(read.map_or_else(away, |_| away("hung up without an answer")));
    }
    let said = String::from_utf8_lossy(&said);
    Ok(said.split('\0').next().unwrap_or_default().trim().chars().filter(|c| !c.is_control()).take(200).collect())
}

/// `stream: OK`, `stream: <signature> FOUND`, `INSTREAM size limit exceeded. ERROR`; anything else is no verdict.
fn ruling(said: &str) -> Option<(Ruling, String)> {
    if said == "stream: OK" {
        return Some((Ruling::Clean, String::new()));
    }
    if said.starts_with("INSTREAM size limit exceeded") {
        return Some((Ruling::TooLarge, String::new()));
    }
    let found = said.strip_prefix("stream: ")?.strip_suffix(" FOUND")?;
    // What the daemon calls its own limits and locked archives: nobody has looked inside.
    let ruling = if found.starts_with("Heuristics.Encrypted") {
        Ruling::Encrypted
    } else if found.starts_with("Heuristics.Limits.Exceeded") {
        Ruling::TooLarge
    } else {
        Ruling::Infected
    };
    Some((ruling, found.to_owned()))
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_daemons_own_words_are_a_verdict() {
        for (said, expected) in [
            ("stream: OK", Some(Ruling::Clean)),
            ("stream: Eicar-Test-Signature FOUND", Some(Ruling::Infected)),
            ("stream: Heuristics.Encrypted.Zip FOUND", Some(Ruling::Encrypted)),
            ("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", Some(Ruling::TooLarge)),
            ("INSTREAM size limit exceeded. ERROR", Some(Ruling::TooLarge)),
            ("stream: Can't allocate memory ERROR", None),
            ("OK", None),
            ("HTTP/1.1 200 OK", None),
            ("", None),
        ] {
            assert_eq!(ruling(said).map(|(ruling, _)| ruling), expected, "{said}");
        }
    }
}
