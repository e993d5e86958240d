//! The RSS feed that Google Apps and G Suite had until 2021: an item per update, titled with the service alone.
//!
//! Each item repeats the whole story, the newest block first; the image at the head of a block is its state.

use super::date;
use super::feed::{Entry, Feed, newest_updates, update};
use super::tally::{Claim, Tally, grouped};
use crate::schema::{Incident, IncidentKind, IncidentState, Service, Status, Timestamp, dimension_names, plain_text};
use crate::target::{Meaning, ParseError, Report, Vocabulary};

/// The images and what they mean. Blue is information: mostly that it is over.
static IMAGES: Vocabulary =
    Vocabulary(&[("blue.gif", Meaning::OK), ("yellow.gif", Meaning::DEGRADED), ("red.gif", Meaning::OUTAGE)]);

/// Reads the feed.
pub(super) fn read(feed: &Feed) -> Result<Report, ParseError> {
    let mut report = Report::open_only();
    let mut tally = Tally::default();
    let stories = grouped(feed.entries.iter().map(|entry| {
        let blocks = blocks(&entry.body);
        let began = blocks.last().and_then(|block| block.at).or(entry.published);
        ((entry.title.as_str(), began), (entry, blocks))
    }));
    for ((name, began), mut tellings) in stories {
        tellings.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.published));
        let Some((newest, blocks)) = tellings.first() else { continue };
        let image = blocks.first().map_or("(no image)", |block| block.image);
        let meaning = report.read(&IMAGES, image);
        let open = (meaning != Meaning::OK).then_some(meaning);
        let incident = incident(name, began, newest, blocks, open);
        let mut service = Service::named(name, name);
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), name.into());
        tally.add(service, Claim { incident: &incident.key, open, at: newest.published })?;
        report.incidents.push(incident);
    }
    report.services = tally.into_services();
    Ok(report)
}

/// One block of a story.
struct Block<'a> {
    /// The name of its image's file.
    image: &'a str,
    at: Option<Timestamp>,
    html: &'a str,
}

/// The blocks of a story, newest first: `<img src="…/yellow.gif" />&nbsp;November 25, 2014 1:11:00 PM PST</i>…`.
fn blocks(body: &str) -> Vec<Block<'_>> {
    body.split("<img ")
        .skip(1)
        .filter_map(|piece| {
            let (_, source) = piece.split_once("src=\"")?;
            let (source, rest) = source.split_once('"')?;
            let (_, rest) = rest.split_once('>')?;
            let (head, html) = rest.split_once("</i>").unwrap_or(("", rest));
            let image = source.rsplit('/').next().unwrap_or_default();
            Some(Block { image, at: date::parse(&plain_text(head)), html })
        })
        .collect()
}

fn incident(
    name: &str,
    began: Option<Timestamp>,
    newest: &Entry,
    blocks: &[Block<'_>],
    open: Option<Meaning>,
) -> Incident {
    let told = blocks.iter().filter_map(|block| IMAGES.meaning(block.image)).map(Meaning::status);
    Incident {
        key: began.map_or_else(|| name.to_owned(), |began| format!("{name}@{began}")),
        kind: IncidentKind::Incident,
        title: name.to_owned(),
        state: if open.is_some() { IncidentState::Investigating } else { IncidentState::Resolved },
        impact: Status::worst(told.filter(|&status| status != Status::Ok)),
        started_at: began,
        updated_at: newest.published,
        resolved_at: newest.published.filter(|_| open.is_none()),
        url: newest.url(),
        services: vec![name.to_owned()],
        updates: newest_updates(blocks.iter().map(|block| update(block.at, None, block.html))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::google::parse;
    use super::*;
    use crate::target::Document;

    fn block(colour: &str, hour: u32, text: &str) -> String {
        format!(
            "&lt;p&gt;&lt;i&gt;&lt;img height=\"20\" src=\"http://www.google.com/appsstatus/img/{colour}.gif\" /&gt;\
             &amp;nbsp;April 8, 2020 {hour}:00:00 AM PDT&lt;/i&gt;&lt;/p&gt;&lt;p&gt;{text}&lt;/p&gt;"
        )
    }

    /// A feed of items given as `(service, hour in UTC, body)`.
    fn told(items: &[(&str, u32, String)]) -> Report {
        let items: Vec<String> = items
            .iter()
            .map(|(service, hour, body)| {
                format!(
                    "<item><title>{service}</title><description>{body}</description>\
                     <pubDate>Wed, 08 Apr 2020 {hour}:00:00 GMT</pubDate></item>"
                )
            })
            .collect();
        let feed = format!(
            "<rss><channel><title>G Suite Status Dashboard</title><link>http://www.google.com/appsstatus/rss/en</link>\
             {}</channel></rss>",
            items.concat()
        );
        parse(&Document::new(feed.as_bytes())).unwrap()
    }

    #[test]
    fn every_image_has_its_meaning() {
        for (colour, status) in
            [("blue", Status::Ok), ("yellow", Status::Degraded), ("red", Status::Outage), ("pink", Status::Unknown)]
        {
            let report = told(&[("Gmail", 15, block(colour, 8, "x"))]);
            assert_eq!(report.services[0].status, status, "{colour}");
            assert_eq!(report.unknown_words.len(), usize::from(colour == "pink"));
        }
        assert_eq!(told(&[("Gmail", 15, "soon".to_owned())]).services[0].status, Status::Unknown);
    }

    #[test]
    fn the_newest_telling_of_each_story_decides() {
        let first = block("yellow", 8, "Investigating.");
        let closing = block("blue", 9, "Resolved.") + &first;
        let report = told(&[("Gmail", 15, first.clone()), ("Gmail", 16, closing), ("Meet", 15, first)]);
        let rows: Vec<_> = report.services.iter().map(|service| (service.name.as_str(), service.status)).collect();
        assert_eq!(rows, [("Gmail", Status::Ok), ("Meet", Status::Degraded)]);
        assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2020-04-08T16:00:00.000Z");
        let incident = &report.incidents[0];
        assert_eq!((incident.is_open(), incident.impact, incident.updates.len()), (false, Some(Status::Degraded), 2));
        assert_eq!(incident.updates[0].text, "Resolved.");
        assert_eq!(incident.started_at.unwrap().to_string(), "2020-04-08T15:00:00.000Z");
        assert!(told(&[]).services.is_empty());
    }
}
