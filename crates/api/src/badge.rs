//! Badges: a status as a small picture for a README or a wiki (SVG). Readable without colours, and by screen readers.

use std::fmt::Write as _;

use unistatus_core::schema::{Status, truncate};

/// How many characters of a name are shown.
const SHOWN: usize = 48;
/// The space left and right of a text, in pixels.
const PADDING: u32 = 6;

/// The picture of a status under a name; `None` where there is nothing whose status it could be.
pub(crate) fn svg(name: &str, status: Option<Status>) -> String {
    let (name, word) = (truncate(name, SHOWN), status.map_or("no services", Status::as_str));
    let (left, right) = (width(&name), width(word));
    let (name, all, colour) = (escape(&name), left + right, colour(status));
    let mut svg = String::with_capacity(1024);
    // Writing to a string cannot fail. The text is stretched to the width that was reckoned, whatever font there is.
    let _ = write!(
        svg,
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="20" role="img" aria-label="{name}: {word}">"#,
            r#"<title>{name}: {word}</title>"#,
            r#"<clipPath id="r"><rect width="{all}" height="20" rx="3"/></clipPath><g clip-path="url(#r)">"#,
            r##"<rect width="{left}" height="20" fill="#444"/>"##,
            r#"<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>"#,
            r##"<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">"##,
            r#"<text x="{left_middle}" y="14" textLength="{left_text}">{name}</text>"#,
            r#"<text x="{right_middle}" y="14" textLength="{right_text}">{word}</text></g></svg>"#,
        ),
        all = all,
        name = name,
        word = word,
        left = left,
        right = right,
        colour = colour,
        left_middle = left / 2,
        left_text = left - 2 * PADDING,
        right_middle = left + right / 2,
        right_text = right - 2 * PADDING,
    );
    svg
}

/// Dark enough for white letters on all of them.
const fn colour(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Ok) => "#2e7d32",
        Some(Status::Degraded) => "#a85a00",
        Some(Status::Outage) => "#c62828",
        Some(Status::Unknown) | None => "#5f6368",
    }
}

/// About how wide a text is with its space around, in pixels, in an 11 px Verdana.
fn width(text: &str) -> u32 {
    let tenths: u32 = text
        .chars()
        .map(|character| match character {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '!' | '\'' | ' ' => 37,
            'f' | 't' | 'r' | '-' | '(' | ')' | '/' => 48,
            'm' | 'w' | 'M' | 'W' | '%' => 102,
            'A'..='Z' | '0'..='9' => 74,
            // Letters of other scripts are mostly as wide as they are high.
            wide if u32::from(wide) >= 0x1100 => 110,
            _ => 66,
        })
        .sum();
    tenths.div_ceil(10).max(1) + 2 * PADDING
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no way to write them.
            control if control.is_control() || matches!(control, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_word_is_written_out_and_coloured() {
        for (status, word) in [(Some(Status::Ok), "OK"), (Some(Status::Outage), "Outage"), (None, "no services")] {
            let svg = svg("github", status);
            assert!(svg.contains(&format!("<title>github: {word}</title>")), "{svg}");
            assert!(svg.contains(colour(status)), "{svg}");
        }
    }

    proptest! {
        #[test]
        fn no_name_breaks_out_of_the_picture(name in any::<String>()) {
            let svg = svg(&name, Some(Status::Ok));
            prop_assert_eq!(svg.matches("<text ").count(), 2);
            prop_assert_eq!(svg.matches('<').count(), svg.matches('>').count());
            prop_assert_eq!(svg.matches('"').count() % 2, 0);
        }
    }
}
