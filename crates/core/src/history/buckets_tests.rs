use chrono::Timelike;
use chrono_tz::{Africa, America, Asia, Australia, Europe, Pacific, TZ_VARIANTS};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// The beginnings of the buckets of a window and its end, on the clocks of the zone, with their offset.
fn shown(from: &str, until: &str, granularity: Granularity, zone: Tz) -> Vec<String> {
    let span = Span { from: at(from), until: at(until) };
    let buckets = buckets(span, granularity, zone, 100).unwrap();
    let instants = buckets.iter().map(|bucket| bucket.from).chain([span.until]);
    instants.map(|at| at.to_chrono().with_timezone(&zone).format("%m-%d %H:%M%:z").to_string()).collect()
}

#[test]
fn the_window_cuts_the_first_and_the_last() {
    let (from, until) = ("2026-01-30T10:30:00Z", "2026-02-02T12:15:00Z");
    let utc = |granularity| shown(from, until, granularity, Tz::UTC);
    assert_eq!(
        utc(Granularity::Day),
        ["01-30 10:30+00:00", "01-31 00:00+00:00", "02-01 00:00+00:00", "02-02 00:00+00:00", "02-02 12:15+00:00"]
    );
    assert_eq!(utc(Granularity::Week), ["01-30 10:30+00:00", "02-02 00:00+00:00", "02-02 12:15+00:00"]);
    assert_eq!(utc(Granularity::Month), ["01-30 10:30+00:00", "02-01 00:00+00:00", "02-02 12:15+00:00"]);
    assert_eq!(
        shown(from, "2026-01-30T12:00:00Z", Granularity::Hour, Tz::UTC),
        ["01-30 10:30+00:00", "01-30 11:00+00:00", "01-30 12:00+00:00"]
    );
    assert_eq!(shown(from, from, Granularity::Day, Tz::UTC), ["01-30 10:30+00:00"]);
}

#[test]
fn days_begin_when_the_clocks_say_so() {
    for (zone, from, until, expected) in [
        // 23 and 25 hours.
        (
            Europe::Berlin,
            "2026-03-28T23:00:00Z",
            "2026-03-30T22:00:00Z",
            &["03-29 00:00+01:00", "03-30 00:00+02:00", "03-31 00:00+02:00"],
        ),
        (
            Europe::Berlin,
            "2026-10-24T22:00:00Z",
            "2026-10-26T23:00:00Z",
            &["10-25 00:00+02:00", "10-26 00:00+01:00", "10-27 00:00+01:00"],
        ),
        // There is no midnight: the clocks go from 24:00 to 1:00.
        (
            America::Sao_Paulo,
            "2018-11-03T03:00:00Z",
            "2018-11-05T02:00:00Z",
            &["11-03 00:00-03:00", "11-04 01:00-02:00", "11-05 00:00-02:00"],
        ),
        (
            Asia::Beirut,
            "2022-03-25T22:00:00Z",
            "2022-03-27T21:00:00Z",
            &["03-26 00:00+02:00", "03-27 01:00+03:00", "03-28 00:00+03:00"],
        ),
        // The last hour of the day comes twice: the clocks go from 24:00 to 23:00.
        (
            America::Sao_Paulo,
            "2018-02-17T02:00:00Z",
            "2018-02-19T03:00:00Z",
            &["02-17 00:00-02:00", "02-18 00:00-03:00", "02-19 00:00-03:00"],
        ),
        // Midnight comes twice: the clocks go from 1:00 to 0:00.
        (
            America::Havana,
            "2023-11-04T04:00:00Z",
            "2023-11-06T05:00:00Z",
            &["11-04 00:00-04:00", "11-05 00:00-04:00", "11-06 00:00-05:00"],
        ),
        // Midnight comes twice: the clocks go from 0:01 to 23:01 of the day before.
        (
            America::St_Johns,
            "2010-11-06T02:30:00Z",
            "2010-11-08T03:30:00Z",
            &["11-06 00:00-02:30", "11-07 00:00-02:30", "11-08 00:00-03:30"],
        ),
        // There was no 30th.
        (
            Pacific::Apia,
            "2011-12-29T10:00:00Z",
            "2011-12-31T10:00:00Z",
            &["12-29 00:00-10:00", "12-31 00:00+14:00", "01-01 00:00+14:00"],
        ),
    ] {
        assert_eq!(shown(from, until, Granularity::Day, zone), expected, "{zone} {from}");
    }
}

#[test]
fn a_window_that_begins_in_an_hour_that_came_before_belongs_to_the_day_that_has_begun() {
    let (first, second) = ("2010-11-07T02:30:30Z", "2010-11-07T02:45:00Z");
    for from in [first, second] {
        let days = shown(from, "2010-11-08T03:30:00Z", Granularity::Day, America::St_Johns);
        assert_eq!(days.len(), 2, "{days:?}");
    }
}

#[test]
fn hours_are_real_hours() {
    for (zone, from, until, expected) in [
        (
            Asia::Kolkata,
            "2026-03-28T23:00:00Z",
            "2026-03-29T00:45:00Z",
            &["03-29 04:30+05:30", "03-29 05:00+05:30", "03-29 06:00+05:30", "03-29 06:15+05:30"][..],
        ),
        (
            Europe::Berlin,
            "2026-03-29T00:00:00Z",
            "2026-03-29T02:00:00Z",
            &["03-29 01:00+01:00", "03-29 03:00+02:00", "03-29 04:00+02:00"],
        ),
        (
            Europe::Berlin,
            "2026-10-25T00:00:00Z",
            "2026-10-25T03:00:00Z",
            &["10-25 02:00+02:00", "10-25 02:00+01:00", "10-25 03:00+01:00", "10-25 04:00+01:00"],
        ),
        // Half an hour forward, half an hour back.
        (
            Australia::Lord_Howe,
            "2026-10-03T14:30:00Z",
            "2026-10-03T17:00:00Z",
            &["10-04 01:00+10:30", "10-04 02:30+11:00", "10-04 03:00+11:00", "10-04 04:00+11:00"],
        ),
        (
            Australia::Lord_Howe,
            "2026-04-04T14:00:00Z",
            "2026-04-04T16:30:00Z",
            &["04-05 01:00+11:00", "04-05 01:30+10:30", "04-05 02:00+10:30", "04-05 03:00+10:30"],
        ),
        // Clocks of a place's own time were 44 minutes and 30 seconds behind.
        (
            Africa::Monrovia,
            "1972-01-06T23:30:00Z",
            "1972-01-07T02:00:00Z",
            &["01-06 22:45-00:45", "01-06 23:00-00:45", "01-07 00:44+00:00", "01-07 01:00+00:00", "01-07 02:00+00:00"],
        ),
    ] {
        let hours = shown(from, until, Granularity::Hour, zone);
        assert_eq!(hours, expected, "{zone} {from}");
    }
}

#[test]
fn weeks_and_months_begin_at_their_first_midnight() {
    let weeks = shown("2026-03-20T00:00:00Z", "2026-04-07T00:00:00Z", Granularity::Week, Europe::Berlin);
    assert_eq!(
        weeks,
        ["03-20 01:00+01:00", "03-23 00:00+01:00", "03-30 00:00+02:00", "04-06 00:00+02:00", "04-07 02:00+02:00"]
    );
    let months = shown("2023-12-31T23:30:00Z", "2024-04-01T00:00:00Z", Granularity::Month, Europe::Berlin);
    assert_eq!(
        months,
        ["01-01 00:30+01:00", "02-01 00:00+01:00", "03-01 00:00+01:00", "04-01 00:00+02:00", "04-01 02:00+02:00"]
    );
}

#[test]
fn too_many_are_refused_however_long_the_window_is() {
    let year = Span { from: at("2025-01-01T00:00:00Z"), until: at("2026-01-01T00:00:00Z") };
    let count = |granularity, most| buckets(year, granularity, Tz::UTC, most).map(|buckets| buckets.len());
    assert_eq!(count(Granularity::Day, 365), Ok(365));
    assert_eq!(count(Granularity::Day, 364), Err(TooManyBuckets { at_least: 365, most: 364 }));
    assert_eq!(count(Granularity::Hour, 1000), Err(TooManyBuckets { at_least: 362 * 24, most: 1000 }));
    assert_eq!(count(Granularity::Month, 0), Err(TooManyBuckets { at_least: 11, most: 0 }));

    let epoch = Timestamp::from_millis(0).unwrap();
    let always = Span { from: epoch.minus(Duration::MAX), until: epoch.plus(Duration::MAX) };
    for (granularity, at_least) in [
        (Granularity::Hour, 4_500_000_000),
        (Granularity::Day, 190_000_000),
        (Granularity::Week, 27_000_000),
        (Granularity::Month, 6_000_000),
    ] {
        for zone in [Tz::UTC, Pacific::Apia, Pacific::Honolulu] {
            let error = buckets(always, granularity, zone, 1000).unwrap_err();
            assert!(error.at_least > at_least && error.most == 1000, "{error}");
        }
    }
}

#[test]
fn the_ends_of_the_calendar_are_in_buckets() {
    let epoch = Timestamp::from_millis(0).unwrap();
    let (first, last) = (epoch.minus(Duration::MAX), epoch.plus(Duration::MAX));
    for granularity in Granularity::ALL {
        for zone in [Tz::UTC, Pacific::Apia, Pacific::Honolulu, Asia::Kolkata] {
            for window in
                [Span { from: first, until: first.plus(DAY * 2) }, Span { from: last.minus(DAY * 2), until: last }]
            {
                assert_tiles(window, &buckets(window, granularity, zone, 100).unwrap());
            }
        }
    }
}

#[test]
fn every_word_reads_back() {
    for granularity in Granularity::ALL {
        assert_eq!(granularity.to_string().parse::<Granularity>().unwrap(), granularity);
    }
    assert!("Day".parse::<Granularity>().unwrap_err().to_string().contains("hour, day, week and month"));
}

/// The buckets are in order, none is empty, and together they are the window.
fn assert_tiles(window: Span, buckets: &[Span]) {
    assert!(buckets.iter().all(|bucket| !bucket.is_empty()), "{buckets:?}");
    assert!(buckets.windows(2).all(|pair| pair[0].until == pair[1].from), "{buckets:?}");
    assert_eq!(buckets.first().map(|bucket| bucket.from), Some(window.from));
    assert_eq!(buckets.last().map(|bucket| bucket.until), Some(window.until));
}

/// When the clocks of a zone are changed next, to the minute.
fn next_change(zone: Tz, after: Timestamp) -> Timestamp {
    let offset = |at: Timestamp| zone.offset_from_utc_datetime(&at.to_chrono().naive_utc()).fix();
    let mut at = after;
    for step in [DAY, HOUR, Duration::from_mins(1)] {
        for _ in 0..366 {
            if offset(at.plus(step)) != offset(after) {
                break;
            }
            at = at.plus(step);
        }
    }
    at
}

/// The number of the date that a bucket of this granularity goes by.
fn number(granularity: Granularity, shown: NaiveDateTime) -> i64 {
    let days = i64::from(shown.date().num_days_from_ce());
    match granularity {
        Granularity::Day => days,
        // Day 1 was a Monday.
        Granularity::Week => (days - 1).div_euclid(7),
        _ => i64::from(shown.year()) * 12 + i64::from(shown.month0()),
    }
}

/// The beginnings of buckets in a window, found by looking at the clocks each minute.
fn naive_beginnings(window: Span, granularity: Granularity, zone: Tz) -> Vec<Timestamp> {
    let minute = Duration::from_mins(1);
    let mut before = window.from.minus(DAY * 2).to_chrono().with_timezone(&zone);
    let mut latest = number(granularity, before.naive_local());
    let mut beginnings = Vec::new();
    while before.to_utc() < window.until.to_chrono() {
        let now = before + minute;
        let number = number(granularity, now.naive_local());
        let begins = match granularity {
            Granularity::Hour => now.minute() == 0 || now.offset().fix() != before.offset().fix(),
            _ => number > latest,
        };
        latest = latest.max(number);
        let at = Timestamp::from(now.to_utc());
        if begins && window.contains(at) && at != window.from {
            beginnings.push(at);
        }
        before = now;
    }
    beginnings
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn they_begin_where_somebody_who_watches_the_clocks_says_so(
        zone in prop::sample::select(&TZ_VARIANTS[..]),
        // Whole minutes of times in which all clocks were whole minutes off UTC.
        minutes in 3_000_000_i64..35_000_000,
        earlier in 0_u32..3000,
        length in 1_u32..6000,
        granularity in prop::sample::select(&Granularity::ALL[..]),
    ) {
        let change = next_change(zone, Timestamp::from_secs(minutes * 60).unwrap());
        let from = change.minus(Duration::from_mins(earlier.into()));
        let window = Span { from, until: from.plus(Duration::from_mins(length.into())) };
        let buckets = buckets(window, granularity, zone, 10_000).unwrap();
        assert_tiles(window, &buckets);
        let beginnings: Vec<Timestamp> = buckets[1..].iter().map(|bucket| bucket.from).collect();
        prop_assert_eq!(beginnings, naive_beginnings(window, granularity, zone));
    }

    #[test]
    fn the_least_number_told_is_no_more_than_there_are(
        zone in prop::sample::select(&TZ_VARIANTS[..]),
        from in -4_000_000_000_i64..4_000_000_000,
        days in 1_u32..400,
        granularity in prop::sample::select(&Granularity::ALL[..]),
        most in 0_usize..100,
    ) {
        let from = Timestamp::from_secs(from).unwrap();
        let window = Span { from, until: from.plus(DAY * days) };
        let all = buckets(window, granularity, zone, usize::MAX).unwrap();
        assert_tiles(window, &all);
        let told = buckets(window, granularity, zone, most);
        prop_assert_eq!(told.is_ok(), all.len() <= most);
        if let Err(error) = told {
            prop_assert!(error.at_least <= all.len() as u64, "{} of {}", error, all.len());
        }
    }
}
