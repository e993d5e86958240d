//! A small client, for the collector's own port among others.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::wait::until;

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answered {
    /// Whether it has this line.
    pub(crate) fn has(&self, line: &str) -> bool {
        self.body.lines().any(|found| found == line)
    }
}

/// Asks on a connection of its own.
pub(crate) async fn ask(address: SocketAddr, method: &str, path: &str) -> Answered {
    try_ask(address, method, path).await.unwrap()
}

/// The same, where there may be no answer.
pub(crate) async fn try_ask(address: SocketAddr, method: &str, path: &str) -> io::Result<Answered> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("{method} {path} HTTP/1.1\r\nHost: collector.test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    Ok(Answered { status, head: head.to_lowercase(), body: body.to_owned() })
}

/// Asks until the answer is as wanted.
pub(crate) async fn ask_until(address: SocketAddr, path: &str, is_wanted: impl Fn(&Answered) -> bool) -> Answered {
    until(path, async || Some(ask(address, "GET", path).await).filter(&is_wanted)).await
}
