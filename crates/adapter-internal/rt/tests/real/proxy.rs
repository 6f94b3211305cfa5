//! Stands between the adapter and RT and loses answers on demand.

use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// RT has answered; the connection breaks before the answer is passed on.
    AnswerLost,
    /// RT has answered; the answer never arrives and the connection stays.
    AnswerWithheld,
    /// The connection breaks before RT has heard anything.
    RequestLost,
    /// A proxy's own 502 after RT has done the work.
    BadGateway,
}

pub struct Proxy {
    pub url: String,
}

impl Proxy {
    /// Applies `fault` to requests whose first line begins with `on`; passes everything else.
    pub async fn start(rt: &str, on: &'static str, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let rt: Arc<str> = rt.trim_start_matches("http://").trim_end_matches('/').into();
        // Ends with the test's runtime.
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(client, rt.clone(), on, fault));
            }
        });
        Self { url }
    }
}

async fn serve(mut client: TcpStream, rt: Arc<str>, on: &'static str, fault: Fault) -> Option<()> {
    let mut server = TcpStream::connect(&*rt).await.ok()?;
    loop {
        let request = message(&mut client).await?;
        let faulty = request.starts_with(on.as_bytes());
        if faulty && fault == Fault::RequestLost {
            return None;
        }
        server.write_all(&request).await.ok()?;
        let answer = message(&mut server).await?;
        match (faulty, fault) {
            (true, Fault::AnswerLost) => return None,
            (true, Fault::AnswerWithheld) => std::future::pending::<()>().await,
            (true, Fault::BadGateway) => {
                client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").await.ok()?;
            }
            (true, Fault::RequestLost) | (false, _) => client.write_all(&answer).await.ok()?,
        }
    }
}

/// One message with its head and a body by `Content-Length`.
async fn message(from: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(head) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let length = text.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
            if bytes.len() >= head + 4 + length {
                return Some(bytes);
            }
        }
        let read = from.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    }
}
