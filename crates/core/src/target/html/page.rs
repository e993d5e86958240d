//! What the formats share in reading a page.
//!
//! Elements are found by class tokens, ids and attributes, never by searching text: legends, tooltips and past
//! incidents spell every status on every page.

use scraper::{ElementRef, Html};

use crate::schema::{
    Incident, IncidentKind, IncidentState, IncidentUpdate, PAGE_BUDGET, Timestamp, affordable, collapse, text_of,
    truncate,
};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// How many characters of a headline are kept.
const MAX_HEADLINE: usize = 300;

/// Parses a page.
///
/// # Errors
/// [`ParseError::Unrecognised`] for JSON and plain text, [`ParseError::Malformed`] for an empty body and for markup
/// that no page needs and no parser gets through in time.
pub(super) fn open(document: &Document<'_>) -> Result<Html, ParseError> {
    tree(document.text().trim())
}

/// Parses a page that must be there to its end: what is missing of one that was cut short would pass for removed.
///
/// # Errors
/// As [`open`], and [`ParseError::Malformed`] for a page with `<html>` and without `</html>`.
pub(super) fn open_whole(document: &Document<'_>) -> Result<Html, ParseError> {
    let text = document.text();
    let has = |tag: &str| text.as_bytes().windows(tag.len()).rev().any(|it| it.eq_ignore_ascii_case(tag.as_bytes()));
    if !has("</html") && has("<html") {
        return Err(ParseError::malformed("a page that was cut short: it has <html> and no </html>"));
    }
    tree(text.trim())
}

fn tree(text: &str) -> Result<Html, ParseError> {
    match text.chars().next() {
        None => return Err(ParseError::malformed("the body is empty")),
        Some('{' | '[') => return Err(ParseError::unrecognised("JSON where a page of HTML was expected")),
        Some(_) if !text.contains('<') => {
            return Err(ParseError::unrecognised("plain text where a page of HTML was expected"));
        }
        Some(_) => {}
    }
    if affordable(text, PAGE_BUDGET).len() < text.len() {
        return Err(ParseError::malformed(
            "markup nested deeper, or with more attributes to a tag, than any page needs",
        ));
    }
    Ok(Html::parse_document(text))
}

/// All elements of a page, in its order.
pub(super) fn elements(page: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    page.tree.root().descendants().filter_map(ElementRef::wrap)
}

/// All elements inside an element, in the page's order.
pub(super) fn inside(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.descendent_elements().skip(1)
}

/// The elements around an element, from the nearest on.
pub(super) fn around(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.ancestors().filter_map(ElementRef::wrap)
}

/// The first element of a page with an id.
pub(super) fn by_id<'a>(page: &'a Html, id: &str) -> Option<ElementRef<'a>> {
    elements(page).find(|element| element.value().id() == Some(id))
}

/// Whether an element has a class token.
pub(super) fn has_class(element: ElementRef<'_>, class: &str) -> bool {
    element.value().classes().any(|token| token == class)
}

/// The first element inside another that has a class token.
pub(super) fn by_class<'a>(element: ElementRef<'a>, class: &str) -> Option<ElementRef<'a>> {
    inside(element).find(|&inner| has_class(inner, class))
}

/// The first element inside another of a tag name.
pub(super) fn by_tag<'a>(element: ElementRef<'a>, tag: &str) -> Option<ElementRef<'a>> {
    inside(element).find(|inner| inner.value().name() == tag)
}

/// An element's readable text, as short as headlines and names are.
pub(super) fn headline(element: ElementRef<'_>) -> String {
    truncate(&text_of(element), MAX_HEADLINE)
}

/// An element's readable text as [`headline`] reads it, but without what stands in inner elements of some classes:
/// marks of footnotes, tags beside a name.
pub(super) fn headline_without(element: ElementRef<'_>, classes: &[&str]) -> String {
    let is_left_out = |inner: ElementRef<'_>| classes.iter().any(|class| has_class(inner, class));
    let pieces = element.descendants().filter_map(|node| {
        let text = node.value().as_text()?;
        let mut outer = node.ancestors().filter_map(ElementRef::wrap).take_while(|&outer| outer != element);
        (!outer.any(is_left_out)).then_some(&**text)
    });
    truncate(&collapse(&pieces.collect::<String>()), MAX_HEADLINE)
}

/// What the first of some words means that a vocabulary knows. If it knows none of them, the first is noted; if there
/// is none at all, `missing` says where one was expected.
pub(super) fn read_any<'a>(
    report: &mut Report,
    vocabulary: &Vocabulary,
    words: impl Iterator<Item = &'a str>,
    missing: &str,
) -> Meaning {
    let mut first = None;
    for word in words.map(str::trim).filter(|word| !word.is_empty()) {
        if let Some(meaning) = vocabulary.meaning(word) {
            return meaning;
        }
        first = first.or(Some(word));
    }
    report.unknown(first.unwrap_or(missing))
}

/// An open event of which a page has only some text. Nobody says how far it has come, and nothing but its headline tells
/// it from another.
pub(super) fn notice(title: String, text: &str) -> Incident {
    Incident {
        key: title.clone(),
        kind: IncidentKind::Incident,
        title,
        state: IncidentState::Investigating,
        impact: None,
        started_at: None,
        updated_at: None,
        resolved_at: None,
        url: None,
        services: Vec::new(),
        updates: vec![IncidentUpdate { at: None, state: None, text: truncate(text, IncidentUpdate::MAX_TEXT) }],
    }
}

/// The page's title; empty if it has none. (Drawings have titles too.)
pub(super) fn title(page: &Html) -> String {
    elements(page)
        .find(|element| {
            element.value().name() == "title" && around(*element).all(|outer| outer.value().name() != "svg")
        })
        .map(headline)
        .unwrap_or_default()
}

/// The name that a title gives a page, without the words that say what sort of page it is.
pub(super) fn name_in_title(title: &str, endings: &[&str]) -> String {
    let name = endings.iter().find_map(|ending| title.strip_suffix(ending)).map_or(title, str::trim_end);
    if name.is_empty() { title.to_owned() } else { name.to_owned() }
}

/// An instant written as seconds or milliseconds since the epoch. Seconds do not reach 10¹¹ before the year 5138, and
/// milliseconds were past it in 1973.
pub(super) fn epoch(digits: &str) -> Option<Timestamp> {
    let number: i64 = digits.trim().parse().ok()?;
    if number >= 100_000_000_000 { Timestamp::from_millis(number) } else { Timestamp::from_secs(number) }?.unless_null()
}

/// The last part of a link's path: the id by which pages link to their incidents.
pub(super) fn last_segment(link: &str) -> Option<&str> {
    let path = link.split(['?', '#']).next()?;
    path.trim_end_matches('/').rsplit('/').next().filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        open(&Document::new(text.as_bytes())).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_page_says_what_it_is_instead() {
        assert!(error(" \n").contains("empty"));
        assert!(error("{\"status\":{}}").contains("JSON"));
        assert!(error("upstream connect error").contains("plain text"));
        assert!(error(&"<div>".repeat(100_000)).contains("nested deeper"));
    }

    #[test]
    fn a_page_that_was_cut_short_is_none() {
        for (text, is_whole) in [
            ("<!DOCTYPE html><html lang='en'><body>Fine</body></html>\n<!-- 5 ms -->", true),
            ("<HTML><BODY>Fine</HTML>", true),
            ("<!DOCTYPE html><title>All tags that may be left out are</title><p>Fine", true),
            ("<!DOCTYPE html><html lang='en'><body>Fi", false),
            ("<html><body>Fine</body></htm", false),
        ] {
            let document = Document::new(text.as_bytes());
            assert!(open(&document).is_ok(), "{text}");
            assert_eq!(open_whole(&document).is_ok(), is_whole, "{text}");
        }
        assert!(open_whole(&Document::new(b"{}")).unwrap_err().to_string().contains("JSON"));
    }

    #[test]
    fn a_page_is_named_by_its_own_title() {
        let html = "<body><svg><title>Tick</title></svg><title>Acme  Cloud\n Status</title>";
        let title = title(&open(&Document::new(html.as_bytes())).unwrap());
        assert_eq!(title, "Acme Cloud Status");
        assert_eq!(name_in_title(&title, &[" Status"]), "Acme Cloud");
        assert_eq!(name_in_title("Statusly", &[" Status"]), "Statusly");
        assert_eq!(name_in_title(" Status", &[" Status"]), " Status");
    }

    #[test]
    fn a_headline_leaves_out_what_is_no_part_of_it() {
        let html =
            "<p id='x' class='tag'> <sup class='mark tag'>*</sup>East <b>US</b> 2 <i class='tag'>be<u>ta</u></i></p>";
        let page = open(&Document::new(html.as_bytes())).unwrap();
        let element = by_id(&page, "x").unwrap();
        assert_eq!(headline_without(element, &["tag"]), "East US 2");
        assert_eq!(headline_without(element, &["mark"]), "East US 2 beta");
        assert_eq!(headline_without(element, &[]), "*East US 2 beta");
    }

    #[test]
    fn of_several_words_the_first_known_one_counts() {
        static WORDS: Vocabulary = Vocabulary(&[("up", Meaning::OK), ("down", Meaning::OUTAGE)]);
        for (words, meaning, noted) in [
            (&["icon", "Down", "up"][..], Meaning::OUTAGE, None),
            (&["", " odd ", "icon"], Meaning::UNKNOWN, Some("odd")),
            (&[" "], Meaning::UNKNOWN, Some("(nothing)")),
            (&[], Meaning::UNKNOWN, Some("(nothing)")),
        ] {
            let mut report = Report::complete();
            assert_eq!(read_any(&mut report, &WORDS, words.iter().copied(), "(nothing)"), meaning, "{words:?}");
            assert_eq!(report.unknown_words.iter().map(String::as_str).next(), noted, "{words:?}");
        }
    }

    #[test]
    fn seconds_and_milliseconds_are_told_apart() {
        let written = |digits| epoch(digits).map(|at| at.to_string());
        assert_eq!(written("1576931508").as_deref(), Some("2019-12-21T12:31:48.000Z"));
        assert_eq!(written(" 1576931508000 ").as_deref(), Some("2019-12-21T12:31:48.000Z"));
        for none in ["", "0", "-5", "soon", "99999999999999999999", "9223372036854775807"] {
            assert_eq!(written(none), None, "{none}");
        }
    }

    #[test]
    fn links_end_in_ids() {
        assert_eq!(last_segment("https://x.example/incidents/abc?u=1"), Some("abc"));
        assert_eq!(last_segment("/incidents/abc/"), Some("abc"));
        assert_eq!(last_segment("/"), None);
    }
}
