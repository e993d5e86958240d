//! Names of keys and users.

use super::AccessError;

/// How many characters a name may have.
const LONGEST: usize = 64;

/// Checks a name: any text of 1 to 64 characters without control characters.
///
/// # Errors
/// [`AccessError::Name`]
pub fn check_name(name: &str) -> Result<(), AccessError> {
    let is_fine = !name.is_empty() && name.chars().count() <= LONGEST && !name.chars().any(char::is_control);
    if is_fine { Ok(()) } else { Err(AccessError::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        for name in ["a", "ci deploy", "東京", &"ü".repeat(64)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", "a\nb", "\0", "\u{85}", &"ü".repeat(65)] {
            assert_eq!(check_name(name), Err(AccessError::Name), "{name:?}");
        }
    }
}
