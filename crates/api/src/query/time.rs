//! Instants and spans of time that are asked for.

use chrono::DateTime;
use chrono_tz::Tz;
use unistatus_core::schema::Timestamp;

use crate::error::ApiError;

/// Reads an instant, which says what its offset is.
pub(crate) fn instant(value: &str) -> Result<Timestamp, &'static str> {
    let instant = DateTime::parse_from_rfc3339(value).map(Timestamp::from);
    instant.map_err(|_| "expected is an instant as RFC 3339 writes it, such as 2026-05-04T12:00:00Z")
}

/// Reads the name of a time zone.
pub(crate) fn time_zone(name: &str) -> Result<Tz, &'static str> {
    name.parse().map_err(|_| "expected is the name of a time zone such as Europe/Berlin")
}

/// Refuses a span of time that ends before it begins.
pub(crate) fn in_order(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<(), ApiError> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => {
            Err(ApiError::BadRequest(format!("\"from\" ({from}) is later than \"to\" ({to}).")))
        }
        _ => Ok(()),
    }
}

/// Refuses an instant of the future, of which nothing is known.
pub(crate) fn not_ahead(name: &str, instant: Timestamp, now: Timestamp) -> Result<(), ApiError> {
    if instant > now {
        return Err(ApiError::BadRequest(format!("\"{name}\" lies ahead: it is {now}.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_need_an_offset() {
        for text in ["2026-05-04T12:00:00Z", "2026-05-04T14:00:00+02:00"] {
            assert_eq!(instant(text).unwrap().to_string(), "2026-05-04T12:00:00.000Z", "{text}");
        }
        for text in ["2026-05-04", "2026-05-04T12:00:00", "now", "", "1777896000"] {
            assert!(instant(text).is_err(), "{text}");
        }
    }
}
