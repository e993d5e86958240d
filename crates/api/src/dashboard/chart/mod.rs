//! How long a server took to answer, as a picture: the median as a line, the range up to the 95th percentile as a band,
//! and what was lost as bars below.
//!
//! The picture is as wide as there is room, as high as the letters of the page are large, and its own letters are not
//! stretched with it: what is drawn lies in two pictures of their own with coordinates from 0 to 1000, which are
//! stretched, and the letters beside them at percentages.

mod axis;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;
use unistatus_core::history::Span;
use unistatus_core::schema::Timestamp;

use super::markup::Markup;
use super::moment;
pub(super) use axis::told;
use axis::{Latencies, Times};

/// How wide and how high a picture inside is, in its own units.
const SIDE: f64 = 1000.0;
/// How high the picture of the latencies is, in `rem`, as all heights of the whole.
const HEIGHT: f64 = 12.5;
/// How high the picture of the losses is.
const LOSS_HEIGHT: f64 = 2.5;
/// The space above the latencies, half of the highest number stands there, and between the parts.
const SPACE: f64 = 1.0;
/// How much of the letters lies below their line.
const BELOW: f64 = 0.25;

/// What was measured in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    /// Its first instant.
    pub(super) from: Timestamp,
    /// The first instant after it.
    pub(super) until: Timestamp,
    /// How many packets or attempts were sent.
    pub(super) sent: u32,
    /// How many of them were not answered.
    pub(super) lost: u32,
    /// The latency that half of the answers did not exceed; `None` where there was no answer.
    pub(super) p50: Option<Duration>,
    /// The latency that 95 of 100 answers did not exceed.
    pub(super) p95: Option<Duration>,
}

/// A point in words.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    at: String,
    p50: String,
    p95: String,
    lost: String,
}

/// The picture of a window, of points that are ordered by time.
pub(super) fn svg(window: Span, points: &[Point]) -> Markup {
    let times = Times::of(window);
    let latencies = Latencies::up_to(points.iter().flat_map(|point| [point.p50, point.p95]).flatten().max());
    let loss_top = SPACE + HEIGHT + SPACE;
    let bottom = loss_top + LOSS_HEIGHT;
    let mut svg = String::with_capacity(2048 + points.len() * 64);
    // Writing to a string cannot fail. Nothing of it was said by strangers.
    let _ = write!(
        svg,
        r#"<svg class="chart" width="100%" height="{}rem" role="img" aria-label="{}">"#,
        bottom + SPACE + BELOW,
        label(points),
    );
    draw(&mut svg, "latency", SPACE, HEIGHT, &latency(&times, &latencies, points));
    draw(&mut svg, "loss", loss_top, LOSS_HEIGHT, &losses(&times, points));
    for (height, text) in latencies.ticks() {
        let y = SPACE + height / SIDE * HEIGHT;
        let _ = write!(svg, r#"<text x="0" y="{y:.2}rem">{text}</text>"#);
    }
    let _ = write!(svg, r#"<text x="0" y="{}rem">lost</text>"#, loss_top + LOSS_HEIGHT / 2.0);
    for (place, text) in times.ticks() {
        let _ = write!(
            svg,
            r#"<text class="time" x="{:.2}%" y="{}rem">{text}</text>"#,
            place / SIDE * 100.0,
            bottom + SPACE
        );
    }
    svg.push_str("</svg>");
    Markup::trusted(svg)
}

/// The points in words, newest first; those at which nothing was sent are left out.
pub(super) fn lines(points: &[Point]) -> Vec<Line> {
    let latency = |latency: Option<Duration>| latency.map_or_else(|| "–".to_owned(), told);
    let line = |point: &Point| Line {
        at: moment::full(point.from),
        p50: latency(point.p50),
        p95: latency(point.p95),
        lost: lost(point),
    };
    points.iter().rev().filter(|point| point.sent > 0).map(line).collect()
}

/// A part that was lost as people write it, never rounded down: what is not nothing must not look so.
pub(super) fn loss(ratio: f64) -> String {
    if ratio <= 0.0 {
        return "0 %".to_owned();
    }
    // A hair less than what the sums of floating point come to.
    let hundredths = (ratio * 10_000.0 - 1e-6).ceil();
    if ratio >= 1.0 { "100 %".to_owned() } else { format!("{:.2} %", hundredths.min(9_999.0) / 100.0) }
}

fn label(points: &[Point]) -> String {
    let (sent, lost) = points
        .iter()
        .fold((0_u64, 0_u64), |(sent, lost), point| (sent + u64::from(point.sent), lost + u64::from(point.lost)));
    match points.iter().filter_map(|point| point.p95).max() {
        Some(slowest) => format!("Latency up to {}, {lost} of {sent} lost", told(slowest)),
        None => format!("No answer, {lost} of {sent} lost"),
    }
}

/// Puts a picture with coordinates of its own into the whole.
fn draw(svg: &mut String, class: &str, top: f64, height: f64, content: &str) {
    let _ = write!(
        svg,
        r#"<svg class="{class}" y="{top}rem" width="100%" height="{height}rem" viewBox="0 0 1000 1000" preserveAspectRatio="none">{content}</svg>"#,
    );
}

/// The grid, the bands and the lines: one of each for every run of answers, as nobody knows what was in between.
fn latency(times: &Times, latencies: &Latencies, points: &[Point]) -> String {
    let mut content = String::new();
    for (height, _) in latencies.ticks() {
        let _ = write!(content, r#"<path class="grid" d="M0 {height:.1}H1000"/>"#);
    }
    let measured =
        |point: &Point| Some((times.middle(point), latencies.height(point.p50?), latencies.height(point.p95?)));
    let places: Vec<_> = points.iter().map(measured).collect();
    for run in places.split(Option::is_none) {
        let run: Vec<(f64, f64, f64)> = run.iter().copied().flatten().collect();
        let Some(&(first, ..)) = run.first() else { continue };
        let there = run.iter().map(|&(x, _, p95)| (x, p95));
        let back = run.iter().rev().map(|&(x, p50, _)| (x, p50));
        let _ = write!(content, r#"<path class="band" d="{}Z"/>"#, path(there.chain(back)));
        let median = run.iter().map(|&(x, p50, _)| (x, p50));
        // A single answer between two losses is a line, too, if a short one.
        let single = (run.len() == 1).then(|| ((first + 1.0).min(SIDE), run[0].1));
        let _ = write!(content, r#"<path class="median" d="{}"/>"#, path(median.chain(single)));
    }
    content
}

/// A bar for each point of which something was lost.
fn losses(times: &Times, points: &[Point]) -> String {
    let mut content = r#"<path class="grid" d="M0 1000H1000"/>"#.to_owned();
    for point in points.iter().filter(|point| point.lost > 0) {
        let (x, width) = times.extent(point);
        let height = share_lost(point) * SIDE;
        let _ = write!(
            content,
            r#"<rect x="{x:.1}" y="{:.1}" width="{width:.1}" height="{height:.1}"><title>{}: {} lost</title></rect>"#,
            SIDE - height,
            moment::full(point.from),
            lost(point),
        );
    }
    content
}

fn path(places: impl Iterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (number, (x, y)) in places.enumerate() {
        let _ = write!(path, "{}{x:.1} {y:.1}", if number == 0 { 'M' } else { 'L' });
    }
    path
}

/// The part of the packets that was lost; where none was sent, none.
fn share_lost(point: &Point) -> f64 {
    if point.sent == 0 {
        return 0.0;
    }
    (f64::from(point.lost) / f64::from(point.sent)).min(1.0)
}

fn lost(point: &Point) -> String {
    if point.lost == 0 { "–".to_owned() } else { loss(share_lost(point)) }
}
