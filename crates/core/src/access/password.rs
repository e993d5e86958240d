//! Passwords: hashed with argon2id as OWASP recommends it (19 MiB, two passes, one lane), so that who steals the hashes
//! has to spend that on every guess.

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};

use super::{AccessError, random};

/// How many characters a password may have: the least that is not guessed in no time, and no more than anybody types.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=256;
/// How much memory a hash takes, in KiB; how many passes; how many lanes.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// How many bytes of salt a hash has.
const SALT: usize = 16;
/// The hash of a password that nobody knows. It costs as much to compare with as any other.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGtub3dzIGl0Lg$NEz7XbtmwV7vLW0mhJqYfZr1zj1sKmC0yNYuq2m4hZs";

/// Checks a password: 8 to 256 characters.
///
/// # Errors
/// [`AccessError::Password`]
pub fn check_password(password: &str) -> Result<(), AccessError> {
    if LENGTHS.contains(&password.chars().count()) { Ok(()) } else { Err(AccessError::Password) }
}

/// The hash of a password, with all that is needed to compare with it, in the PHC string format. Takes some ten
/// milliseconds of a core.
pub(super) fn hash(password: &str) -> Result<String, AccessError> {
    check_password(password)?;
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|_| AccessError::Hash)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = random::bytes::<SALT>()?;
    let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| AccessError::Hash)?;
    Ok(hash.to_string())
}

/// Whether a password has this hash; where there is none it does not, and that takes as long.
pub(super) fn matches(password: &str, hash: Option<&str>) -> bool {
    // The costs are those that the hash names.
    let is_equal = Argon2::default().verify_password(password.as_bytes(), hash.unwrap_or(NOBODYS)).is_ok();
    is_equal && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again() {
        let first = hash("correct horse").unwrap();
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert!(matches("correct horse", Some(&first)));
        assert!(!matches("correct Horse", Some(&first)) && !matches("correct horse", None));
        assert_ne!(first, hash("correct horse").unwrap(), "each has a salt of its own");
    }

    #[test]
    fn the_hash_for_nobody_costs_what_others_cost() {
        let costs = |hash: &str| argon2::PasswordHash::new(hash).map(|hash| hash.params.to_string()).unwrap();
        let made = hash("correct horse").unwrap();
        assert_eq!(costs(NOBODYS), costs(&made));
        let lengths = |hash: &str| hash.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!(lengths(NOBODYS), lengths(&made));
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        for (password, is_fine) in
            [("1234567", false), ("12345678", true), ("pässwört", true), (&*"x".repeat(257), false)]
        {
            assert_eq!(check_password(password).is_ok(), is_fine, "{password}");
        }
    }
}
