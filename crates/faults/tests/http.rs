//! The proxy before a server of HTTP/1.1.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use faults::proxy::{Api, Fault, Faults, Proxy};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const SOON: Duration = Duration::from_secs(20);

/// Says what it was asked, and answers everything with success.
async fn server() -> (String, UnboundedReceiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (asked, heard) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, asked.clone()));
        }
    });
    (address, heard)
}

async fn serve(mut stream: TcpStream, asked: UnboundedSender<String>) {
    let mut buffer = vec![0; 4096];
    let mut request = String::new();
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        request.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() < length.unwrap_or(0) {
            continue;
        }
        let first = head.lines().next().unwrap_or_default();
        asked.send(format!("{first} {body}")).unwrap();
        request.clear();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        if stream.write_all(answer).await.is_err() {
            return;
        }
    }
}

struct World {
    proxy: Proxy,
    url: String,
    heard: UnboundedReceiver<String>,
    http: reqwest::Client,
}

impl World {
    async fn new() -> Self {
        let (address, heard) = server().await;
        let proxy = Proxy::http(&address, Faults::seeded(1), "POST /made ").await.unwrap();
        let url = format!("http://{}", proxy.address());
        Self { proxy, url, heard, http: reqwest::Client::new() }
    }

    async fn post(&self, path: &str, body: &str) -> bool {
        let answer = self.http.post(format!("{}{path}", self.url)).body(body.to_owned()).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    async fn heard(&mut self) -> String {
        tokio::time::timeout(SOON, self.heard.recv()).await.expect("the server is asked").unwrap()
    }
}

#[tokio::test]
async fn kinds_are_told_apart_also_on_one_connection() {
    let mut world = World::new().await;
    assert!(world.post("/made", "one").await && world.post("/made/5", "two").await);
    assert!(world.http.get(&world.url).send().await.is_ok());
    let faults = world.proxy.faults();
    assert_eq!([Api::HTTP_NAMED, Api::HTTP_WRITE, Api::HTTP_READ].map(|api| faults.seen(api)), [1, 1, 1]);
    assert_eq!(world.heard().await, "POST /made HTTP/1.1 one");
}

#[tokio::test]
async fn an_answer_is_cut_after_the_request_was_carried_out_or_before() {
    let mut world = World::new().await;
    world.proxy.faults().plan(Api::HTTP_WRITE, Fault::CutAfter, 1);
    assert!(!world.post("/", "done").await);
    assert_eq!(world.heard().await, "POST / HTTP/1.1 done");
    world.proxy.faults().plan(Api::HTTP_WRITE, Fault::CutBefore, 1);
    assert!(!world.post("/", "not done").await);
    assert!(world.post("/", "after").await);
    assert_eq!(world.heard().await, "POST / HTTP/1.1 after", "and not the one that was cut");
}

#[tokio::test]
async fn a_stray_request_arrives_whole_after_one_that_was_made_later() {
    let mut world = World::new().await;
    let long = "x".repeat(200_000);
    world.proxy.faults().plan(Api::HTTP_NAMED, Fault::Stray(Duration::from_millis(300)), 1);
    assert!(!world.post("/made", &long).await);
    assert!(world.post("/made", "again").await);
    assert_eq!(world.heard().await, "POST /made HTTP/1.1 again");
    assert_eq!(world.heard().await, format!("POST /made HTTP/1.1 {long}"));
}
