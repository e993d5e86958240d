//! `events`: what changed, newest first.

#![expect(clippy::too_many_arguments, reason = "a resolver takes the arguments of its field")]

use async_graphql::connection::Connection;
use async_graphql::types::Json;
use async_graphql::{Context, Description, Object};
use unistatus_core::schema::{self, Dimensions};
use unistatus_core::store::EventQuery;

use super::asker::Asker;
use super::scalars::DateTime;
use super::words::Status;
use super::{arguments, cost, page};
use crate::error::ApiError;
use crate::query::{EventCursor, find_events, in_order};

#[derive(Default)]
pub(super) struct EventQuestions;

#[Object]
impl EventQuestions {
    /// Changes of status, newest first: of these targets, of services that have this name or key, to any of these
    /// statuses, in a span of time (`from` is its first instant, `to` the first one after it).
    #[graphql(complexity = "cost::page(limit, child_complexity)")]
    async fn events(
        &self,
        context: &Context<'_>,
        target: Option<Vec<String>>,
        service: Option<String>,
        status: Option<Vec<Status>>,
        from: Option<DateTime>,
        to: Option<DateTime>,
        #[graphql(default = 100, desc = "1 to 1000.")] limit: u32,
        #[graphql(desc = "The cursor of the last element of the page before.")] after: Option<String>,
    ) -> Option<Result<Connection<String, Event>, ApiError>> {
        let query = || {
            Ok(EventQuery {
                targets: arguments::texts("target", target)?,
                service,
                to: arguments::all("status", status)?,
                from: DateTime::instant(from),
                until: DateTime::instant(to),
                behind: page::cursor(after.as_deref(), EventCursor::id)?,
                limit: Some(page::limit(limit)?),
            })
        };
        Some(match query() {
            Ok(query) => find(context, query, limit).await,
            Err(error) => Err(error),
        })
    }
}

async fn find(context: &Context<'_>, query: EventQuery, limit: u32) -> Result<Connection<String, Event>, ApiError> {
    in_order(query.from, query.until)?;
    let is_first = query.behind.is_none();
    // One more tells whether there are more.
    let query = EventQuery { limit: Some(limit.saturating_add(1)), ..query };
    let asker = Asker::of(context)?;
    let events = find_events(asker.archive()?, query).await?;
    asker.spend(events.len())?;
    Ok(page::connection(events, limit, is_first, EventCursor::of, Event))
}

/// A change of one service's status.
#[derive(Description)]
pub(super) struct Event(schema::Event);

#[Object(use_type_description)]
impl Event {
    /// The target's name.
    async fn target(&self) -> &str {
        &self.0.target
    }

    /// The service's name at that moment.
    async fn service(&self) -> &str {
        &self.0.service
    }

    /// What tells the service from the others of its target.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// The status before; null at first sight.
    async fn from(&self) -> Option<Status> {
        self.0.from.map(Into::into)
    }

    /// The status after; null if the service was removed.
    async fn to(&self) -> Option<Status> {
        self.0.to.map(Into::into)
    }

    /// When we saw it.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// When the source says the change happened, where it says so.
    async fn source_at(&self) -> Option<DateTime> {
        self.0.source_at.map(DateTime)
    }

    /// The service's dimensions after the change (before it, for a removal).
    async fn dimensions(&self) -> Json<&Dimensions> {
        Json(&self.0.dimensions)
    }
}
