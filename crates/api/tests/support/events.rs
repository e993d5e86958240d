//! A client that follows a stream of Server-Sent Events.

use std::collections::VecDeque;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::PATIENCE;

/// One event, as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) id: Option<String>,
    pub(crate) kind: String,
    pub(crate) data: String,
}

impl Sent {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

/// A stream that was answered with 200.
pub(crate) struct Stream {
    connection: TcpStream,
    /// The body as far as it was not taken apart yet, without its chunks' frames.
    body: String,
    /// What came and is not a whole chunk yet.
    raw: Vec<u8>,
    ready: VecDeque<Sent>,
    /// How many comments came: heartbeats.
    pub(crate) heartbeats: usize,
}

impl Stream {
    /// Begins to follow.
    pub(crate) async fn open(address: SocketAddr, path: &str, last: Option<&str>) -> Self {
        let connection = TcpStream::connect(address).await.unwrap();
        Self::over(connection, path, last).await
    }

    /// The same of somebody who says who they are.
    pub(crate) async fn open_as(address: SocketAddr, path: &str, who: (&str, &str)) -> Self {
        let connection = TcpStream::connect(address).await.unwrap();
        Self::asked(connection, path, &format!("{}: {}\r\n", who.0, who.1)).await
    }

    /// The same over a connection that is there.
    pub(crate) async fn over(connection: TcpStream, path: &str, last: Option<&str>) -> Self {
        Self::asked(connection, path, &last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default()).await
    }

    async fn asked(mut connection: TcpStream, path: &str, headers: &str) -> Self {
        let request = format!("GET {path} HTTP/1.1\r\nHost: unistatus.test\r\n{headers}\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let (body, ready) = (String::new(), VecDeque::new());
        let mut stream = Self { connection, body, raw: Vec::new(), ready, heartbeats: 0 };
        let head = loop {
            if let Some(end) = stream.raw.windows(4).position(|window| window == b"\r\n\r\n") {
                break stream.raw.drain(..end + 4).collect::<Vec<u8>>();
            }
            assert!(stream.read().await, "the connection was closed");
        };
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("text/event-stream"), "{head}");
        stream
    }

    /// The next event; `None` once the server closed the connection.
    pub(crate) async fn next(&mut self) -> Option<Sent> {
        timeout(PATIENCE, async {
            loop {
                if let Some(sent) = self.ready.pop_front() {
                    return Some(sent);
                }
                if !self.read().await {
                    return None;
                }
                self.take_apart();
            }
        })
        .await
        .expect("nothing comes")
    }

    /// The next event of a kind; those of others are passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Sent {
        loop {
            let sent = self.next().await.expect("the stream has ended");
            if sent.kind == kind {
                return sent;
            }
        }
    }

    /// Reads until so many heartbeats have come.
    pub(crate) async fn until_heartbeat(&mut self, count: usize) {
        timeout(PATIENCE, async {
            while self.heartbeats < count {
                assert!(self.read().await, "the stream has ended");
                self.take_apart();
            }
        })
        .await
        .expect("no heartbeat comes");
    }

    async fn read(&mut self) -> bool {
        self.connection.read_buf(&mut self.raw).await.unwrap() > 0
    }

    fn take_apart(&mut self) {
        while let Some(end) = self.raw.windows(2).position(|window| window == b"\r\n") {
            let size = usize::from_str_radix(std::str::from_utf8(&self.raw[..end]).unwrap(), 16).unwrap();
            // The chunk and the line break behind it.
            let Some(chunk) = self.raw.get(end + 2..end + 2 + size + 2) else { break };
            self.body.push_str(std::str::from_utf8(&chunk[..size]).unwrap());
            self.raw.drain(..end + size + 4);
        }
        while let Some(end) = self.body.find("\n\n") {
            let block: String = self.body.drain(..end + 2).collect();
            let field = |name: &str| {
                let mut values = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                values.next().map(str::to_owned)
            };
            match field("event") {
                Some(kind) => self.ready.push_back(Sent { id: field("id"), kind, data: field("data").unwrap() }),
                None if block.starts_with(':') => self.heartbeats += 1,
                None => assert!(block.starts_with("retry: "), "{block:?}"),
            }
        }
    }
}
