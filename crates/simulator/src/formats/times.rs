//! Times as vendors write them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, SecondsFormat, TimeDelta, Utc, Weekday};

use crate::world::Zone;

/// `2026-01-05T08:00:00.000Z`, or with the offset of the zone.
pub(super) fn millis(at: DateTime<Utc>, zone: Zone) -> String {
    in_zone(at, zone).to_rfc3339_opts(SecondsFormat::Millis, zone == Zone::Utc)
}

/// `2026-01-05T08:00:00Z`, or with the offset of the zone.
pub(super) fn seconds(at: DateTime<Utc>, zone: Zone) -> String {
    in_zone(at, zone).to_rfc3339_opts(SecondsFormat::Secs, zone == Zone::Utc)
}

/// `2026-01-05T08:00:00+00:00`: UTC with its offset written out.
pub(super) fn offset(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// `Mon, 05 Jan 2026 08:00:00 +0000`.
pub(super) fn rfc822(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// `Mon, 05 Jan 2026 08:00:00 GMT`: also the form of HTTP.
pub(crate) fn http(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// `Mon, 05 Jan 2026 00:00:00 PST`: a zone by its name, as AWS writes it.
pub(super) fn rfc822_pacific(at: DateTime<Utc>) -> String {
    format!("{} {}", in_zone(at, Zone::Pacific).format("%a, %d %b %Y %H:%M:%S"), abbreviation(at, Zone::Pacific))
}

/// `2026-01-05 08:00:00`: in a zone, and silent about it.
pub(super) fn local(at: DateTime<Utc>, zone: Zone) -> String {
    in_zone(at, zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `01/05/2026 00:00 PST`: as Apple writes it for people.
pub(super) fn apple(at: DateTime<Utc>, zone: Zone) -> String {
    format!("{} {}", in_zone(at, zone).format("%m/%d/%Y %H:%M"), abbreviation(at, zone))
}

/// The date and time of day in a zone, for prose.
pub(super) fn in_zone(at: DateTime<Utc>, zone: Zone) -> DateTime<FixedOffset> {
    let hours = match zone {
        Zone::Utc => 0,
        Zone::Pacific if is_pacific_summer(at) => -7,
        Zone::Pacific => -8,
    };
    FixedOffset::east_opt(hours * 3600).map_or_else(|| at.fixed_offset(), |offset| at.with_timezone(&offset))
}

/// `UTC`, `PST` or `PDT`.
pub(super) fn abbreviation(at: DateTime<Utc>, zone: Zone) -> &'static str {
    match zone {
        Zone::Utc => "UTC",
        Zone::Pacific if is_pacific_summer(at) => "PDT",
        Zone::Pacific => "PST",
    }
}

/// US summer time: from the second Sunday of March to the first of November, at two in the morning.
fn is_pacific_summer(at: DateTime<Utc>) -> bool {
    let change = |month, sunday, utc_hour| {
        let day = NaiveDate::from_weekday_of_month_opt(at.year(), month, Weekday::Sun, sunday)?;
        Some(day.and_hms_opt(0, 0, 0)?.and_utc() + TimeDelta::hours(utc_hour))
    };
    match (change(3, 2, 10), change(11, 1, 9)) {
        (Some(begin), Some(end)) => begin <= at && at < end,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn pacific_time_knows_its_summer() {
        assert_eq!(rfc822_pacific(utc("2026-01-05T08:00:00Z")), "Mon, 05 Jan 2026 00:00:00 PST");
        assert_eq!(rfc822_pacific(utc("2026-03-08T09:59:59Z")), "Sun, 08 Mar 2026 01:59:59 PST");
        assert_eq!(rfc822_pacific(utc("2026-03-08T10:00:00Z")), "Sun, 08 Mar 2026 03:00:00 PDT");
        assert_eq!(rfc822_pacific(utc("2026-11-01T08:59:59Z")), "Sun, 01 Nov 2026 01:59:59 PDT");
        assert_eq!(rfc822_pacific(utc("2026-11-01T09:00:00Z")), "Sun, 01 Nov 2026 01:00:00 PST");
    }

    #[test]
    fn each_form_reads_as_the_vendors_write_it() {
        let at = utc("2026-07-05T08:00:00.120Z");
        assert_eq!(millis(at, Zone::Utc), "2026-07-05T08:00:00.120Z");
        assert_eq!(millis(at, Zone::Pacific), "2026-07-05T01:00:00.120-07:00");
        assert_eq!(seconds(at, Zone::Utc), "2026-07-05T08:00:00Z");
        assert_eq!(offset(at), "2026-07-05T08:00:00+00:00");
        assert_eq!(rfc822(at), "Sun, 05 Jul 2026 08:00:00 +0000");
        assert_eq!(http(at), "Sun, 05 Jul 2026 08:00:00 GMT");
        assert_eq!(local(at, Zone::Pacific), "2026-07-05 01:00:00");
        assert_eq!(apple(at, Zone::Pacific), "07/05/2026 01:00 PDT");
    }
}
