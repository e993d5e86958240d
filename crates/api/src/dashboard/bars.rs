//! The days of a service as a row of bars: the worse a day was, the higher and the more coloured is its bar.

use std::fmt::Write as _;

use unistatus_core::history::{Condition, Counting, ServiceHistory, Span};
use unistatus_core::schema::Timestamp;

use super::look::Look;
use super::markup::Markup;
use super::moment;

/// How high the picture is.
const HEIGHT: u32 = 32;
/// How wide a bar is with the space behind it.
const STEP: usize = 5;

/// How a service was on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Day {
    /// Its first instant.
    from: Timestamp,
    /// How it was at its worst.
    pub(super) look: Look,
    /// The part of it in which it was up; `None` where no time counts.
    uptime: Option<f64>,
    /// How often it was degraded or out.
    incidents: usize,
}

impl Day {
    /// How a service was on each of these days, which are ordered and do not overlap.
    pub(super) fn all(history: &ServiceHistory, days: &[Span]) -> Vec<Self> {
        let is_incident = |condition| matches!(condition, Condition::Degraded | Condition::Outage);
        let incidents: Vec<Span> =
            history.stretches().filter(|stretch| is_incident(stretch.condition)).map(|stretch| stretch.span).collect();
        let totals = history.totals_in(days);
        let days = days.iter().zip(&totals).map(|(day, totals)| Self {
            from: day.from,
            look: Look::worst_of(totals),
            uptime: Counting::default().uptime(totals).ratio(),
            incidents: incidents.iter().filter(|incident| !incident.within(*day).is_empty()).count(),
        });
        days.collect()
    }

    /// The date.
    pub(super) fn date(&self) -> String {
        moment::day(self.from)
    }

    /// How it was, in words.
    pub(super) fn told(&self) -> String {
        let uptime = || percent(self.uptime);
        match (self.look, self.incidents) {
            (Look::Quiet, _) => "no data".to_owned(),
            (Look::Unknown, _) if self.uptime.is_none() => "unknown".to_owned(),
            (Look::Unknown, _) => format!("{}, in part unknown", uptime()),
            (Look::Maintenance, _) => format!("{}, maintenance", uptime()),
            (_, 0) => uptime(),
            (_, 1) => format!("{}, 1 incident", uptime()),
            (_, incidents) => format!("{}, {incidents} incidents", uptime()),
        }
    }
}

/// A part of one as people write it, never rounded up: what is not all must not look so.
pub(super) fn percent(ratio: Option<f64>) -> String {
    match ratio {
        None => "–".to_owned(),
        Some(ratio) if ratio >= 1.0 => "100 %".to_owned(),
        Some(ratio) => format!("{:.2} %", (ratio * 10_000.0).floor() / 100.0),
    }
}

/// The picture of some days.
pub(super) fn svg(days: &[Day]) -> Markup {
    let mut svg = String::with_capacity(120 + days.len() * 96);
    let trouble = days.iter().filter(|day| day.look.is_trouble()).count();
    // Writing to a string cannot fail. Nothing of it was said by strangers.
    let _ = write!(
        svg,
        r#"<svg class="bars" viewBox="0 0 {} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{} days, {trouble} of them with trouble">"#,
        days.len() * STEP,
        days.len(),
    );
    for (position, day) in days.iter().enumerate() {
        let height = height(day.look);
        let _ = write!(
            svg,
            r#"<rect class="{}" x="{}" y="{}" width="4" height="{height}"><title>{}: {}</title></rect>"#,
            day.look.class(),
            position * STEP,
            HEIGHT - height,
            day.date(),
            day.told(),
        );
    }
    svg.push_str("</svg>");
    Markup::trusted(svg)
}

/// A height for each look, so that they are told apart without colours.
const fn height(look: Look) -> u32 {
    match look {
        Look::Quiet => 3,
        Look::Unknown => 8,
        Look::Ok => 14,
        Look::Maintenance => 19,
        Look::Degraded => 25,
        Look::Outage => HEIGHT,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(look: Look, uptime: Option<f64>, incidents: usize) -> Day {
        Day { from: Timestamp::from_secs(1_777_766_400).unwrap(), look, uptime, incidents }
    }

    #[test]
    fn a_day_is_told_in_words() {
        for (day, told) in [
            (day(Look::Outage, Some(0.999_39), 2), "99.93 %, 2 incidents"),
            (day(Look::Degraded, Some(1.0), 1), "100 %, 1 incident"),
            (day(Look::Ok, Some(1.0), 0), "100 %"),
            (day(Look::Maintenance, None, 0), "–, maintenance"),
            (day(Look::Unknown, None, 0), "unknown"),
            (day(Look::Unknown, Some(1.0), 0), "100 %, in part unknown"),
            (day(Look::Quiet, None, 0), "no data"),
        ] {
            assert_eq!(day.told(), told);
        }
    }

    #[test]
    fn every_look_has_a_height_of_its_own_and_the_worse_is_higher() {
        let heights = Look::ALL.map(height);
        assert!(heights[0] == HEIGHT && heights.last() == Some(&3));
        assert!(
            [Look::Quiet, Look::Unknown, Look::Ok, Look::Maintenance, Look::Degraded, Look::Outage]
                .map(height)
                .is_sorted_by(|lower, higher| lower < higher)
        );
    }

    #[test]
    fn the_picture_says_what_it_shows() {
        let picture = svg(&[day(Look::Ok, Some(1.0), 0), day(Look::Outage, Some(0.5), 1)]);
        insta::assert_snapshot!(picture.as_str());
    }

    proptest! {
        #[test]
        fn what_is_not_all_never_looks_so(ratio in 0.0..1.0_f64) {
            let told = percent(Some(ratio));
            let read: f64 = told.strip_suffix(" %").unwrap().parse().unwrap();
            prop_assert!(read < 100.0 && read <= ratio * 100.0 + 1e-9, "{}", told);
        }
    }
}
