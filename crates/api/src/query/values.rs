//! Values that are asked for, and the errors that say what is accepted.

use std::fmt::Display;

use unistatus_core::schema::truncate;

use crate::error::ApiError;

/// How many characters of a strange name or value are repeated in the error.
pub(crate) const SHOWN: usize = 64;
/// How many values one parameter may have.
pub(crate) const VALUES: usize = 1000;

/// Reads one word of a closed set, without regard to case; the error lists the set.
pub(crate) fn word<T: Copy>(value: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(value));
    found.map(|&(_, meaning)| meaning).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|&(word, _)| word).collect();
        format!("accepted are {}", words.join(", "))
    })
}

/// The error for a value of a parameter that is not understood; `accepted` says what is.
pub(crate) fn refused(name: &str, value: &str, accepted: impl Display) -> ApiError {
    let value = truncate(value, SHOWN);
    ApiError::BadRequest(format!("\"{value}\" is not accepted for \"{name}\": {accepted}."))
}

/// The error for a parameter with more than [`VALUES`] values.
pub(crate) fn too_many(name: &str) -> ApiError {
    ApiError::BadRequest(format!("\"{name}\" has more than {VALUES} values."))
}
