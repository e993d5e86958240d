//! Lengths of time as people write them.

use std::time::Duration;

/// The shortest interval that makes sense.
pub const SHORTEST: Duration = Duration::from_secs(1);
/// The longest interval that makes sense.
pub const LONGEST: Duration = Duration::from_hours(24);

/// What [`parse`] accepts, for messages.
pub const ACCEPTED: &str = "seconds (60) or a length of time (90s, 5m, 1h), from 1s to 24h";

/// Reads an interval: whole seconds, or a number with a unit.
///
/// # Errors
/// What is accepted, if the text is anything else or out of range.
pub fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let length = if digits { text.parse().ok().map(Duration::from_secs) } else { humantime::parse_duration(text).ok() };
    length
        .filter(|length| (SHORTEST..=LONGEST).contains(length))
        .ok_or_else(|| format!("\"{text}\" is not an interval; accepted are {ACCEPTED}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_lengths_within_bounds() {
        for (text, secs) in [("60", 60), ("90s", 90), ("5m", 300), ("1h 30m", 5400), (" 1 ", 1), ("24h", 86_400)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(secs)), "{text}");
        }
        for text in ["", "0", "0s", "-5", "soon", "25h", "1.5", "60x", "99999999999999999999", "500ms"] {
            assert!(parse(text).unwrap_err().contains("90s, 5m, 1h"), "{text}");
        }
    }
}
