//! Opaque ids as vendors make them: always the same for the same words, and unlike each other.

use crate::world::{Dice, Incident, Vendor, hash};

/// The letters of an id.
#[derive(Clone, Copy, Debug)]
pub(super) enum Letters {
    /// Digits and small letters: Statuspage.
    Small,
    /// The ULID alphabet: incident.io.
    Ulid,
    /// Digits and letters of both cases: Google.
    Mixed,
    /// Hexadecimal digits: status.io, Slack.
    Hex,
    /// Decimal digits that do not begin with 0.
    Decimal,
}

impl Letters {
    fn all(self) -> &'static [u8] {
        match self {
            Self::Small => b"0123456789abcdefghijklmnopqrstuvwxyz",
            Self::Ulid => b"0123456789ABCDEFGHJKMNPQRSTVWXYZ",
            Self::Mixed => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            Self::Hex => b"0123456789abcdef",
            Self::Decimal => b"123456789",
        }
    }
}

/// An id of `length` letters for some words.
pub(super) fn code(letters: Letters, length: usize, words: &[&str]) -> String {
    let mut dice = Dice::new(hash(words));
    let all = letters.all();
    (0..length).map(|_| char::from(all.get(dice.place(all.len())).copied().unwrap_or(b'0'))).collect()
}

/// The id of the post at a place of an incident.
pub(super) fn post_code(letters: Letters, length: usize, vendor: &Vendor, incident: &Incident, place: usize) -> String {
    code(letters, length, &[&vendor.name, &incident.id, &place.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_differ() {
        assert_eq!(code(Letters::Small, 12, &["a", "b"]), code(Letters::Small, 12, &["a", "b"]));
        assert_ne!(code(Letters::Small, 12, &["a", "b"]), code(Letters::Small, 12, &["ab", ""]));
        assert_eq!(code(Letters::Hex, 24, &["a"]).len(), 24);
    }
}
