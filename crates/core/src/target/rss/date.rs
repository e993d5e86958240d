//! Every form of date that status feeds write.

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Weekday};

use crate::schema::Timestamp;

/// The zones that RFC 822 names, and `UTC`, in hours east of Greenwich.
const ZONES: &[(&str, i32)] = &[
    ("Z", 0),
    ("UT", 0),
    ("UTC", 0),
    ("GMT", 0),
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Reads a date: RFC 3339, RFC 822 with zone names or offsets (`Fri, 23 Aug 2019 04:18:35 PDT`), or the form of prose
/// that names year and zone (`November 25, 2014 1:11:00 PM PST`).
///
/// `None` for everything else: without a year or with a zone that nobody knows a date is a guess.
pub(in crate::target) fn parse(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(text).or_else(|| in_words(text)).and_then(Timestamp::unless_null)
}

/// Reads `Sep 25, 15:15:00 GMT+0`, a date without its year, as the first such moment from another one on.
pub(super) fn yearless(text: &str, from: Timestamp) -> Option<Timestamp> {
    let (day, rest) = text.split_once(',')?;
    let year = from.to_chrono().year();
    // Where it was written it may have been another year already, or still.
    (year - 1..=year + 1).filter_map(|year| parse(&format!("{day} {year}{rest}"))).find(|&at| at >= from)
}

/// Reads `2022-03-31 08:30` as a time of the west coast of the United States, in summer time when that holds there.
pub(super) fn us_pacific(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S"))
        .ok()?;
    let switch =
        |month, nth| NaiveDate::from_weekday_of_month_opt(local.year(), month, Weekday::Sun, nth)?.and_hms_opt(2, 0, 0);
    let is_summer = switch(3, 2)? <= local && local < switch(11, 1)?;
    at(local, if is_summer { -7 } else { -8 } * 3600)
}

fn in_words(text: &str) -> Option<Timestamp> {
    let mut words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty()).collect();
    if words.first().is_some_and(|word| place(word, &WEEKDAYS).is_some()) {
        words.remove(0);
    }
    let (&[first, second, year], rest) = words.split_first_chunk::<3>()?;
    let (day, month) = if first.starts_with(|c: char| c.is_ascii_digit()) { (first, second) } else { (second, first) };
    let month = u32::try_from(place(month, &MONTHS)? + 1).ok()?;
    let year = Some(year).filter(|year| year.len() == 4)?;
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month, day.parse().ok()?)?;
    let (time, zone) = match *rest {
        [clock, zone] => (time(clock)?, zone),
        [clock, half, zone] => (half_day(time(clock)?, half)?, zone),
        _ => return None,
    };
    at(date.and_time(time), offset_secs(zone)?)
}

/// The place in a list of names that a word is, or abbreviates with three letters or more.
fn place(word: &str, names: &[&str]) -> Option<usize> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    (word.len() >= 3).then(|| names.iter().position(|name| name.starts_with(&word))).flatten()
}

fn time(clock: &str) -> Option<NaiveTime> {
    let mut parts = clock.split(':').map(|part| part.parse::<u32>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    parts.next().is_none().then(|| NaiveTime::from_hms_opt(hours, minutes, seconds)).flatten()
}

fn half_day(time: NaiveTime, half: &str) -> Option<NaiveTime> {
    use chrono::Timelike;
    let afternoon = match half.to_ascii_uppercase().as_str() {
        "AM" => 0,
        "PM" => 12,
        _ => return None,
    };
    (1..=12).contains(&time.hour()).then(|| time.with_hour(time.hour() % 12 + afternoon)).flatten()
}

fn offset_secs(zone: &str) -> Option<i32> {
    if let Some((_, hours)) = ZONES.iter().find(|(name, _)| name.eq_ignore_ascii_case(zone)) {
        return Some(hours * 3600);
    }
    let offset = zone.strip_prefix("GMT").or_else(|| zone.strip_prefix("UTC")).unwrap_or(zone);
    let (sign, digits) = match offset.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    if digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    let (hours, minutes) = if digits.len() <= 2 { (number, 0) } else { (number / 100, number % 100) };
    Some(sign * (hours * 3600 + minutes * 60))
}

fn at(local: NaiveDateTime, offset_secs: i32) -> Option<Timestamp> {
    FixedOffset::east_opt(offset_secs)?.from_local_datetime(&local).single().map(Timestamp::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_was_met_is_read() {
        for (given, utc) in [
            ("Fri, 23 Aug 2019 04:18:35 PDT", "2019-08-23T11:18:35.000Z"),
            ("Mon, 27 Dec 2021 00:05:42 PST", "2021-12-27T08:05:42.000Z"),
            ("Wed,  8 Mar 2017 01:02:03 PST", "2017-03-08T09:02:03.000Z"),
            ("8 Mar 2017 01:02 EST", "2017-03-08T06:02:00.000Z"),
            ("Tue, 4 Aug 2026 10:00:00 EDT", "2026-08-04T14:00:00.000Z"),
            ("Tue, 4 Aug 2026 10:00:00 CDT", "2026-08-04T15:00:00.000Z"),
            ("Tue, 3 Feb 2026 10:00:00 CST", "2026-02-03T16:00:00.000Z"),
            ("Tue, 3 Feb 2026 10:00:00 MST", "2026-02-03T17:00:00.000Z"),
            ("Tue, 4 Aug 2026 10:00:00 MDT", "2026-08-04T16:00:00.000Z"),
            ("Tue, 4 Aug 2026 10:00:00 UT", "2026-08-04T10:00:00.000Z"),
            ("Thu, 23 Jul 2026 16:29:09 Z", "2026-07-23T16:29:09.000Z"),
            ("Thu, 23 Jan 2020 21:39:24 +0000", "2020-01-23T21:39:24.000Z"),
            ("Thu, 23 Jan 2020 21:39:24 -0700", "2020-01-24T04:39:24.000Z"),
            ("Thu, 23 Jan 2020 21:39:24 +05:30", "2020-01-23T16:09:24.000Z"),
            ("Fri, 4 Sep 2026 18:27:54 +0000", "2026-09-04T18:27:54.000Z"),
            ("Thu, 04 Jun 2026 13:43:08 GMT", "2026-06-04T13:43:08.000Z"),
            ("2020-11-14T14:07:38-08:00", "2020-11-14T22:07:38.000Z"),
            ("2026-02-05T05:10:57Z", "2026-02-05T05:10:57.000Z"),
            ("2026-02-05T05:10:48.978+00:00", "2026-02-05T05:10:48.978Z"),
            ("June 4, 2026 05:15 PDT", "2026-06-04T12:15:00.000Z"),
            ("Sep 25, 2026 15:15:00 GMT+0", "2026-09-25T15:15:00.000Z"),
            ("Sep 25, 2026 15:15:00 GMT-3", "2026-09-25T18:15:00.000Z"),
            ("Sep 25, 2026 15:15:00 GMT+5:30", "2026-09-25T09:45:00.000Z"),
            ("November 25, 2014 1:11:00 PM PST", "2014-11-25T21:11:00.000Z"),
            ("April 8, 2020 12:04:00 AM PDT", "2020-04-08T07:04:00.000Z"),
        ] {
            assert_eq!(parse(given).map(|date| date.to_string()).as_deref(), Some(utc), "{given}");
        }
    }

    #[test]
    fn what_would_be_a_guess_is_no_date() {
        for given in [
            "",
            "yesterday",
            "3:23pm PST",
            "Jan 18, 10:13 UTC",
            "Fri, 23 Aug 2019 04:18:35",
            "Fri, 23 Aug 2019 04:18:35 CEST",
            "Fri, 32 Aug 2019 04:18:35 GMT",
            "Fri, 23 Aug 2019 24:18:35 GMT",
            "Fri, 23 Aug 2019 13:18:35 PM GMT",
            "Fri, 23 Aug 19 04:18:35 GMT",
            "Fri, 23 Aug 2019 04:18:35 +9999",
            "Fri, 23 Aug 2019 04:18:35 +é0",
            "Fri, 23 Aug 2019 04:18:35 GMT+",
            "Fri, 23 Aug 2019 04:18:35 +00000",
            "Thu, 01 Jan 1970 00:00:00 GMT",
        ] {
            assert_eq!(parse(given), None, "{given}");
        }
    }

    #[test]
    fn a_date_without_a_year_is_the_next_one() {
        for (given, from, utc) in [
            ("Sep 25, 15:15:00 GMT+0", "2026-09-25T15:15:00Z", Some("2026-09-25T15:15:00.000Z")),
            ("Sep 25, 15:15:00 GMT+0", "2026-09-25T15:15:01Z", Some("2027-09-25T15:15:00.000Z")),
            ("Jan 1, 00:30:00 GMT+0", "2025-12-31T23:50:00Z", Some("2026-01-01T00:30:00.000Z")),
            ("Dec 31, 20:00:00 GMT-5", "2026-01-01T00:30:00Z", Some("2026-01-01T01:00:00.000Z")),
            ("Feb 29, 12:00:00 GMT+0", "2027-06-01T00:00:00Z", Some("2028-02-29T12:00:00.000Z")),
            ("Feb 29, 12:00:00 GMT+0", "2025-06-01T00:00:00Z", None),
            ("3:23pm PST", "2026-01-01T00:00:00Z", None),
        ] {
            let from = parse(from).unwrap();
            assert_eq!(yearless(given, from).map(|date| date.to_string()).as_deref(), utc, "{given} from {from}");
        }
    }

    #[test]
    fn pacific_time_knows_summer() {
        for (given, utc) in [
            ("2022-03-31 08:30", "2022-03-31T15:30:00.000Z"),
            ("2022-03-13 01:59", "2022-03-13T09:59:00.000Z"),
            ("2022-03-13 03:00", "2022-03-13T10:00:00.000Z"),
            ("2022-11-06 02:00:30", "2022-11-06T10:00:30.000Z"),
            ("2022-12-24 20:00", "2022-12-25T04:00:00.000Z"),
        ] {
            assert_eq!(us_pacific(given).map(|date| date.to_string()).as_deref(), Some(utc), "{given}");
        }
        assert_eq!(us_pacific("31 March 2022 08:30"), None);
    }
}
