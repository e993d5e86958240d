//! JSON APIs.

mod apple;
mod aws;
mod azure;
pub(super) mod azure_devops;
mod betterstack;
mod cachet;
mod concur;
mod google_incidents;
mod heroku;
mod ibm;
mod incident;
mod incident_io;
mod instatus;
pub(super) mod jq;
mod json;
mod merge;
mod meta;
mod microsoft_status;
mod msgraph;
mod pages;
mod rollbar;
mod salesforce;
mod slack;
mod sorry;
mod statusio;
mod statuspage;
#[cfg(test)]
mod testing;
mod uptime_kuma;
mod zscaler;

use super::polled::Polled;
use super::{FormatRow, Parser, Parted, Transport};

/// A JSON API and the format that reads it.
pub type RestTarget = Polled<Rest>;

/// JSON APIs.
#[derive(Debug)]
pub struct Rest;

impl Transport for Rest {
    const ACCEPT: &'static str = "application/json, */*;q=0.5";

    /// A new format is a file beside this one and a row here. The most common family comes first, own mappings last.
    const FORMATS: &'static [FormatRow] = &[
        FormatRow {
            name: "statuspage",
            about: "Atlassian Statuspage and incident.io: summary.json, status.json or components.json",
            parser: Parser::Builtin(statuspage::parse),
        },
        FormatRow {
            name: "incident-io",
            about: "incident.io: /proxy/<host>, the widget's /api/v1/summary, or /api/v2/summary.json and its like",
            parser: Parser::Builtin(incident_io::parse),
        },
        FormatRow {
            name: "apple",
            about: "Apple's system status, plain or as the script that it used to be",
            parser: Parser::Timed(apple::parse),
        },
        FormatRow {
            name: "aws",
            about: "AWS Health Dashboard: currentevents, or the data.json before it",
            parser: Parser::Builtin(aws::parse),
        },
        FormatRow {
            name: "azure",
            about: "Azure Resource Health: availability statuses, or Service Health events",
            parser: Parser::Parted(azure::PARTED),
        },
        FormatRow {
            name: "azure-devops",
            about: "Azure DevOps: the health of each service in each geography",
            parser: Parser::Builtin(azure_devops::parse),
        },
        FormatRow { name: "betterstack", about: "Better Stack: index.json", parser: Parser::Timed(betterstack::parse) },
        FormatRow {
            name: "cachet",
            about: "Cachet: /api/v1/components (Cachet 3: /api/components), all pages, with groups, status and incidents",
            parser: Parser::Parted(Parted { next: cachet::next, parse: cachet::parse }),
        },
        FormatRow {
            name: "concur",
            about: "SAP Concur: status_history of a data centre, incidents, or banner",
            parser: Parser::Timed(concur::parse),
        },
        FormatRow {
            name: "google-incidents",
            about: "Google Cloud and Google Workspace: incidents.json",
            parser: Parser::Builtin(google_incidents::parse),
        },
        FormatRow {
            name: "heroku",
            about: "Heroku: current-status, the colour of each system",
            parser: Parser::Builtin(heroku::parse),
        },
        FormatRow { name: "ibm", about: "IBM Cloud: getEnhancedStatus", parser: Parser::Timed(ibm::parse) },
        FormatRow {
            name: "instatus",
            about: "Instatus: summary.json and components.json, either leading to the other",
            parser: Parser::Parted(Parted { next: instatus::next, parse: instatus::parse }),
        },
        FormatRow {
            name: "meta",
            about: "Meta's products for businesses and developers: orgs.json",
            parser: Parser::Builtin(meta::parse),
        },
        FormatRow {
            name: "microsoft-status",
            about: "status.cloud.microsoft: the posts of Azure, Microsoft 365 and their admin centers",
            parser: Parser::Parted(microsoft_status::PARTED),
        },
        FormatRow {
            name: "msgraph",
            about: "Microsoft Graph: health overviews or issues of a tenant's services",
            parser: Parser::Parted(msgraph::PARTED),
        },
        FormatRow {
            name: "rollbar",
            about: "Rollbar: /api/1/items/, the items of a project; best with ?status=active",
            parser: Parser::Parted(rollbar::PARTED),
        },
        FormatRow {
            name: "salesforce",
            about: "Salesforce Trust: a product, the list of instances, or one instance",
            parser: Parser::Timed(salesforce::parse),
        },
        FormatRow { name: "slack", about: "Slack: current status or history", parser: Parser::Builtin(slack::parse) },
        FormatRow {
            name: "sorry",
            about: "Sorry: api/v1/status, which leads to components and notices",
            parser: Parser::Parted(Parted { next: sorry::next, parse: sorry::parse }),
        },
        FormatRow {
            name: "statusio",
            about: "status.io: each component in each of its containers",
            parser: Parser::Builtin(statusio::parse),
        },
        FormatRow {
            name: "uptime-kuma",
            about: "Uptime Kuma: /api/status-page/<slug> and /api/status-page/heartbeat/<slug>, from either",
            parser: Parser::Parted(Parted { next: uptime_kuma::next, parse: uptime_kuma::parse }),
        },
        FormatRow {
            name: "zscaler",
            about: "Zscaler Trust: cloud-status, the services of one cloud",
            parser: Parser::Builtin(zscaler::parse),
        },
        FormatRow {
            name: "jq",
            about: "any JSON document, by a jq filter of your own",
            parser: Parser::Mapped(jq::compile),
        },
    ];
}
