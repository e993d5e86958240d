//! What actix's parser refuses leaves in the one shape of [`ApiError`], too.
//!
//! The parser answers by itself, with a status and no body, before any layer of ours sees a request: a head that is too
//! large, not HTTP, or too slow to arrive. There is no place to tell it what to say, so its words are put in on their way
//! out: it is told by what no other answer of ours is, an error without a body.
//!
//! And who takes nothing for a long time is let go: without that, a client that has stopped to read would hold on to what it
//! was to be sent for as long as it likes.
//!
//! Where it refused, the parser drops the connection, while the client may still be sending: the system would answer that with a reset, and the
//! client might never read the words. So what it sends is taken in for a moment.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::http::StatusCode;
use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::runtime::Handle;
use tokio::time::{Sleep, sleep, timeout};

use crate::error::ApiError;

/// How long a client may take nothing of what it is sent.
const STALLED: Duration = Duration::from_secs(30);
/// How much of what a client goes on sending is taken in after a refusal, and for how long.
const LINGER: (u64, Duration) = (16 << 20, Duration::from_secs(1));
/// How long the parser's own answers are at the most.
const LONGEST: usize = 256;
/// Where each answer begins.
const BEGINNING: &[u8] = b"HTTP/1.1 ";
/// Where each head ends.
const END: &[u8] = b"\r\n\r\n";
/// What tells that there is no body.
const EMPTY: &[u8] = b"\r\ncontent-length: 0\r\n";

/// A connection that puts words to the refusals of the parser.
#[derive(Debug)]
pub(crate) struct Worded<T: Connection> {
    /// Taken only where it is dropped.
    io: Option<T>,
    /// Whether something was refused on it.
    is_refused: bool,
    /// What is written in place of what was to be written.
    words: Bytes,
    /// How much of what was to be written the words stand for.
    stand_for: usize,
    /// Runs out where nothing could be written for too long.
    stalled: Option<Pin<Box<Sleep>>>,
}

/// A connection.
pub(crate) trait Connection: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Connection for T {}

impl<T: Connection> Worded<T> {
    pub(crate) const fn new(io: T) -> Self {
        Self { io: Some(io), is_refused: false, words: Bytes::new(), stand_for: 0, stalled: None }
    }

    fn io(&mut self) -> io::Result<Pin<&mut T>> {
        self.io.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn poll_write_worded(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.stand_for == 0
            && let Some(words) = words_for(bytes)
        {
            (self.words, self.stand_for, self.is_refused) = (words, bytes.len(), true);
        }
        if self.stand_for > 0 {
            return self.poll_words(cx);
        }
        self.io()?.poll_write(cx, bytes)
    }

    /// Writes the words; then what they stand for is written.
    fn poll_words(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        while self.words.has_remaining() {
            let words = self.words.clone();
            match ready!(self.io()?.poll_write(cx, &words))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.words.advance(written),
            }
        }
        Poll::Ready(Ok(std::mem::take(&mut self.stand_for)))
    }
}

impl<T: Connection> Drop for Worded<T> {
    fn drop(&mut self) {
        if let (true, Some(io), Ok(runtime)) = (self.is_refused, self.io.take(), Handle::try_current()) {
            runtime.spawn(linger(io));
        }
    }
}

/// Says that nothing more will come, and takes in what does.
async fn linger(mut io: impl Connection) {
    let (most, patience) = LINGER;
    let drain = async {
        io.shutdown().await?;
        tokio::io::copy(&mut io.take(most), &mut tokio::io::sink()).await
    };
    // However that ends, the connection does, too.
    let _ = timeout(patience, drain).await;
}

impl<T: Connection> AsyncWrite for Worded<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.poll_write_worded(cx, bytes);
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALLED)));
        stalled.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io()?.poll_shutdown(cx)
    }
}

impl<T: Connection> AsyncRead for Worded<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.io()?.poll_read(cx, buffer)
    }
}

/// What to write in place of these bytes: the same with words, where they end with a refusal of the parser.
fn words_for(bytes: &[u8]) -> Option<Bytes> {
    let head = bytes.strip_suffix(END)?;
    let begin = position_of_last(head, BEGINNING)?;
    let head = &head[begin..];
    let error = refusal(head)?;
    let empty = position_of_last(head, EMPTY)?;
    let body = error.json();
    let mut words = BytesMut::from(&bytes[..begin + empty]);
    let headers = "content-type: application/json\r\ncache-control: no-store\r\nx-content-type-options: nosniff";
    words.extend_from_slice(format!("\r\n{headers}\r\ncontent-length: {}\r\n", body.len()).as_bytes());
    words.extend_from_slice(&head[empty + EMPTY.len()..]);
    words.extend_from_slice(END);
    words.extend_from_slice(&body);
    Some(words.freeze())
}

/// What the parser means by a head.
fn refusal(head: &[u8]) -> Option<ApiError> {
    let status = head.get(BEGINNING.len()..BEGINNING.len() + 3)?;
    match StatusCode::from_bytes(status).ok()? {
        StatusCode::BAD_REQUEST => Some(ApiError::BadRequest(
            "The request cannot be read: it is not HTTP, or its path is longer than 65534 bytes.".to_owned(),
        )),
        StatusCode::REQUEST_TIMEOUT => Some(ApiError::RequestTimeout),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Some(ApiError::HeadTooLarge),
        _ => None,
    }
}

/// Where a text begins for the last time, if that is not further from the end than the parser's answers are long.
fn position_of_last(bytes: &[u8], text: &[u8]) -> Option<usize> {
    let skipped = bytes.len().saturating_sub(LONGEST);
    bytes[skipped..].windows(text.len()).rposition(|window| window == text).map(|position| skipped + position)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::duplex;

    use super::*;

    const REFUSAL: &str = "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\
                           date: Sun, 22 Nov 2026 08:35:58 GMT\r\n\r\n";

    fn worded(bytes: &str) -> Option<String> {
        words_for(bytes.as_bytes()).map(|words| String::from_utf8(words.to_vec()).unwrap())
    }

    #[test]
    fn a_refusal_gets_words_and_keeps_its_headers() {
        let words = worded(REFUSAL).unwrap();
        let (head, body) = words.split_once("\r\n\r\n").unwrap();
        let body_of: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body_of["error"]["code"], "RequestHeaderFieldsTooLarge");
        assert!(head.starts_with("HTTP/1.1 431 ") && head.ends_with("date: Sun, 22 Nov 2026 08:35:58 GMT"), "{head}");
        assert!(head.contains(&format!("\r\ncontent-length: {}\r\nconnection: close\r\n", body.len())), "{head}");
        for status in ["400 Bad Request", "408 Request Timeout"] {
            assert!(worded(&REFUSAL.replace("431 Request Header Fields Too Large", status)).is_some());
        }
    }

    #[test]
    fn other_answers_pass() {
        for other in [
            "HTTP/1.1 304 Not Modified\r\netag: \"x\"\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 12\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n",
            "",
        ] {
            assert_eq!(worded(other), None, "{other}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_for_long_is_let_go() {
        let (near, mut far) = duplex(4);
        let mut near = Worded::new(near);
        near.write_all(b"1234").await.unwrap();
        let (blocked, ()) = tokio::join!(near.write(b"5678"), async {
            sleep(STALLED / 2).await;
            far.read_exact(&mut [0; 4]).await.unwrap();
        });
        assert_eq!(blocked.unwrap(), 4, "it was slow, not gone");
        assert_eq!(near.write(b"9").await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    proptest! {
        /// Whatever comes before it in one write, and however little the connection takes at a time.
        #[test]
        fn what_is_written_before_a_refusal_is_kept(before in ".{0,600}", room in 1..64_usize) {
            let written = format!("{before}{REFUSAL}");
            let read = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
                let (near, mut far) = duplex(room);
                let mut near = Worded::new(near);
                let mut read = String::new();
                let write = async {
                    near.write_all(written.as_bytes()).await.unwrap();
                    near.shutdown().await.unwrap();
                    drop(near);
                };
                tokio::join!(write, async { far.read_to_string(&mut read).await.unwrap() });
                read
            });
            prop_assert_eq!(read, format!("{before}{}", worded(REFUSAL).unwrap()));
        }
    }
}
