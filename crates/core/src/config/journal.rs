//! Where a collector keeps what its database does not take, and how much of it.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The word for no journal.
const NONE: &str = "none";
/// The units of sizes, the largest first, with the bytes of each.
const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
/// The least that a journal is given.
const LEAST: u64 = 1 << 20;

/// Where a collector's journal is, and how large it may grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalPlace {
    /// The folder, which several collectors may share.
    pub folder: PathBuf,
    /// How many bytes each of them may keep there.
    pub limit: u64,
}

/// The folder of a journal; `None` for no journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Folder(pub(super) Option<PathBuf>);

impl FromStr for Folder {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self((!text.eq_ignore_ascii_case(NONE)).then(|| PathBuf::from(text))))
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(folder) => folder.display().fmt(f),
            None => f.pad(NONE),
        }
    }
}

/// How large a journal may grow, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Limit(pub(super) u64);

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let of_unit = |(unit, bytes): (&str, u64)| {
            let number = text.strip_suffix(unit)?.trim_end();
            number.parse::<u64>().ok()?.checked_mul(bytes)
        };
        let limit = UNITS.into_iter().find_map(of_unit).filter(|&limit| limit >= LEAST);
        limit.map(Self).ok_or("a size such as 256MiB or 1GiB, 1MiB at least")
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS.into_iter().find(|(_, bytes)| self.0.is_multiple_of(*bytes));
        match whole {
            Some((unit, bytes)) => write!(f, "{}{unit}", self.0 / bytes),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_with_a_unit() {
        for (text, limit) in
            [("256MiB", Ok(256 << 20)), ("1 GiB", Ok(1 << 30)), ("1024KiB", Ok(1 << 20)), ("1536KiB", Ok(1536 << 10))]
        {
            assert_eq!(text.parse(), limit.map(Limit).map_err(|(): ()| ""), "{text}");
        }
        for text in ["256", "256MB", "1023KiB", "0GiB", "-1MiB", "1.5GiB", "99999999999GiB", "MiB", ""] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
    }
}
