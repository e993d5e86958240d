//! An HTTP/1.1 client that sends paths and headers byte for byte: every library "corrects" `..` and the like.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

/// How long a test waits for what must come. Reached only where it fails.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// How long between two looks at what must come.
pub(crate) const LOOK: Duration = Duration::from_millis(10);

/// Somebody who asks a server, each time on a new connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
}

impl Client {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[]).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut connection = Connection::open(self.address).await;
        connection.send(&request(method, path, headers)).await;
        connection.rest().await
    }

    /// Sends a body, whose length is said.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send_body("POST", path, headers, body).await
    }

    /// The same by any method.
    pub(crate) async fn send_body(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let length = body.len().to_string();
        let headers = [headers, &[("Content-Length", &length)]].concat();
        let mut connection = Connection::open(self.address).await;
        connection.send(&(request(method, path, &headers) + body)).await;
        connection.rest().await
    }

    /// Asks until the answer is as wanted.
    pub(crate) async fn until(&self, path: &str, is_wanted: impl Fn(&Answer) -> bool) -> Answer {
        self.until_within(PATIENCE, path, is_wanted).await
    }

    /// The same for what may take longer than usual.
    pub(crate) async fn until_within(
        &self,
        patience: Duration,
        path: &str,
        is_wanted: impl Fn(&Answer) -> bool,
    ) -> Answer {
        let mut last = None;
        let wanted = timeout(patience, async {
            loop {
                let answer = self.get(path).await;
                if is_wanted(&answer) {
                    return answer;
                }
                last = Some(answer);
                sleep(LOOK).await;
            }
        });
        let wanted = wanted.await;
        wanted.unwrap_or_else(|_elapsed| panic!("{path} never came to be as wanted; at last it was {last:?}"))
    }
}

/// An answer, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) bytes: Vec<u8>,
    /// The bytes as text; empty where they are none.
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header; panics if it is there twice.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice: {self:?}");
        value
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn parse(answer: &[u8]) -> Self {
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no complete head: {:?}", String::from_utf8_lossy(answer)));
        let head = std::str::from_utf8(&answer[..end]).unwrap();
        let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        let bytes = if is_chunked { unchunked(&answer[end + 4..]) } else { answer[end + 4..].to_vec() };
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { status, headers, body: String::from_utf8(bytes.clone()).unwrap_or_default(), bytes }
    }
}

/// A body that came in chunks; panics if its end is missing.
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
        if size == 0 {
            return body;
        }
    }
}

/// One connection.
pub(crate) struct Connection(TcpStream);

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// A connection that takes in little of an answer before it is read.
    pub(crate) async fn open_narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Self(socket.connect(address).await.unwrap())
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Waits for the beginning of an answer without taking it.
    pub(crate) async fn until_answered(&mut self) {
        assert_ne!(self.0.peek(&mut [0]).await.unwrap(), 0, "the connection was closed");
    }

    /// Everything that comes until the server closes the connection, as it comes.
    pub(crate) async fn text(mut self) -> String {
        let mut text = String::new();
        self.0.read_to_string(&mut text).await.unwrap();
        text
    }

    /// Everything that comes until the server closes the connection, as one answer.
    pub(crate) async fn rest(mut self) -> Answer {
        let mut answer = Vec::new();
        self.0.read_to_end(&mut answer).await.unwrap();
        Answer::parse(&answer)
    }
}

/// A request that asks for the connection to be closed after it.
fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let headers = headers.iter().fold(String::new(), |headers, (name, value)| headers + name + ": " + value + "\r\n");
    format!("{method} {path} HTTP/1.1\r\nHost: unistatus.test\r\nConnection: close\r\n{headers}\r\n")
}
