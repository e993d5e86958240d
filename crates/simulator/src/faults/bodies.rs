//! The bodies that faults are made of.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::formats::Kind;

/// White space in pieces of this size pads a body.
pub(crate) const PIECE: &[u8] = &[b' '; 64 * 1024];

/// A page that asks for a password, as proxies and sign-on services send in place of what was asked for.
pub(crate) const LOGIN_PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in</title></head>
<body class="login">
<h1>Sign in to continue</h1>
<p>All systems operational? Your session is not: it has expired.</p>
<form method="post" action="/login">
<label>User <input name="user"></label> <label>Password <input name="password" type="password"></label>
<button>Sign in</button>
</form>
</body>
</html>
"#;

/// A valid document of a shape that no reader knows.
pub(crate) fn changed_shape(kind: Kind) -> &'static str {
    match kind {
        Kind::Rest => r#"{"version":9,"overview":{"health":{"state":"sunny","score":0.98}},"areas":{"north":[1,2,3]}}"#,
        Kind::Html => {
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>We have moved</title></head>\n\
             <body><main><h1>A fresh look</h1><p>Our new status experience is on its way.</p></main></body></html>\n"
        }
        Kind::Rss => {
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<bulletin edition=\"7\"><story><headline>A fresh look</headline>\
             </story></bulletin>\n"
        }
    }
}

/// A body as gzip.
pub(crate) fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

/// The largest bomb: it takes time and memory to make.
const LARGEST_BOMB: u64 = 1 << 30;

/// A body, padded with white space to `size` bytes (at most 1 GiB), as gzip.
pub(crate) fn gzip_padded(body: &[u8], size: u64) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body)?;
    for piece in padding(body.len(), size.min(LARGEST_BOMB)) {
        encoder.write_all(piece)?;
    }
    encoder.finish()
}

/// The pieces of white space that bring a body of `length` bytes to `size`; none if it is that long already.
pub(crate) fn padding(length: usize, size: u64) -> impl Iterator<Item = &'static [u8]> {
    let mut missing = size.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
    std::iter::from_fn(move || {
        let next = usize::try_from(missing).unwrap_or(usize::MAX).min(PIECE.len());
        missing = missing.saturating_sub(u64::try_from(next).unwrap_or(u64::MAX));
        PIECE.get(..next).filter(|piece| !piece.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn padding_brings_a_body_to_its_size() {
        let length = |length, size| length + padding(length, size).map(<[u8]>::len).sum::<usize>();
        assert_eq!(length(10, 1_000_000), 1_000_000);
        assert_eq!(length(10, 65_546), 65_546);
        assert_eq!(length(10, 5), 10);
    }

    #[test]
    fn a_bomb_is_small_until_it_goes_off() {
        let bomb = gzip_padded(b"[]", 1 << 20).unwrap();
        assert!(bomb.len() < 16 * 1024, "{} bytes", bomb.len());
        let mut inflated = Vec::new();
        flate2::read::GzDecoder::new(bomb.as_slice()).read_to_end(&mut inflated).unwrap();
        assert_eq!(inflated.len(), 1 << 20);
        assert!(inflated.starts_with(b"[] "));
    }
}
