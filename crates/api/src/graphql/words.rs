//! The words of the closed sets, the same as everywhere in the API.

use async_graphql::Enum;
use unistatus_core::{history, schema};

/// How a service is; in this order, for "worst of".
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[graphql(remote = "schema::Status")]
pub(super) enum Status {
    /// It works.
    #[graphql(name = "OK")]
    Ok,
    /// Nobody can say.
    #[graphql(name = "Unknown")]
    Unknown,
    /// It works in part, or planned work is done on it.
    #[graphql(name = "Degraded")]
    Degraded,
    /// It does not work.
    #[graphql(name = "Outage")]
    Outage,
}

/// How a target is asked.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[graphql(remote = "schema::Kind")]
pub(super) enum Kind {
    /// For a document made for programs.
    Rest,
    /// For a page made for people.
    Html,
    /// For a feed.
    Rss,
    /// By an ICMP echo.
    Ping,
    /// By a TCP connection.
    Tcp,
    /// By an HTTP request.
    Http,
}

/// Whether it was planned.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[graphql(remote = "schema::IncidentKind", rename_items = "camelCase")]
pub(super) enum IncidentKind {
    /// It was not.
    Incident,
    /// It was.
    Maintenance,
}

/// How far an incident or a maintenance has come.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[graphql(remote = "schema::IncidentState", rename_items = "camelCase")]
pub(super) enum IncidentState {
    /// The cause is looked for.
    Investigating,
    /// The cause is known.
    Identified,
    /// It is believed to be over.
    Monitoring,
    /// It is over.
    Resolved,
    /// It is planned.
    Scheduled,
    /// It is being done.
    InProgress,
    /// It is done.
    Completed,
}

/// Whether it is still going on or lies ahead.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[graphql(rename_items = "camelCase")]
pub(super) enum Openness {
    /// It is, or does.
    Open,
    /// It is over.
    Closed,
}

/// How long the buckets of a window are.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[graphql(remote = "history::Granularity", rename_items = "camelCase")]
pub(super) enum Granularity {
    /// An hour.
    Hour,
    /// A day of the time zone.
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    Month,
}

/// What a time counts as.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[graphql(remote = "history::Counted", rename_items = "camelCase")]
pub(super) enum Counted {
    /// As time in which the service was up.
    Up,
    /// As time in which it was down.
    Down,
    /// As if it had not been.
    Excluded,
}
