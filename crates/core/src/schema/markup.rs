//! How much HTML from strangers the parser may be given.
//!
//! The parser looks through the open elements at almost every tag, and through a tag's attributes at each attribute:
//! for a hundred thousand elements inside each other, half a megabyte, that is five thousand million looks. Pages that
//! people wrote are far from that, so one flat pass over the tags estimates the work before any is done.

use std::borrow::Cow;
use std::collections::HashMap;

/// What a page may cost, in elements and attributes looked at. Recorded status pages of 200 KB come to 50 thousand, so
/// one of the 16 MiB that are fetched at most to 4 million; the limit is reached by 7 thousand elements inside each other.
pub(crate) const PAGE_BUDGET: u64 = 30_000_000;

/// What one text among many may cost: over a thousand elements inside each other.
pub(crate) const TEXT_BUDGET: u64 = 1_000_000;

/// Elements that hold nothing, or that the next of their kind closes: they never nest by themselves, and pages leave
/// their end tags out.
const NEVER_NEST: &[&str] = &[
    "area", "base", "basefont", "bgsound", "body", "br", "caption", "col", "colgroup", "dd", "dt", "embed", "frame",
    "head", "hr", "html", "img", "input", "keygen", "li", "link", "meta", "optgroup", "option", "p", "param", "rb",
    "rp", "rt", "rtc", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
];

/// The beginning of an HTML text that the parser reads within a budget: all of it, but for markup nobody writes.
pub(crate) fn affordable(html: &str, budget: u64) -> &str {
    let mut open: HashMap<Cow<'_, str>, u64> = HashMap::new();
    let (mut depth, mut work) = (0_u64, 0_u64);
    let mut at = 0;
    while let Some(tag) = Tag::next(html, at) {
        at = tag.end;
        work = work.saturating_add(depth).saturating_add(tag.attributes.saturating_mul(tag.attributes) / 2);
        if work > budget {
            return &html[..tag.start];
        }
        let name = folded(tag.name);
        if NEVER_NEST.contains(&&*name) {
            continue;
        }
        let foreign = open.contains_key("svg") || open.contains_key("math");
        if tag.closes {
            // Good enough for an estimate: the parser has many more rules for what an end tag closes or does not.
            if let Some(count) = open.get_mut(&name) {
                *count -= 1;
                depth -= 1;
                if *count == 0 {
                    open.remove(&name);
                }
            }
        } else if !(foreign && tag.closes_itself) {
            if !foreign && matches!(&*name, "script" | "style") {
                at = raw_text_end(html, at, &name);
            }
            *open.entry(name).or_insert(0) += 1;
            depth += 1;
        }
    }
    html
}

fn folded(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Where the text of a script or a style ends: at its end tag, whatever else looks like a tag before.
fn raw_text_end(html: &str, from: usize, name: &str) -> usize {
    let rest = &html[from..];
    let end = rest.match_indices("</").map(|(found, _)| found).find(|found| {
        rest.as_bytes()
            .get(found + 2..found + 2 + name.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(name.as_bytes()))
    });
    end.map_or(html.len(), |end| from + end)
}

/// A tag, as far as the estimate needs it.
struct Tag<'a> {
    name: &'a str,
    closes: bool,
    closes_itself: bool,
    attributes: u64,
    start: usize,
    end: usize,
}

impl<'a> Tag<'a> {
    /// The first tag that begins at or after a place. Comments are passed over; a tag that never ends is none.
    fn next(html: &'a str, mut from: usize) -> Option<Self> {
        let bytes = html.as_bytes();
        loop {
            let start = from + html[from..].find('<')?;
            let closes = bytes.get(start + 1) == Some(&b'/');
            let name_start = start + 1 + usize::from(closes);
            if bytes.get(name_start).is_some_and(u8::is_ascii_alphabetic) {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
                let name_end = name_start + bytes[name_start..].iter().position(ends)?;
                let (attributes, end) = attributes(bytes, name_end)?;
                let closes_itself = bytes.get(end.wrapping_sub(2)) == Some(&b'/');
                return Some(Self { name: &html[name_start..name_end], closes, closes_itself, attributes, start, end });
            }
            from = start + 1;
            if let Some(comment) = html[start..].strip_prefix("<!--") {
                from = html.len() - comment.len() + comment.find("-->")?;
            }
        }
    }
}

/// How many attributes follow a tag's name, and where the tag ends.
fn attributes(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let skip = |at: usize, over: fn(&u8) -> bool| Some(at + bytes.get(at..)?.iter().position(|byte| !over(byte))?);
    let mut count = 0;
    loop {
        at = skip(at, |byte| byte.is_ascii_whitespace() || *byte == b'/')?;
        if bytes[at] == b'>' {
            return Some((count, at + 1));
        }
        count += 1;
        at = skip(at + 1, |byte| !(byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'=')))?;
        let value = skip(at, u8::is_ascii_whitespace)?;
        if bytes[value] != b'=' {
            continue;
        }
        at = skip(value + 1, u8::is_ascii_whitespace)?;
        at = match bytes[at] {
            b'"' => skip(at + 1, |byte| *byte != b'"')? + 1,
            b'\'' => skip(at + 1, |byte| *byte != b'\'')? + 1,
            _ => skip(at, |byte| !(byte.is_ascii_whitespace() || *byte == b'>'))?,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read_whole() {
        for (what, html) in [
            ("plain text", "1 < 2 and 3 > 2".to_owned()),
            ("a long list without end tags", "<ul>".to_owned() + &"<li>a<p>b<br>".repeat(50_000)),
            ("a long table", "<table>".to_owned() + &"<tr><td>a<td>b".repeat(50_000)),
            ("many siblings", "<div><b>a</b></div>".repeat(50_000)),
            ("drawings", format!("<svg>{}</svg>", "<rect x='1' />".repeat(50_000))),
            ("upper and lower case", "<DIV><B></b></div>".repeat(50_000)),
            ("tags in a script", format!("<script>{}</SCRIPT>", "'<div><b x'".repeat(50_000))),
            ("tags in comments", "<!-- <div> -->".repeat(50_000)),
            ("a long value", format!("<div data-x='{}'>a</div>", "a > b ".repeat(50_000))),
            ("a tag that never ends", "<div><div a='".to_owned()),
            ("a comment that never ends", "<div><!-- ".to_owned()),
        ] {
            assert!(affordable(&html, TEXT_BUDGET * 2) == html, "{what}");
        }
    }

    #[test]
    fn what_nobody_writes_is_cut_where_it_gets_out_of_hand() {
        for (what, html) in [
            ("nesting", "<div>é".repeat(100_000)),
            ("nesting that looks closed", "<div/>".repeat(100_000)),
            ("nesting with stray end tags", "<div></b></p>".repeat(100_000)),
            ("attributes", format!("é<div {}>", "a=1 b='2' c ".repeat(100_000))),
        ] {
            assert!(affordable(&html, PAGE_BUDGET).len() < html.len(), "{what}");
        }
    }
}
