use proptest::prelude::*;

use super::*;

const BEGIN: i64 = 1_777_896_000_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(BEGIN + millis).unwrap()
}

fn window(millis: i64) -> Span {
    Span { from: at(0), until: at(millis) }
}

fn point(from: i64, until: i64, sent: u32, lost: u32, p50: Option<u64>, p95: Option<u64>) -> Point {
    let (p50, p95) = (p50.map(Duration::from_micros), p95.map(Duration::from_micros));
    Point { from: at(from), until: at(until), sent, lost, p50, p95 }
}

/// The numbers that follow an attribute's name, wherever it stands.
fn numbers(svg: &str, attribute: &str) -> Vec<f64> {
    let name = format!(" {attribute}=\"");
    let values = svg.split(&name).skip(1).map(|rest| rest.split('"').next().unwrap());
    values.map(|value| value.trim_end_matches('%').parse().unwrap()).collect()
}

/// The places of each path of a class, in order.
fn paths(svg: &str, class: &str) -> Vec<Vec<(f64, f64)>> {
    let beginning = format!("class=\"{class}\" d=\"");
    let data = svg.split(&beginning).skip(1).map(|rest| rest.split('"').next().unwrap());
    let place = |text: &str| {
        let (x, y) = text.split_once(' ').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    data.map(|data| data.trim_end_matches('Z').split(['M', 'L']).skip(1).map(place).collect()).collect()
}

#[test]
fn an_hour_with_a_loss_in_it() {
    let minute = 60_000;
    let points = [
        point(0, 15 * minute, 4, 0, Some(1_200), Some(3_400)),
        point(15 * minute, 30 * minute, 4, 1, Some(1_500), Some(8_000)),
        point(30 * minute, 45 * minute, 4, 4, None, None),
        point(45 * minute, 60 * minute, 4, 0, Some(1_100), Some(1_900)),
    ];
    insta::assert_snapshot!(svg(window(60 * minute), &points).as_str().replace("><", ">\n<"));
    insta::assert_json_snapshot!(lines(&points));
}

#[test]
fn where_nothing_was_measured_the_axes_stand_alone() {
    let picture = svg(window(3_600_000), &[]);
    assert!(picture.as_str().contains("No answer, 0 of 0 lost"));
    assert!(paths(picture.as_str(), "median").is_empty());
}

#[test]
fn latencies_are_told_with_their_unit() {
    for (micros, text) in
        [(0, "0"), (250, "250 µs"), (1_200, "1.2 ms"), (2_000, "2 ms"), (45_900, "45 ms"), (1_500_000, "1.5 s")]
    {
        assert_eq!(told(Duration::from_micros(micros)), text);
    }
}

#[test]
fn a_loss_is_never_rounded_down() {
    for (lost, sent, text) in [
        (0, 9, "0 %"),
        (1, 1_000_000, "0.01 %"),
        (7, 100, "7.00 %"),
        (1, 3, "33.34 %"),
        (999_999, 1_000_000, "99.99 %"),
        (4, 4, "100 %"),
    ] {
        assert_eq!(loss(f64::from(lost) / f64::from(sent)), text);
    }
}

#[test]
fn every_range_has_some_marks_and_not_too_many() {
    let hour = 3_600_000;
    for length in [hour, 24 * hour, 7 * 24 * hour, 30 * 24 * hour, 90 * 24 * hour] {
        let marks = Times::of(window(length)).ticks();
        assert!((2..=7).contains(&marks.len()), "{length}: {marks:?}");
    }
}

/// Points that follow each other, each with what might have been measured.
fn points() -> impl Strategy<Value = Vec<Point>> {
    let latencies = prop::option::of((0..50_000_000_u64, 0..50_000_000_u64));
    let one = (0..10_000_000_i64, 1..10_000_000_i64, 0..2_000_u32, 0..2_000_u32, latencies);
    prop::collection::vec(one, 0..60).prop_map(|parts| {
        let mut end = -20_000_000;
        let point = |(gap, length, sent, lost, latencies): (i64, i64, u32, u32, Option<(u64, u64)>)| {
            let from = end + gap;
            end = from + length;
            point(from, end, sent, lost, latencies.map(|(p50, _)| p50), latencies.map(|(p50, more)| p50 + more))
        };
        parts.into_iter().map(point).collect()
    })
}

proptest! {
    #[test]
    fn everything_lies_inside_the_picture_and_time_goes_to_the_right(points in points(), length in 1..400_000_000_i64) {
        let picture = svg(window(length), &points);
        let picture = picture.as_str();
        prop_assert!(!picture.contains("NaN") && !picture.contains("inf"));
        for class in ["band", "median"] {
            for path in paths(picture, class) {
                for &(x, y) in &path {
                    prop_assert!((0.0..=1000.0).contains(&x) && (0.0..=1000.0).contains(&y), "{class}: {x} {y}");
                }
                if class == "median" {
                    prop_assert!(path.is_sorted_by(|(before, _), (after, _)| before <= after));
                }
            }
        }
        let drawn = picture.split("class=\"loss\"").nth(1).unwrap().split("</svg>").next().unwrap();
        let drawn = drawn.split_once('>').unwrap().1;
        let (x, width) = (numbers(drawn, "x"), numbers(drawn, "width"));
        let (y, height) = (numbers(drawn, "y"), numbers(drawn, "height"));
        for number in 0..x.len() {
            // Each number is rounded to a tenth.
            prop_assert!(x[number] >= 0.0 && x[number] + width[number] <= 1000.2);
            prop_assert!(y[number] >= 0.0 && y[number] + height[number] <= 1000.2);
        }
        prop_assert_eq!(x.len(), points.iter().filter(|point| point.lost > 0).count());
    }

    #[test]
    fn the_line_is_never_above_its_band(points in points()) {
        let picture = svg(window(100_000_000), &points);
        for (line, band) in paths(picture.as_str(), "median").iter().zip(paths(picture.as_str(), "band")) {
            for (median, top) in line.iter().zip(band).take(line.len()) {
                prop_assert!(median.1 >= top.1);
            }
        }
    }
}
