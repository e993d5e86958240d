//! A body of several parts, none of which is copied to join them.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;

/// A body of several parts, in order.
#[derive(Debug)]
pub(crate) struct Chunks<const N: usize> {
    parts: [Bytes; N],
    sent: usize,
}

impl<const N: usize> Chunks<N> {
    pub(super) const fn new(parts: [Bytes; N]) -> Self {
        Self { parts, sent: 0 }
    }
}

impl<const N: usize> MessageBody for Chunks<N> {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        let rest = self.parts.iter().skip(self.sent).map(Bytes::len).sum::<usize>();
        BodySize::Sized(u64::try_from(rest).unwrap_or(u64::MAX))
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let this = self.get_mut();
        loop {
            let Some(part) = this.parts.get(this.sent) else { return Poll::Ready(None) };
            this.sent += 1;
            // An empty one would be taken for the end where a body is sent without its length.
            if !part.is_empty() {
                return Poll::Ready(Some(Ok(part.clone())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    #[actix_web::test]
    async fn the_parts_follow_each_other() {
        let chunks = Chunks::new([&b"ab"[..], b"", b"c"].map(Bytes::from_static));
        assert_eq!(chunks.size(), BodySize::Sized(3));
        assert_eq!(to_bytes(chunks).await.unwrap(), "abc");
    }
}
