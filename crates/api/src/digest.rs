//! What content is recognised by.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The first bytes of the SHA-256 digest, in hexadecimal digits.
pub(crate) fn digest(content: &[u8], bytes: usize) -> String {
    Sha256::digest(content).iter().take(bytes).fold(String::with_capacity(2 * bytes), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
