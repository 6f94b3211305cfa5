//! Requests over HTTP/1.1, one after the other on a connection: what comes from the client after an answer has begun is a
//! new one. Good enough for clients that do not send the next request before they have the answer to the last.

use super::Shared;
use super::connection::{STRAY_ANSWER, heard};
use super::frame::Api;
use super::planned::Fault;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

const CHUNK: usize = 16 << 10;
/// No request of the pipeline comes near this.
const LIMIT: usize = 16 << 20;

pub struct Connection<'s> {
    shared: &'s Shared,
    named: &'static str,
    /// A request has gone out, and nothing of its answer has come.
    waits: AtomicBool,
    /// What befalls that answer.
    fault: Mutex<Option<Fault>>,
}

impl<'s> Connection<'s> {
    pub fn new(shared: &'s Shared, named: &'static str) -> Self {
        Self { shared, named, waits: AtomicBool::new(false), fault: Mutex::default() }
    }

    fn fault(&self) -> std::sync::MutexGuard<'_, Option<Fault>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until either side ends or a fault cuts it; a stray request is handed back whole.
    pub async fn requests(
        &self,
        client: &mut OwnedReadHalf,
        server: &mut OwnedWriteHalf,
    ) -> io::Result<Option<(Vec<u8>, Duration)>> {
        let mut door = self.shared.door.subscribe();
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = client.read(&mut buffer).await?;
            if read == 0 {
                return Ok(None);
            }
            heard(&mut door).await;
            if !self.waits.swap(true, Ordering::AcqRel) {
                let fault = self.shared.faults.next(kind(&buffer[..read], self.named));
                *self.fault() = fault;
                match fault {
                    Some(Fault::CutBefore) => return Ok(None),
                    Some(Fault::Stray(after)) => {
                        let whole = whole(buffer[..read].to_vec(), client).await?;
                        return Ok(Some((whole, after)));
                    }
                    // The wait is the fault itself, asked for by whoever planned it.
                    Some(Fault::Held(after)) => tokio::time::sleep(after).await,
                    Some(Fault::Late(_) | Fault::CutAfter) | None => {}
                }
            }
            server.write_all(&buffer[..read]).await?;
        }
    }

    pub async fn answers(&self, server: &mut OwnedReadHalf, client: &mut OwnedWriteHalf) -> io::Result<()> {
        let mut door = self.shared.door.subscribe();
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = server.read(&mut buffer).await?;
            if read == 0 {
                return Ok(());
            }
            if self.waits.swap(false, Ordering::AcqRel) {
                let fault = self.fault().take();
                match fault {
                    Some(Fault::CutAfter) => return Ok(()),
                    Some(Fault::Late(after)) => tokio::time::sleep(after).await,
                    Some(Fault::Held(_) | Fault::CutBefore | Fault::Stray(_)) | None => {}
                }
            }
            heard(&mut door).await;
            client.write_all(&buffer[..read]).await?;
        }
    }
}

fn kind(request: &[u8], named: &str) -> Api {
    if !named.is_empty() && request.starts_with(named.as_bytes()) {
        return Api::HTTP_NAMED;
    }
    let reads = [b"GET ".as_slice(), b"HEAD "].iter().any(|method| request.starts_with(method));
    if reads { Api::HTTP_READ } else { Api::HTTP_WRITE }
}

/// The rest of a request, by the length that its head gives.
async fn whole(mut request: Vec<u8>, client: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; CHUNK];
    while length(&request).is_none_or(|length| request.len() < length) && request.len() < LIMIT {
        let read = client.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        request.extend_from_slice(&buffer[..read]);
    }
    Ok(request)
}

/// Of head and body together, once the head is there.
fn length(request: &[u8]) -> Option<usize> {
    let end = request.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(request.get(..end)?).ok()?;
    let of = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    };
    Some(end + head.lines().find_map(of).unwrap_or(0))
}

/// The client has gone; its request arrives all the same, and is answered to nobody. Over a connection of its own: servers
/// close one on which nothing comes for a second or two.
pub async fn deliver_late(request: &[u8], after: Duration, upstream: SocketAddr) -> io::Result<()> {
    tokio::time::sleep(after).await;
    let mut server = TcpStream::connect(upstream).await?;
    server.write_all(request).await?;
    let mut buffer = vec![0; CHUNK];
    // Its first bytes show that it was carried out; a server may take its time.
    tokio::time::timeout(STRAY_ANSWER, server.read(&mut buffer)).await??;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_by_its_first_line_and_whole_by_its_length() {
        let named = "POST /REST/2.0/ticket ";
        assert_eq!(kind(b"POST /REST/2.0/ticket HTTP/1.1\r\n", named), Api::HTTP_NAMED);
        assert_eq!(kind(b"POST /REST/2.0/ticket/5/comment HTTP/1.1\r\n", named), Api::HTTP_WRITE);
        assert_eq!(kind(b"GET /REST/2.0/ticket/5 HTTP/1.1\r\n", named), Api::HTTP_READ);
        assert_eq!(length(b"PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"), Some(42));
        assert_eq!(length(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"), Some(27));
        assert_eq!(length(b"GET / HTTP/1.1\r\nhost"), None);
    }
}
