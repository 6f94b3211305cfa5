use crate::fixture::Rt;
use adapter_internal_rt::NudgeVerifier;
use domain::Timestamp;
use ports::{HookError, HookVerifier};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// RT must have been set up with `CAUSEWAY_RT_HOOK_URL=http://127.0.0.1:<port>/` and the tests with the same variable.
#[tokio::test]
async fn a_change_in_rt_sends_a_nudge_that_is_known_as_genuine() {
    let Some(rt) = Rt::get() else { return };
    let Ok(url) = std::env::var("CAUSEWAY_RT_HOOK_URL") else {
        eprintln!("SKIPPED: RT sends no nudges (CAUSEWAY_RT_HOOK_URL at its set-up and here)");
        return;
    };
    let address = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let listener = TcpListener::bind(&address).await.unwrap();
    let writing = tokio::spawn(async move { rt.case().await.ticket });
    let ticket_of = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
        let (head, body) = loop {
            let read = stream.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0);
            bytes.extend_from_slice(&buffer[..read]);
            let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let length = header(&head, "content-length")[0].parse::<usize>().unwrap();
            if bytes.len() >= end + 4 + length {
                break (head, bytes[end + 4..].to_vec());
            }
        };
        stream.write_all(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        (head, body)
    };
    let (head, body) = tokio::time::timeout(Duration::from_secs(60), ticket_of).await.unwrap();
    drop(listener);
    writing.await.unwrap();

    let verifier = NudgeVerifier::new(&Rt::get().unwrap().ready());
    let now = Timestamp(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap());
    assert_eq!(verifier.verify(&|name: &str| header(&head, name), &body, now), Ok(()));
    let mut other = body;
    *other.last_mut().unwrap() = b' ';
    assert_eq!(verifier.verify(&|name: &str| header(&head, name), &other, now), Err(HookError::Signature));
}

fn header(head: &str, name: &str) -> Vec<String> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
        .collect()
}
