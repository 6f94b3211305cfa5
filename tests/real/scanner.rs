//! In place of clamd: its protocol, and one signature, which no file of people has. Real signatures are for the tests of a
//! real daemon; here it matters what both sides read when something is found.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SIGNATURE: &[u8] = b"eicar";
/// Longer than any piece the protocol is spoken with here.
const LONGEST: usize = 1 << 20;

/// Gives its address; ends with the runtime.
pub async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((wire, _)) = listener.accept().await {
            tokio::spawn(answer(wire));
        }
    });
    address
}

/// One command on each connection; one that is not as it should be gets no answer, which is no verdict.
async fn answer(mut wire: TcpStream) -> Option<()> {
    let mut command = Vec::new();
    while command.last() != Some(&0) {
        command.push(wire.read_u8().await.ok()?);
    }
    let said: &[u8] = match command.as_slice() {
        b"zVERSION\0" => b"a stand-in for clamd 1/1\0",
        b"zINSTREAM\0" if found(&mut wire).await? => b"stream: Eicar-Test-Signature FOUND\0",
        b"zINSTREAM\0" => b"stream: OK\0",
        _ => return None,
    };
    wire.write_all(said).await.ok()
}

async fn found(wire: &mut TcpStream) -> Option<bool> {
    let (mut seen, mut found) = (Vec::new(), false);
    loop {
        let length = usize::try_from(wire.read_u32().await.ok()?).ok().filter(|length| *length <= LONGEST)?;
        if length == 0 {
            return Some(found);
        }
        let before = seen.len();
        seen.resize(before + length, 0);
        wire.read_exact(&mut seen[before..]).await.ok()?;
        found |= seen.windows(SIGNATURE.len()).any(|window| window == SIGNATURE);
        // What may be the beginning of one that goes on in the next piece.
        seen.drain(..seen.len().saturating_sub(SIGNATURE.len() - 1));
    }
}
