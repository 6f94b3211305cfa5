//! Speaks clamd's protocol and finds one thing: the test file of eicar.org. Holds a piece at a time.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub const EICAR: &[u8] = br"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

pub async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((wire, _)) = listener.accept().await {
            // Whoever asks may be killed in the middle of it.
            tokio::spawn(async move { drop(answer(wire).await) });
        }
    });
    address
}

async fn answer(mut wire: TcpStream) -> std::io::Result<()> {
    let mut command = Vec::new();
    while !command.ends_with(b"\0") {
        command.push(wire.read_u8().await?);
    }
    if command == b"zVERSION\0" {
        return wire.write_all(b"ClamAV of the tests\0").await;
    }
    let mut bad = false;
    loop {
        let length = wire.read_u32().await? as usize;
        if length == 0 {
            break;
        }
        let mut piece = vec![0; length];
        wire.read_exact(&mut piece).await?;
        bad |= piece.starts_with(EICAR);
    }
    let said: &[u8] = if bad { b"stream: Eicar-Test-Signature FOUND\0" } else { b"stream: OK\0" };
    wire.write_all(said).await
}
