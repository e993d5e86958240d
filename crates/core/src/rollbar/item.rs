//! The words of items: which one, how bad, how far.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An item, as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemRef {
    /// By its id, unique in all of Rollbar.
    Id(u64),
    /// By its number in the project, which Rollbar's pages show: `#456`.
    Counter(u64),
}

impl ItemRef {
    /// What [`ItemRef::from_str`] accepts, for messages.
    pub const ACCEPTED: &'static str = "the id of an item (272505123), or its number in the project after a # (#456)";
}

impl FromStr for ItemRef {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (digits, make): (_, fn(u64) -> Self) = match text.strip_prefix('#') {
            Some(digits) => (digits, Self::Counter),
            None => (text, Self::Id),
        };
        // Of what `parse` reads, a sign is not meant.
        let number = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
        number.map(make).ok_or(Self::ACCEPTED)
    }
}

impl fmt::Display for ItemRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Counter(counter) => write!(f, "#{counter}"),
        }
    }
}

/// Makes an enumeration of Rollbar's words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $accepted:literal, $($(#[$of:meta])* $variant:ident = $word:literal),+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name {
            $($(#[$of])* $variant),+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Rollbar's word for it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.iter().find(|known| known.as_str().eq_ignore_ascii_case(word));
                found.copied().ok_or($accepted)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// How bad an item is.
    ItemLevel, "accepted are critical, error, warning, info, debug",
    /// The worst.
    Critical = "critical",
    /// What went wrong.
    Error = "error",
    /// What may go wrong.
    Warning = "warning",
    /// What is good to know.
    Info = "info",
    /// What only developers want to know.
    Debug = "debug"
}

words! {
    /// How far an item is.
    ItemStatus, "accepted are active, resolved, muted, archived",
    /// It goes on.
    Active = "active",
    /// Somebody says that it is over; it is active again with its next occurrence.
    Resolved = "resolved",
    /// It goes on, and nobody wants to hear of it.
    Muted = "muted",
    /// It was put aside.
    Archived = "archived"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_named_by_id_or_by_number() {
        for (text, expected) in
            [("272505123", ItemRef::Id(272_505_123)), ("#456", ItemRef::Counter(456)), ("0", ItemRef::Id(0))]
        {
            let item: ItemRef = text.parse().unwrap();
            assert_eq!((item, item.to_string().as_str()), (expected, text));
        }
        for text in ["", "#", "-1", "+1", "#+1", "1.0", "ab", "18446744073709551616", "٣", "##1", " 1"] {
            assert_eq!(text.parse::<ItemRef>(), Err(ItemRef::ACCEPTED), "{text}");
        }
    }

    #[test]
    fn words_are_rollbars_and_read_in_any_case() {
        for &level in ItemLevel::ALL {
            assert_eq!(level.as_str().to_uppercase().parse(), Ok(level));
            assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
        }
        for &status in ItemStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!("fatal".parse::<ItemLevel>(), Err("accepted are critical, error, warning, info, debug"));
        assert_eq!("open".parse::<ItemStatus>(), Err("accepted are active, resolved, muted, archived"));
    }
}
