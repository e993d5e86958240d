//! Documents of our own, broken on purpose: whatever a source sends, no format panics, and the same bytes always give the
//! same report.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use unistatus_core::schema::Kind;
use unistatus_core::target::{Document, Format, Mapping, formats};

/// Small feeds to break, one of each shape, with the format that reads it.
const SAMPLES: [(&str, &str); 11] = [
    ("aws", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>Amazon Web Services Service Status\
     </title><link>http://status.aws.amazon.com/</link><item><title><![CDATA[Service disruption: [RESOLVED] 障害 | x]]>\
     </title><pubDate>Fri, 23 Aug 2019 04:18:35 PDT</pubDate><guid>http://status.aws.amazon.com/#ec2-us-gov-west-1_15665\
     59115</guid><description><![CDATA[Text &lt;br&gt; and the service is operating normally.]]></description></item>\
     </channel></rss>"),
    ("google", "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Google Cloud Service Health Updates</title><entry><title>RESOLVED: \
     x</title><link href=\"https://status.cloud.google.com/incidents/abc\"/><id>tag:a,2022:feed:abc.d</id><updated>\
     2022-04-01T20:13:25+00:00</updated><summary type=\"html\">&lt;p&gt;Incident began at 2022-03-31 08:30 and ended at \
     2022-03-31 15:54&lt;/p&gt;&lt;p&gt;Affected products: A (b, c), D&lt;/p&gt;&lt;p&gt;Affected locations: Taiwan \
     (asia-east1), Global&lt;/p&gt;</summary></entry></feed>"),
    ("google", "<rss><channel><title>G Suite Status Dashboard</title><link>http://www.google.com/appsstatus/rss/en</link><item>\
     <title>Gmail</title><description>&lt;i&gt;&lt;img src=\"http://a/img/yellow.gif\" /&gt;&amp;nbsp;April 8, 2020 8:37:00 \
     AM PDT&lt;/i&gt;&lt;p&gt;Text&lt;/p&gt;</description><pubDate>Wed, 08 Apr 2020 15:37:00 GMT</pubDate></item></channel>\
     </rss>"),
    ("statuspage", "<rss><channel><title>ACME Status - Incident History</title><description>Statuspage</description><item><title>x</title>\
     <description>&lt;p&gt;&lt;strong&gt;THIS IS A SCHEDULED EVENT&lt;/strong&gt;&lt;/p&gt;&lt;p&gt;&lt;small&gt;Jan 8\
     &lt;/small&gt;&lt;br&gt;&lt;strong&gt;Update&lt;/strong&gt; - é&lt;/p&gt;&lt;p&gt;&lt;small&gt;Jan 8&lt;/small&gt;&lt;br\
     &gt;&lt;strong&gt;In progress&lt;/strong&gt; - text&lt;/p&gt;</description><link>https://a.test/incidents/abc</link>\
     </item></channel></rss>"),
    ("rules", "<feed><title type=\"xhtml\"><div><b>A</b></div></title><a:b xmlns:a=\"c\"><a:d/></a:b><entry><title>B</title><content type=\"xhtml\">\
     <div>x<br/></div></content><category term=\"web\"/><published>2026-02-05T05:10:57Z</published></entry></feed>"),
    ("azure", "<rss><channel><title>Azure Status</title><link>https://status.azure.com/en-us/status/</link><item><guid
     isPermaLink=\"false\">slug</guid><category>Virtual WAN</category><category>West US</category><category>Public \
     Non-Regional</category><title>A – é - Mitigated </title><description>&lt;p&gt;x&lt;/p&gt;</description><pubDate>Thu, 23 \
     Jul 2026 16:29:09 Z</pubDate></item></channel></rss>"),
    ("instatus", "<rss><channel><title>A Status - Incident history</title><description>A</description><item><title>é</title>\
     <description>Type: Maintenance Affected Components: B (c, d), E Sep 4, 12:00:00 GMT+5:30 - Identified - é. Sep 4, \
     13:00:00 GMT-1 - In progress - x </description><link>https://a.test/maintenance/cmuh4</link><pubDate>Fri, 4 Sep 2026 \
     12:00:00 +0000</pubDate></item></channel></rss>"),
    ("statusio", "<rss><channel><title><![CDATA[A Status Page]]></title><item><title>x</title><description><![CDATA[<small>June 4, \
     2026 05:15 PDT</small><br /><b>Scheduled</b> - é<br /><small>June 4, 2026 06:43 PDT</small><br /><b>Active</b> - y]]>\
     </description><link>https://status.io/pages/maintenance/533c6539221ae15e3f000031/6a0ec04beac9dc05ffa1f136</link>\
     <pubDate>Thu, 28 May 2026 16:00:05 GMT</pubDate></item></channel></rss>"),
    ("slack", "<feed><title>Slack System Status</title><entry><id>https://slack-status.com/2026-01/6f029c99f2b77bcd</id>\
     <published>2026-01-30T07:52:19-08:00</published><updated>2026-02-02T09:53:54-08:00</updated><title>Incident: é: x</title>\
     <content type=\"html\">&lt;p&gt;&lt;small&gt;3:23pm PST&lt;/small&gt; é&lt;/p&gt;&lt;p&gt;&lt;small&gt;9:34am PST\
     &lt;/small&gt; We’ve resolved the issue.&lt;/p&gt;</content></entry></feed>"),
    ("meta", "<rss xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel><title>Graph API Status</title><atom:link \
     href=\"https://metastatus.com/outage-events-feed-graph-api.rss\"/><item><title>é [High disruptions] - x</title><guid>1\
     </guid><description>&lt;b&gt;Status:&lt;/b&gt; é&lt;br&gt;</description><category>Outage</category><pubDate>Tue, 04 Aug \
     2026 12:00:00 -0700</pubDate></item></channel></rss>"),
    ("xai", "<rss><channel><title>xAI System Status</title><link>https://status.x.ai</link><item><title>[API (us-1.api.x.ai)] é\
     </title><link>https://status.x.ai/api/INC1</link><guid>INC1</guid><description><![CDATA[<h3>Status: RESOLVED</h3>\
     <p>Severity: available</p><hr /><div><p><strong>Tue, 07 Jul 2026 16:37:02 GMT</strong></p><h3>Resolved</h3><p>é</p>\
     </div>]]></description><category>available</category><category>resolved</category></item></channel></rss>"),
];

/// What feeds are most easily broken with.
const SHARDS: [&str; 16] = [
    "<",
    ">",
    "</",
    "/>",
    "&",
    "&lt;",
    "&#x10FFFF;",
    "]]>",
    "<![CDATA[",
    "<!--",
    "<?x?>",
    "\"",
    "(",
    "é",
    "\u{0}",
    "-1",
];

fn broken() -> impl Strategy<Value = Vec<u8>> {
    let shard = prop_oneof![
        prop::sample::select(SHARDS.as_slice()).prop_map(|shard| shard.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    let cuts = prop::collection::vec((any::<prop::sample::Index>(), 0_usize..30, shard), 0..6);
    (prop::sample::select(SAMPLES.as_slice()), cuts).prop_map(|((_, sample), cuts)| {
        let mut bytes = sample.as_bytes().to_vec();
        for (place, length, shard) in cuts {
            let start = place.index(bytes.len() + 1);
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, shard);
        }
        bytes
    })
}

/// Every rss format by its name, with rules that capture as much as they can.
#[expect(clippy::unwrap_used, reason = "test data")]
static ALL: LazyLock<Vec<(&str, Arc<dyn Format>)>> = LazyLock::new(|| {
    let rules = "service = { from = 'title', pattern = '(?<service>\\S+)' }\n\
                 region = { from = 'body', pattern = '(?<region>\\w+)' }\n\
                 group_by = { from = 'link', pattern = '(?<group>.)' }\n\
                 state = [{ from = 'html', pattern = '<\\w+>(?<word>\\w+)' }]";
    let mapping = Mapping { rules: Some(toml::from_str(rules).unwrap()), ..Mapping::default() };
    formats(Kind::Rss).iter().map(|row| (row.name, row.build(&mapping).unwrap())).collect()
});

#[test]
fn the_samples_are_whole() {
    for (name, sample) in SAMPLES {
        let (_, format) = ALL.iter().find(|(format, _)| *format == name).unwrap();
        let report = format.parse(&Document::new(sample.as_bytes())).unwrap();
        assert_eq!(report.incidents.len(), 1, "{sample}");
    }
    assert!(ALL.iter().all(|(name, _)| SAMPLES.iter().any(|(of, _)| of == name)), "a format without a sample");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn no_format_panics_and_the_same_bytes_give_the_same_report(bytes in broken()) {
        for (_, format) in ALL.iter() {
            prop_assert_eq!(format.parse(&Document::new(&bytes)), format.parse(&Document::new(&bytes)));
        }
    }
}
