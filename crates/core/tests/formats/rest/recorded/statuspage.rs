//! Statuspage and incident.io: the page first, then components without groups and decoys.

use unistatus_core::schema::Status::{Degraded, Ok, Outage};
use unistatus_core::target::Coverage;

use super::Page::Maintained;
use super::{Shown, is, shown};

const fn statuspage(file: &'static str) -> Shown {
    shown("statuspage", file, Coverage::Complete)
}

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    statuspage("anthropic/components-2026-09-03.json")
        .counts([6, 0, 0, 0]).spot("rwppv331jlwc", "claude.ai", Ok, "2026-09-03T16:23:11.970Z"),
    statuspage("anthropic/summary-all-operational-2026-07-30.json")
        .page(is(Ok), "Claude", "2026-07-30T17:19:05.837Z")
        .counts([6, 0, 0, 0]).spot("rwppv331jlwc", "claude.ai", Ok, "2026-07-30T14:24:12.078Z"),
    statuspage("atlassian-developer/summary-mixed-groups-2022-09-16.json")
        .page(is(Degraded), "Atlassian Developer", "2022-09-16T04:23:29.415Z")
        .counts([34, 0, 7, 0]).maintained(5).grouped(40).named(2).open(2, 1).told(3)
        .spot("mlr76v811c20", "App listing management", Degraded, "2022-09-16T03:58:43.393Z"),
    statuspage("atlassian-statuspage/summary-maintenance-with-critical-monitoring-2026-03-07.json")
        .page(Maintained, "Atlassian Statuspage", "2026-03-07T04:59:33.709Z")
        .counts([26, 0, 14, 0]).maintained(14).grouped(39).named(4).open(1, 1).told(2)
        .spot("0y0vb583m5g9", "Admin User+Pass", Degraded, "2026-03-07T04:59:33.380Z"),
    statuspage("atlassian/status-maintenance-2021-12-18.json")
        .page(Maintained, "Atlassian", "2021-12-18T17:23:48.844Z"),
    statuspage("bitbucket/summary-all-operational-2026-08.json")
        .page(is(Ok), "Atlassian Bitbucket", "2026-08-17T05:48:49.919Z")
        .counts([13, 0, 0, 0]).spot("g0lfj4sv2fhf", "Website", Ok, "2026-06-13T19:00:07.200Z"),
    statuspage("bitbucket/summary-critical-all-major-2025-06-13.json")
        .page(is(Outage), "Atlassian Bitbucket", "2025-06-13T13:14:45.916Z")
        .counts([0, 0, 0, 12]).named(12).open(1, 0).told(1)
        .spot("g0lfj4sv2fhf", "Website", Outage, "2025-06-13T13:14:44.446Z"),
    statuspage("bitbucket/summary-maintenance-2026-06-13.json")
        .page(Maintained, "Atlassian Bitbucket", "2026-06-13T17:13:58.901Z")
        .counts([8, 0, 5, 0]).maintained(5).open(0, 1).told(1)
        .spot("g0lfj4sv2fhf", "Website", Degraded, "2026-06-13T17:00:08.124Z"),
    statuspage("bitbucket/summary-none-with-incident-impact-none-2026-07-31.json")
        .page(is(Ok), "Atlassian Bitbucket", "2026-07-31T14:54:02.310Z")
        .counts([13, 0, 0, 0]).named(13).open(1, 0).told(1)
        .spot("g0lfj4sv2fhf", "Website", Ok, "2026-06-13T19:00:07.200Z"),
    statuspage("cloudflare/status-minor-2026-08.json")
        .page(is(Degraded), "Cloudflare", "2026-08-22T21:22:41.550Z"),
    statuspage("cloudflare/summary-major-five-down-2025-09-30.json")
        .page(is(Outage), "Cloudflare", "2025-09-30T21:31:12.709Z")
        .counts([395, 0, 58, 4]).maintained(24).grouped(457).named(5).open(2, 1).told(3)
        .spot("z4wlt5jx9szq", "Realtime SFU", Outage, "2025-09-30T19:50:20.248Z"),
    statuspage("cloudflare/summary-minor-470-rows-2026-07-30.json")
        .page(is(Degraded), "Cloudflare", "2026-07-30T17:20:34.073Z")
        .counts([416, 0, 46, 0]).maintained(20).grouped(462).open(0, 11).told(11)
        .spot("2htqrtyxmmtr", "Arica, Chile - (ARI)", Degraded, "2026-02-27T23:03:00.590Z"),
    statuspage("confluence/summary-five-degraded-no-incident-2024-01-19.json")
        .page(is(Degraded), "Confluence", "2024-01-19T03:10:49.825Z")
        .counts([9, 0, 5, 0]).grouped(2).spot("bl9mxbb582vk", "View Content", Degraded, "2024-01-19T01:51:20.477Z"),
    statuspage("confluence/summary-none-critical-monitoring-2026-07-06.json")
        .page(is(Ok), "Confluence", "2026-07-06T10:20:35.789Z")
        .counts([15, 0, 0, 0]).grouped(2).named(15).open(1, 0).told(1)
        .spot("bl9mxbb582vk", "View Content", Ok, "2026-06-16T14:53:40.132Z"),
    statuspage("digitalocean/summary-all-operational-groups-2026-08.json")
        .page(is(Ok), "DigitalOcean", "2026-08-21T17:01:41.447Z")
        .counts([239, 0, 0, 0]).grouped(228).spot("p1x9rv4137gx", "API", Ok, "2026-05-08T19:59:48.833Z"),
    statuspage("digitalocean/summary-four-degraded-no-incident-2024-09-19.json")
        .page(is(Degraded), "DigitalOcean", "2024-09-19T22:48:39.976Z")
        .counts([176, 0, 3, 0]).grouped(170).spot("56cjsvgf3vk4", "London", Degraded, "2024-09-19T21:24:18.965Z"),
    statuspage("digitalocean/summary-maintenance-2024-05-23.json")
        .page(Maintained, "DigitalOcean", "2024-05-23T23:00:03.464Z")
        .counts([172, 0, 1, 0]).maintained(1).grouped(164).open(0, 3).told(3)
        .spot("r2cw20w0r9zx", "NYC2", Degraded, "2024-05-23T22:00:02.129Z"),
    statuspage("digitalocean/summary-major-two-down-2026-08-19.json")
        .page(is(Outage), "DigitalOcean", "2026-08-19T18:59:03.094Z")
        .counts([238, 0, 0, 1]).grouped(228).named(2).open(1, 0).told(1)
        .spot("dzzkx9qrqr9v", "MKC1", Outage, "2026-08-19T15:28:37.184Z"),
    statuspage("discord/summary-api-outage-2026-08-04.json")
        .page(is(Outage), "Discord", "2026-08-04T19:59:24.842Z")
        .counts([29, 0, 0, 1]).grouped(22).named(1).open(1, 0).told(1)
        .spot("rhznvxg4v7yh", "API", Outage, "2026-08-04T18:49:50.848Z"),
    statuspage("github/status-maintenance-2025-05-31.json")
        .page(Maintained, "GitHub", "2025-05-31T02:41:33.306Z"),
    statuspage("github/status-major-2024-02-26.json").page(is(Outage), "GitHub", "2024-02-26T18:48:28.571Z"),
    statuspage("github/status-none-2026-08.json").page(is(Ok), "GitHub", "2026-08-22T22:15:57.599Z"),
    statuspage("github/summary-all-operational-2026-08.json").page(is(Ok), "GitHub", "2026-08-22T22:15:57.599Z")
        .counts([11, 0, 0, 0]).spot("8l4ygp009s5s", "Git Operations", Ok, "2026-08-17T18:23:47.907Z"),
    statuspage("github/summary-maintenance-three-in-progress-2022-03-28.json")
        .page(Maintained, "GitHub", "2022-03-28T12:01:33.317Z")
        .counts([8, 0, 1, 0]).maintained(1).open(0, 3).told(3)
        .spot("br0l2tvcx85d", "GitHub Actions", Degraded, "2022-03-28T12:01:32.390Z"),
    statuspage("github/summary-major-critical-incident-2026-08-17.json")
        .page(is(Outage), "GitHub", "2026-08-17T15:42:25.352Z")
        .counts([3, 0, 3, 5]).named(8).open(1, 0).told(1)
        .spot("brv1bkgrwx7q", "API Requests", Outage, "2026-08-17T15:01:40.056Z"),
    statuspage("github/summary-minor-three-incidents-2026-02-09.json")
        .page(is(Degraded), "GitHub", "2026-02-09T17:08:38.299Z")
        .counts([3, 0, 7, 0]).named(7).open(3, 0).told(3)
        .spot("8l4ygp009s5s", "Git Operations", Degraded, "2026-02-09T16:40:16.049Z"),
    statuspage("github/summary-minor-without-incident-2023-08-30.json")
        .page(is(Degraded), "GitHub", "2023-08-30T21:04:08.622Z")
        .counts([9, 0, 1, 0]).spot("4230lsnqdsld", "Webhooks", Degraded, "2023-08-30T16:45:42.822Z"),
    statuspage("github/summary-none-but-critical-incident-2026-08-20.json")
        .page(is(Outage), "GitHub", "2026-08-20T23:39:04.895Z")
        .counts([11, 0, 0, 0]).open(1, 0).told(1)
        .spot("8l4ygp009s5s", "Git Operations", Ok, "2026-08-17T18:23:47.907Z"),
    statuspage("jira-software/summary-all-under-maintenance-2024-05-23.json")
        .page(Maintained, "Jira", "2024-05-23T15:37:31.649Z")
        .counts([0, 0, 11, 0]).maintained(11).open(0, 1).told(1)
        .spot("jmgfbtr0k28j", "Viewing content", Degraded, "2024-05-11T00:00:02.590Z"),
    statuspage("jira-software/summary-critical-regional-2026-02-05.json")
        .page(is(Outage), "Jira", "2026-02-05T15:39:26.737Z")
        .counts([0, 0, 0, 11]).named(11).open(1, 0).told(1)
        .spot("jmgfbtr0k28j", "Viewing content", Outage, "2026-02-05T14:13:19.037Z"),
    statuspage("openai/summary-incidentio-operational-2026-07.json")
        .page(is(Ok), "OpenAI", "2026-07-09T19:25:56.000Z")
        .counts([25, 0, 0, 0]).spot("01JMXBRMFE4MAP2BHSJNZ787WX", "Images", Ok, "2026-07-09T19:25:56.000Z"),
    statuspage("opsgenie/summary-maintenance-groups-2024-04-20.json")
        .page(Maintained, "Opsgenie", "2024-04-20T06:29:34.995Z")
        .counts([44, 0, 1, 0]).maintained(1).grouped(44).open(0, 1).told(1)
        .spot("p88rmktvpp6p", "Reporting & Analytics", Degraded, "2024-04-20T03:30:02.252Z"),
    statuspage("oracle-cloud/summary-major-multi-region-2021-12-03.json")
        .page(is(Outage), "OCI", "2021-12-03T23:38:49.901Z")
        .counts([63, 0, 2, 1]).grouped(66).named(3).open(1, 0).told(1)
        .spot("xlmft0xb23bn", "Australia Southeast (Melbourne)", Outage, "2021-12-03T22:38:52.988Z"),
    statuspage("outsystems/summary-regional-outage-2026-08-03.json")
        .page(is(Outage), "OutSystems", "2026-08-03T11:49:14.924Z")
        .counts([73, 0, 1, 3]).grouped(77).named(1).open(1, 0).told(1)
        .spot("jgt9wjrq806z", "Middle East / UAE", Outage, "2026-07-07T09:10:17.661Z"),
    statuspage("stripe/summary-two-scheduled-2026-10-02.json").page(is(Ok), "Stripe", "2026-10-02T19:24:41.776Z")
        .counts([6, 0, 0, 0]).open(0, 2).told(2).spot("2p0n66vlgnn2", "Stripe API", Ok, "2026-10-01T03:02:57.042Z"),
    statuspage("trello/summary-all-operational-2026-08.json").page(is(Ok), "Trello", "2026-08-22T20:44:05.078Z")
        .counts([5, 0, 0, 0]).spot("hsr3nvlz0k2l", "Trello.com", Ok, "2026-05-26T21:12:25.633Z"),
    statuspage("trello/summary-four-different-statuses-2022-07-05.json")
        .page(is(Outage), "Trello", "2022-07-05T20:08:36.099Z")
        .counts([2, 0, 2, 1]).named(1).open(1, 0).told(1)
        .spot("3zgtmwsprtcs", "Atlassian Support Ticketing", Outage, "2022-07-05T20:08:35.220Z"),
    statuspage("twilio/summary-scattered-degraded-2026-08-12.json")
        .page(is(Degraded), "Twilio", "2026-08-12T13:48:03.001Z")
        .counts([164, 0, 7, 0]).maintained(1).grouped(156).named(2).open(2, 47).told(49)
        .spot("h0fl7prwfhvm", "MMS Short Code, North America", Degraded, "2026-08-10T23:50:21.315Z"),
    statuspage("us-gov/cloud-gov-summary-operational-2026-08-14.json")
        .page(is(Ok), "cloud.gov", "2026-08-13T15:34:19.369Z")
        .counts([36, 0, 0, 0]).grouped(34).spot("r9p0441gfmwz", "Dashboard", Ok, "2025-06-04T12:33:31.316Z"),
    statuspage("us-gov/login-gov-summary-operational-2026-08-14.json")
        .page(is(Ok), "Login.gov", "2026-08-14T19:04:06.308Z")
        .counts([4, 0, 0, 0]).grouped(2)
        .spot("bmn8mx4zxn1c", "Customer Support Online Form", Ok, "2024-11-02T19:00:02.103Z"),
    statuspage("zoom/summary-operational-316-rows-2026-07-30.json")
        .page(is(Ok), "Zoom", "2026-07-30T17:20:37.930Z")
        .counts([283, 0, 0, 0]).grouped(264).open(0, 13).told(13)
        .spot("3z7b6jks10hm", "Zoom Meetings", Ok, "2026-07-21T10:00:07.506Z"),
];
