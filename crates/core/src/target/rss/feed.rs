//! RSS and Atom as one shape.

use atom_syndication::{Text, TextType};
use rss::Channel;

use super::date;
use super::markup::{FeedKind, Outline};
use crate::schema::{Incident, IncidentState, IncidentUpdate, Timestamp, collapse, plain_text, truncate};
use crate::target::{Document, ParseError};

/// A feed, whichever family it came from. Texts are unescaped from the XML exactly once.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) kind: FeedKind,
    /// Its title; of several, the first that bears text. Plain text.
    pub(super) title: String,
    /// The addresses it gives for itself and for its page.
    pub(super) links: Vec<String>,
    pub(super) description: String,
    pub(super) generator: String,
    /// Its items, in the document's order.
    pub(super) entries: Vec<Entry>,
}

/// An item of a feed.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// RSS `guid`, Atom `id`; empty if it has none.
    pub(super) id: String,
    /// Plain text.
    pub(super) title: String,
    pub(super) link: Option<String>,
    /// RSS `pubDate`, Atom `published`.
    pub(super) published: Option<Timestamp>,
    /// Atom `updated`; RSS knows none.
    pub(super) updated: Option<Timestamp>,
    /// HTML.
    pub(super) body: String,
    pub(super) categories: Vec<String>,
}

impl Feed {
    /// Reads a document as RSS or as Atom, by its root.
    ///
    /// # Errors
    /// [`ParseError::Unrecognised`] if it is something else, or has neither a title nor an item: silence is believed
    /// only of a feed that says whose it is. [`ParseError::Malformed`] if it is broken.
    pub(super) fn read(document: &Document<'_>) -> Result<Self, ParseError> {
        let text = document.text();
        let outline = Outline::of(&text)?;
        let feed = match outline.kind {
            FeedKind::Rss => read_rss(&outline)?,
            FeedKind::Atom => read_atom(&outline)?,
        };
        if feed.entries.is_empty() && feed.title.is_empty() {
            return Err(ParseError::unrecognised(
                "a feed with neither a title nor an item; expected one that is named",
            ));
        }
        Ok(feed)
    }

    /// All addresses that tell whose feed this is: its own and its items'.
    pub(super) fn all_links(&self) -> impl Iterator<Item = &str> {
        self.links.iter().map(String::as_str).chain(self.entries.iter().filter_map(|entry| entry.link.as_deref()))
    }

    /// The name of its page: what its title says of that, else the host that it or an item links to.
    pub(super) fn page_name(&self, in_title: &str) -> String {
        let host = || self.all_links().find_map(host);
        let name = Some(in_title.to_owned()).filter(|name| !name.is_empty());
        name.or_else(host).unwrap_or_else(|| "page".to_owned())
    }

    /// The error for a feed that is another family's.
    pub(super) fn not_of(&self, family: &str) -> ParseError {
        ParseError::unrecognised(format!(
            "a feed titled \"{}\" where one of {family} was expected",
            truncate(&self.title, 100)
        ))
    }
}

impl Entry {
    /// When it was last touched, as far as the feed tells.
    pub(super) fn touched_at(&self) -> Option<Timestamp> {
        self.updated.max(self.published)
    }

    /// Its address, if it is one of the web.
    pub(super) fn url(&self) -> Option<String> {
        let link = self.link.as_deref()?;
        let url = url::Url::parse(link).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| link.to_owned())
    }

    /// The entry as one update of an incident.
    pub(super) fn as_update(&self, at: Option<Timestamp>, state: Option<IncidentState>) -> IncidentUpdate {
        update(at, state, &self.body)
    }
}

/// One update of an incident from its HTML.
pub(super) fn update(at: Option<Timestamp>, state: Option<IncidentState>, html: &str) -> IncidentUpdate {
    IncidentUpdate { at, state, text: truncate(&plain_text(html), IncidentUpdate::MAX_TEXT) }
}

/// The updates of one incident, newest first, as many as are kept.
pub(super) fn newest_updates(updates: impl IntoIterator<Item = IncidentUpdate>) -> Vec<IncidentUpdate> {
    updates.into_iter().take(Incident::MAX_UPDATES).collect()
}

/// Splits a list at its commas, but not at those inside brackets.
pub(super) fn outside_brackets(list: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let parts = list.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(collapse).filter(|part| !part.is_empty()).collect()
}

/// What stands after a label that begins a line of an HTML text: `<h3>Status: RESOLVED</h3>`,
/// `<b>Status:</b> Resolved<br>`. `None` without such a line, or if nothing stands there.
pub(super) fn labelled(html: &str, label: &str) -> Option<String> {
    let mark = format!("{label}:");
    html.match_indices(&mark).find_map(|(at, _)| {
        let (before, line) = html.split_at(at);
        let begins = before.trim_end().is_empty() || before.trim_end().ends_with('>');
        let rest = line[mark.len()..].trim_start();
        let rest = rest.strip_prefix("</b>").or_else(|| rest.strip_prefix("</strong>")).unwrap_or(rest);
        let said = plain_text(rest.split('<').next().unwrap_or_default());
        Some(said).filter(|said| begins && !said.is_empty())
    })
}

/// The host that an address names, in lower case.
pub(super) fn host(address: &str) -> Option<String> {
    url::Url::parse(address).ok()?.host_str().map(str::to_owned)
}

fn read_rss(outline: &Outline<'_>) -> Result<Feed, ParseError> {
    let channel = Channel::read_from(outline.body.as_bytes())
        .map_err(|error| ParseError::malformed(format!("not a readable RSS feed: {error}")))?;
    let entries = channel.items.into_iter().map(|item| Entry {
        id: item.guid.map(|guid| guid.value.trim().to_owned()).unwrap_or_default(),
        title: collapse(&item.title.unwrap_or_default()),
        link: item.link,
        published: item.pub_date.as_deref().and_then(date::parse),
        updated: None,
        body: item.description.filter(|text| !text.trim().is_empty()).or(item.content).unwrap_or_default(),
        categories: item.categories.into_iter().map(|category| collapse(&category.name)).collect(),
    });
    // `atom:link` tells where the feed itself lies; its prefix is the document's choice.
    let extensions = channel.extensions.into_values().filter_map(|mut names| names.remove("link")).flatten();
    let own_links = extensions.filter_map(|mut link| link.attrs.remove("href"));
    Ok(Feed {
        kind: FeedKind::Rss,
        title: first_title(&outline.channel_titles).unwrap_or_else(|| collapse(&channel.title)),
        links: std::iter::once(channel.link).chain(own_links).collect(),
        description: collapse(&channel.description),
        generator: collapse(&channel.generator.unwrap_or_default()),
        entries: entries.collect(),
    })
}

/// The first title with text in it where a channel has several (the parser keeps the last).
fn first_title(titles: &[&str]) -> Option<String> {
    if titles.len() < 2 {
        return None;
    }
    titles.iter().find_map(|title| {
        let alone = format!("<rss><channel>{title}</channel></rss>");
        let title = collapse(&Channel::read_from(alone.as_bytes()).ok()?.title);
        (!title.is_empty()).then_some(title)
    })
}

fn read_atom(outline: &Outline<'_>) -> Result<Feed, ParseError> {
    let feed = atom_syndication::Feed::read_from(outline.body.as_bytes())
        .map_err(|error| ParseError::malformed(format!("not a readable Atom feed: {error}")))?;
    let entries = feed.entries.into_iter().map(|entry| {
        let alternate = entry.links.iter().position(|link| link.rel == "alternate").unwrap_or_default();
        let body = match (entry.content, entry.summary) {
            (Some(content), _) if content.value.is_some() => {
                let is_text = matches!(content.content_type.as_deref(), None | Some("text" | "text/plain"));
                html(content.value.unwrap_or_default(), is_text)
            }
            (_, Some(summary)) => {
                let is_text = summary.r#type == TextType::Text;
                html(summary.value, is_text)
            }
            _ => String::new(),
        };
        Entry {
            id: entry.id.trim().to_owned(),
            title: plain(&entry.title),
            link: entry.links.into_iter().nth(alternate).map(|link| link.href),
            published: entry.published.and_then(|date| Timestamp::from(date).unless_null()),
            updated: Timestamp::from(entry.updated).unless_null(),
            body,
            categories: entry.categories.into_iter().map(|category| collapse(&category.term)).collect(),
        }
    });
    Ok(Feed {
        kind: FeedKind::Atom,
        title: plain(&feed.title),
        links: feed.links.into_iter().map(|link| link.href).collect(),
        description: feed.subtitle.as_ref().map(plain).unwrap_or_default(),
        generator: feed.generator.map(|generator| collapse(&generator.value)).unwrap_or_default(),
        entries: entries.collect(),
    })
}

fn plain(text: &Text) -> String {
    match text.r#type {
        TextType::Text => collapse(&text.value),
        TextType::Html | TextType::Xhtml => plain_text(&text.value),
    }
}

fn html(value: String, is_text: bool) -> String {
    if is_text { value.replace('&', "&amp;").replace('<', "&lt;") } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Feed, ParseError> {
        Feed::read(&Document::new(text.as_bytes()))
    }

    #[test]
    fn rss_and_atom_come_to_the_same() {
        let rss = read(
            "<rss version=\"2.0\"><channel><title><![CDATA[ACME  Status]]></title><link>https://status.acme.test</link>\
             <generator>g</generator><description>d</description><item><title>A &amp;amp; B</title>\
             <link>https://status.acme.test/1</link><guid>one</guid><pubDate>Tue, 4 Aug 2026 10:00:00 PDT</pubDate>\
             <category>web</category><description>&lt;p&gt;1 &amp;lt; 2&lt;/p&gt;</description></item></channel></rss>",
        )
        .unwrap();
        let atom = read(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title type=\"html\">&lt;b&gt;ACME&lt;/b&gt; Status</title>\
             <link href=\"https://status.acme.test\"/><generator>g</generator><subtitle>d</subtitle><entry>\
             <title>A &amp;amp; B</title><link rel=\"self\" href=\"x\"/><link href=\"https://status.acme.test/1\"/>\
             <id>one</id><published>2026-08-04T17:00:00Z</published><category term=\"web\"/>\
             <content type=\"html\">&lt;p&gt;1 &amp;lt; 2&lt;/p&gt;</content></entry></feed>",
        )
        .unwrap();
        for feed in [rss, atom] {
            let entry = &feed.entries[0];
            assert_eq!((feed.title.as_str(), feed.links[0].as_str()), ("ACME Status", "https://status.acme.test"));
            assert_eq!((feed.description.as_str(), feed.generator.as_str()), ("d", "g"));
            assert_eq!(
                (entry.id.as_str(), entry.title.as_str(), entry.body.as_str()),
                ("one", "A &amp; B", "<p>1 &lt; 2</p>")
            );
            assert_eq!(entry.url().as_deref(), Some("https://status.acme.test/1"));
            assert_eq!(entry.published.unwrap().to_string(), "2026-08-04T17:00:00.000Z");
            assert_eq!((entry.updated, entry.categories[0].as_str()), (None, "web"));
        }
    }

    #[test]
    fn an_rss_feed_may_say_where_it_lies() {
        let feed = read(
            "<rss xmlns:a10=\"http://www.w3.org/2005/Atom\"><channel><title>t</title><link>https://acme.test/</link>\
             <a10:link rel=\"self\" href=\"https://acme.test/feed.rss\"/></channel></rss>",
        );
        assert_eq!(feed.unwrap().links, ["https://acme.test/", "https://acme.test/feed.rss"]);
    }

    #[test]
    fn the_content_stands_in_for_an_empty_description() {
        for description in ["", "<description/>", "<description> \n</description>"] {
            let feed = read(&format!(
                "<rss xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>t</title><item>{description}\
                 <content:encoded><![CDATA[<p>x</p>]]></content:encoded></item></channel></rss>"
            ));
            assert_eq!(feed.unwrap().entries[0].body, "<p>x</p>", "{description}");
        }
    }

    #[test]
    fn a_label_counts_where_it_begins_a_line() {
        for (html, said) in [
            ("<h3>Status: RESOLVED</h3><p>Severity: x</p>", Some("RESOLVED")),
            ("Status: Resolved", Some("Resolved")),
            ("<p>\n <b>Status:</b> Low  disruptions<br/>More", Some("Low disruptions")),
            ("<p>Our Status: fine</p><p><strong>Status: </strong>A &amp; B</p>", Some("A & B")),
            ("<p>Status:</p><p>fine</p>", None),
            ("<p>Status fine</p>", None),
        ] {
            assert_eq!(labelled(html, "Status").as_deref(), said, "{html}");
        }
    }

    #[test]
    fn plain_text_in_atom_stays_what_it_says() {
        let feed =
            read("<feed><entry><title>t</title><summary>a &lt;b&gt; &amp;amp; c</summary></entry></feed>").unwrap();
        assert_eq!(plain_text(&feed.entries[0].body), "a <b> &amp; c");
    }

    #[test]
    fn silence_is_believed_only_of_a_feed_with_a_name() {
        assert!(read("<rss><channel><title>ACME</title></channel></rss>").unwrap().entries.is_empty());
        assert!(read("<feed><title>ACME</title></feed>").unwrap().entries.is_empty());
        assert!(matches!(read("<rss><channel><title> </title></channel></rss>"), Err(ParseError::Unrecognised(_))));
        assert!(matches!(read("<feed></feed>"), Err(ParseError::Unrecognised(_))));
        assert_eq!(read("<rss><channel><item><title>x</title></item></channel></rss>").unwrap().entries.len(), 1);
    }

    #[test]
    fn of_two_titles_and_links_the_first_with_text_counts() {
        let feed = read(
            "<rss><channel><title></title><title><![CDATA[EC2 Service Status]]></title><link>http://a.test/</link>\
             <link rel=\"alternate\" href=\"http://a.test/rss\" title=\"x\"/><title type=\"text\">Current status</title>\
             <item><title type=\"text\">t</title></item></channel></rss>",
        )
        .unwrap();
        assert_eq!((feed.title.as_str(), feed.links[0].as_str()), ("EC2 Service Status", "http://a.test/"));
        assert_eq!(feed.entries[0].title, "t");
    }

    #[test]
    fn the_declared_encoding_is_applied_once() {
        let latin1 =
            b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><rss><channel><title>\xe9t\xe9</title></channel></rss>";
        assert_eq!(Feed::read(&Document::new(latin1)).unwrap().title, "été");
        let utf16: Vec<u8> = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?><feed><title>été</title></feed>"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(Feed::read(&Document::new(&utf16)).unwrap().title, "été");
    }

    #[test]
    fn broken_feeds_and_entity_bombs_are_malformed() {
        for broken in [
            "<rss><channel><title>x</title><item>",
            "<rss><title>x</title></rss>",
            "<rss><channel><title>x</item></channel></rss>",
            "<feed><title>x</title>",
            "<feed><title>x</title><updated>some day</updated></feed>",
            "<!DOCTYPE rss [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><rss><channel><title>&b;</title></channel></rss>",
        ] {
            assert!(matches!(read(broken), Err(ParseError::Malformed(_))), "{broken}");
        }
    }
}
