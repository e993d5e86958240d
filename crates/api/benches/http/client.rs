//! A client with one connection that it keeps.

use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpStream};

/// A request's header.
pub(crate) type Header = (&'static str, String);

/// A connection.
pub(crate) struct Connection(BufReader<TcpStream>);

/// An answer.
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    head: Vec<String>,
    /// The body, as it was sent.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.iter().filter_map(|line| line.split_once(": "));
        fields.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::with_capacity(1 << 18, stream))
    }

    /// Asks, and reads the answer.
    pub(crate) fn get(&mut self, path: &str, headers: &[Header]) -> Answer {
        self.try_get(path, headers).unwrap()
    }

    /// The same where the server may end meanwhile.
    pub(crate) fn try_get(&mut self, path: &str, headers: &[Header]) -> io::Result<Answer> {
        self.send(path, headers)?;
        let (status, head) = self.read_head()?;
        let mut answer = Answer { status, head, body: Vec::new() };
        let length = answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        // Without a body 304 tells the length of the one that it leaves out.
        answer.body.resize(if status == 304 { 0 } else { length }, 0);
        self.0.read_exact(&mut answer.body)?;
        Ok(answer)
    }

    /// Asks for an answer without an end, and reads it line by line.
    pub(crate) fn follow(mut self, path: &str) -> impl Iterator<Item = String> {
        self.send(path, &[]).unwrap();
        let (status, _) = self.read_head().unwrap();
        assert_eq!(status, 200, "{path} is not answered");
        self.0.lines().map_while(Result::ok)
    }

    fn send(&mut self, path: &str, headers: &[Header]) -> io::Result<()> {
        let headers =
            headers.iter().fold(String::new(), |headers, (name, value)| headers + name + ": " + value + "\r\n");
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        self.0.get_mut().write_all(request.as_bytes())
    }

    /// The status and the lines of the head.
    fn read_head(&mut self) -> io::Result<(u16, Vec<String>)> {
        let lines = self.0.by_ref().lines();
        let head: Vec<String> =
            lines.take_while(|line| !line.as_ref().is_ok_and(String::is_empty)).collect::<io::Result<_>>()?;
        let status = head.first().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
        Ok((status.ok_or(io::ErrorKind::InvalidData)?, head))
    }
}
