//! Documents of families that no format reads, and what servers send in place of a feed: nobody takes them for their own.

use super::{builtin, read};
use unistatus_core::target::ParseError;

/// Feeds that look like those of the families that are read, by who makes them.
const STRANGERS: &[(&str, &str)] = &[
    (
        "incident.io",
        "<rss version=\"2.0\"><channel><title>ACME Status - Incident history</title><link>https://status.acme.test</link>\
         <description>ACME's incidents</description><item><title>Slow answers</title>\
         <link>https://status.acme.test/incidents/01JMYB4TNB3JFN0SPPC8RSXZZZ</link>\
         <guid>https://status.acme.test/incidents/01JMYB4TNB3JFN0SPPC8RSXZZZ</guid>\
         <pubDate>Thu, 03 Sep 2026 13:30:00 GMT</pubDate><description><![CDATA[<b>Status: Investigating</b><br/><br/>We look \
         into it.<br/><br/><b>Affected components</b><ul><li>API (Major outage)</li></ul>]]></description></item></channel></rss>",
    ),
    (
        "incident.io's Atom",
        "<feed><title>ACME Status - Incident History</title><link rel=\"self\" href=\"https://status.acme.test/feed.atom\"/>\
         <entry><id>https://status.acme.test/incidents/01JMYB4TNB3JFN0SPPC8RSXZZZ</id><title>Slow answers</title>\
         <link href=\"https://status.acme.test/incidents/01JMYB4TNB3JFN0SPPC8RSXZZZ\"/><updated>2026-09-03T13:30:00Z</updated>\
         <content type=\"html\"><![CDATA[<b>Status: Resolved</b><br/><br/>All well.]]></content></entry></feed>",
    ),
    (
        "incident.io without incidents",
        "<rss version=\"2.0\"><channel><title>ACME Status - Incident history</title><link>https://status.acme.test</link>\
         <description></description></channel></rss>",
    ),
    (
        "Checkly",
        "<rss version=\"2.0\"><channel><title>ACME Status Page</title><link>https://status.acme.test</link><item>\
         <title><![CDATA[Audio degraded]]></title><link>https://status.acme.test/incident/c854daa1</link>\
         <guid isPermaLink=\"true\">https://status.acme.test/incident/c854daa1</guid>\
         <pubDate>Sun, 26 Jul 2026 02:47:40 GMT</pubDate><description><![CDATA[Status: Investigating<br/>Requests are slow.<br/>\
         <br/>Affected services<ul><li>Audio</li></ul>]]></description></item></channel></rss>",
    ),
    (
        "OnlineOrNot",
        "<rss version=\"2.0\"><channel><title>ACME Status - Incident History</title><link>https://status.acme.test</link>\
         <description>Statuspage</description><item><title>Logins fail</title><description><![CDATA[<p><small>Feb 19, 16:38 UTC\
         </small><br/><strong>RESOLVED</strong> - <p>All well.</p></p>]]></description>\
         <pubDate>Thu, 19 Feb 2026 16:38:24 GMT</pubDate><link>status.acme.test/incidents/lrkj1G0wmMoe</link></item></channel></rss>",
    ),
    (
        "OnlineOrNot with a scheme",
        "<rss version=\"2.0\"><channel><title>ACME Status - Incident History</title><link>https://status.acme.test</link>\
         <description>Statuspage</description><item><title>Logins fail</title><description><![CDATA[<small>Feb 19, 16:38 UTC\
         </small><br/><strong>RESOLVED</strong> - All well.]]></description>\
         <link>https://status.acme.test/incidents/lrkj1G0wmMoe</link></item></channel></rss>",
    ),
    (
        "Better Stack",
        "<rss version=\"2.0\"><channel><title>ACME Status</title><link>https://status.acme.test</link><item>\
         <title>[Investigating] Logins fail</title><description>We look into it.</description>\
         <link>https://status.acme.test/incident/123456</link><pubDate>Mon, 15 Jan 2024 10:30:00 +0000</pubDate></item>\
         </channel></rss>",
    ),
    (
        "a blog that links to everybody",
        "<rss version=\"2.0\"><channel><title>Outages of the week: Azure Status, xAI System Status</title>\
         <link>https://blog.acme.test</link><item><title>Incident: the clouds are down</title>\
         <link>https://blog.acme.test/incident/cmuh4kc8h</link><description>Status: it is resolved. See status.x.ai, \
         slack-status.com, metastatus.com and status.io/pages/incident/.</description></item></channel></rss>",
    ),
    ("an unnamed feed", "<rss version=\"2.0\"><channel><title></title></channel></rss>"),
    ("a feed without items", "<rss version=\"2.0\"><channel><title>ACME Status</title></channel></rss>"),
    ("a feed without entries", "<feed><title>ACME Status</title></feed>"),
    ("a login page", "<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>"),
    ("an error", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"),
    ("JSON", "{\"status\":{\"indicator\":\"none\"}}"),
];

#[test]
fn no_format_takes_a_stranger_for_its_own() {
    for (whose, document) in STRANGERS {
        for format in builtin() {
            let read = read(format, document.as_bytes());
            assert!(matches!(read, Err(ParseError::Unrecognised(_))), "{whose} as {format}: {read:#?}");
        }
    }
}

#[test]
fn what_breaks_off_is_malformed() {
    for document in ["", " \n", "<rss><channel><title>Azure Status</title><link>https://status.azure.com/</link><item>"]
    {
        for format in builtin() {
            let read = read(format, document.as_bytes());
            assert!(matches!(read, Err(ParseError::Malformed(_))), "{document} as {format}: {read:#?}");
        }
    }
}
