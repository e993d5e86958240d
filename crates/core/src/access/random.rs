//! What nobody can guess.

use super::AccessError;

/// The digits of random texts: those of base 62, so that they can be selected with a click and stand in any header.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// So many random bytes.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], AccessError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| AccessError::Random)?;
    Ok(bytes)
}

/// An id that nothing else has: a random UUID.
///
/// # Errors
/// [`AccessError::Random`] where the system has no random numbers.
pub fn new_id() -> Result<String, AccessError> {
    Ok(uuid::Builder::from_random_bytes(bytes()?).into_uuid().to_string())
}

/// A text of so many random digits, each as likely as any other.
pub(super) fn text(length: usize) -> Result<String, AccessError> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // Six bits of each byte; two of their 64 values are no digit.
        let digits = bytes::<64>()?.into_iter().filter_map(|byte| DIGITS.get(usize::from(byte & 63)));
        text.extend(digits.take(length - text.len()).map(|&digit| char::from(digit)));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn texts_are_as_long_as_wanted_and_use_all_digits() {
        let long = text(10_000).unwrap();
        assert_eq!(long.len(), 10_000);
        assert_eq!(long.bytes().collect::<BTreeSet<_>>(), DIGITS.iter().copied().collect());
        assert_ne!(text(12).unwrap(), text(12).unwrap());
    }
}
