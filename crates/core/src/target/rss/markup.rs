//! A feed's outline, read before a parser is let near it.
//!
//! The feed parsers recurse into elements they do not know, expect UTF-8 whatever the document declares, and keep the
//! last of several titles. So one flat pass comes first: it finds the root, refuses what no feed needs (document type
//! declarations, and with them every entity bomb; nesting without end), and notes where the channel's titles stand.
//! Where markup begins and ends it decides as quick-xml does, which both parsers are built on.

use crate::target::ParseError;

/// How deep elements may nest. Feeds need 4 or 5, XHTML inside Atom a few more.
const MAX_DEPTH: usize = 64;

/// Which family of feeds a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FeedKind {
    /// RSS, whatever its version.
    Rss,
    /// Atom.
    Atom,
}

/// What a feed is made of, at a glance.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub(super) kind: FeedKind,
    /// The document from its root on: the text is decoded already, so the declaration before it would mislead.
    pub(super) body: &'a str,
    /// The markup of each `title` that stands directly in an RSS channel.
    pub(super) channel_titles: Vec<&'a str>,
}

impl<'a> Outline<'a> {
    /// Reads the outline of a document.
    ///
    /// # Errors
    /// [`ParseError::Unrecognised`] if the document is something other than a feed, [`ParseError::Malformed`] if it is
    /// empty, breaks off, nests too deep or brings a document type declaration.
    pub(super) fn of(text: &'a str) -> Result<Self, ParseError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        match text.chars().next() {
            None => return Err(ParseError::malformed("the body is empty")),
            Some('<') => {}
            Some('{' | '[') => return Err(ParseError::unrecognised("JSON where an RSS or Atom feed was expected")),
            Some(_) => return Err(ParseError::unrecognised("plain text where an RSS or Atom feed was expected")),
        }
        let mut outline: Option<Self> = None;
        let mut path: Vec<(&str, usize)> = Vec::new();
        for markup in (Scanner { text, at: 0 }) {
            let Markup { tag, start, end } = markup?;
            match tag {
                Tag::Open { name, empty } => {
                    let depth = path.len();
                    if depth == 0 && outline.is_none() {
                        outline = Some(Self { kind: kind(name)?, body: &text[start..], channel_titles: Vec::new() });
                    }
                    if empty {
                        continue;
                    }
                    if depth == MAX_DEPTH {
                        return Err(ParseError::malformed(format!(
                            "elements nest deeper than {MAX_DEPTH}; no feed needs that"
                        )));
                    }
                    path.push((name, start));
                }
                Tag::Close => {
                    let closed = path.pop();
                    if let (Some(("title", opened)), Some(("channel", _)), Some(outline)) =
                        (closed, path.last(), &mut outline)
                    {
                        outline.channel_titles.push(&text[opened..end]);
                    }
                }
            }
        }
        outline.ok_or_else(|| ParseError::malformed("XML without any element"))
    }
}

fn kind(root: &str) -> Result<FeedKind, ParseError> {
    match root {
        "rss" | "rdf:RDF" => Ok(FeedKind::Rss),
        "feed" => Ok(FeedKind::Atom),
        _ if root.eq_ignore_ascii_case("html") => Err(html_page()),
        _ => Err(ParseError::unrecognised(format!(
            "a document of <{}> where an RSS or Atom feed was expected",
            crate::schema::truncate(root, 40)
        ))),
    }
}

fn html_page() -> ParseError {
    ParseError::unrecognised("a page of HTML where an RSS or Atom feed was expected")
}

enum Tag<'a> {
    Open { name: &'a str, empty: bool },
    Close,
}

struct Markup<'a> {
    tag: Tag<'a>,
    start: usize,
    end: usize,
}

/// The tags of a document in order; text, CDATA, comments and processing instructions are passed over.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Result<Markup<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let start = self.at + self.text[self.at..].find('<')?;
            let rest = &self.text[start..];
            let end = match Self::length(rest) {
                Ok(length) => start + length,
                Err(error) => {
                    self.at = self.text.len();
                    return Some(Err(error));
                }
            };
            self.at = end;
            let inner = &self.text[start + 1..end - 1];
            let tag = match inner.as_bytes().first() {
                Some(b'!' | b'?') => continue,
                Some(b'/') => Tag::Close,
                _ => {
                    let empty = inner.ends_with('/');
                    let name = inner.split(|c: char| c.is_ascii_whitespace() || c == '/').next().unwrap_or_default();
                    Tag::Open { name, empty }
                }
            };
            return Some(Ok(Markup { tag, start, end }));
        }
    }
}

impl Scanner<'_> {
    /// The length of the piece of markup that `rest` begins with.
    fn length(rest: &str) -> Result<usize, ParseError> {
        let until = |from: usize, mark: &str| rest.get(from..)?.find(mark).map(|found| from + found + mark.len());
        let end = if rest.starts_with("<!--") {
            until(4, "-->")
        } else if rest.starts_with("<![CDATA[") {
            until(9, "]]>")
        } else if rest.get(..14).is_some_and(|head| head.eq_ignore_ascii_case("<!doctype html")) {
            return Err(html_page());
        } else if rest.starts_with("<!") || rest.starts_with("<?>") {
            return Err(ParseError::malformed("a document type declaration or other markup that no status feed needs"));
        } else if rest.starts_with("<?") {
            until(2, "?>")
        } else {
            tag_end(rest)
        };
        end.ok_or_else(|| ParseError::malformed("the feed breaks off inside its markup"))
    }
}

/// Where a tag ends: at the first `>` outside quotes.
fn tag_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_feed_says_what_it_is_instead() {
        for (document, says) in [
            ("  \n", "the body is empty"),
            ("{\"status\":500}", "JSON"),
            ("upstream connect error", "plain text"),
            ("<!DOCTYPE html><html><head><title>Sign in</title>", "HTML"),
            ("<HTML><body>", "HTML"),
            ("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "<Error>"),
            ("<!-- nothing -->", "without any element"),
            ("<rss a='", "breaks off"),
            ("<!DOCTYPE rss [<!ENTITY a \"aaaa\">]><rss/>", "document type"),
        ] {
            let error = Outline::of(document).map(|outline| outline.kind).unwrap_err();
            assert!(error.to_string().contains(says), "{document}: {error}");
        }
    }

    #[test]
    fn titles_of_the_channel_are_told_from_those_of_images_and_items() {
        let text = "<?xml version='1.0' encoding='latin1'?><!-- <feed> --><rss a='>'><channel>\
            <image><title>i</title></image><title/><title>one</title><title type=\"text\">two</title>\
            <item><title>three</title><description><![CDATA[<title>four</title>]]></description></item>\
            </channel></rss>";
        let outline = Outline::of(text).unwrap();
        assert_eq!(outline.kind, FeedKind::Rss);
        assert!(outline.body.starts_with("<rss"));
        assert_eq!(outline.channel_titles, ["<title>one</title>", "<title type=\"text\">two</title>"]);
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let deep = "<rss>".to_owned() + &"<a:b>".repeat(1_000_000);
        assert!(Outline::of(&deep).unwrap_err().to_string().contains("deeper than 64"));
    }
}
