//! `incidents`: what the sources say went wrong or is planned, newest first.

#![expect(clippy::too_many_arguments, reason = "a resolver takes the arguments of its field")]
#![expect(clippy::unused_async, reason = "a resolver is async")]

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Description, Object};
use unistatus_core::schema;
use unistatus_core::store::{IncidentQuery, TargetIncident};

use super::asker::Asker;
use super::scalars::DateTime;
use super::words::{IncidentKind, IncidentState, Openness, Status};
use super::{arguments, cost, page};
use crate::error::ApiError;
use crate::query::{IncidentCursor, find_incidents, in_order, name_of};
use crate::records::service_names;
use crate::snapshot::Snapshot;

#[derive(Default)]
pub(super) struct IncidentQuestions;

#[Object]
impl IncidentQuestions {
    /// Incidents and maintenances, newest start first: of these targets, of a kind, going on (or ahead) or over, and in
    /// a span of time, which those touch that are not over before `from` and have begun before `to`.
    #[graphql(complexity = "cost::page(limit, child_complexity)")]
    async fn incidents(
        &self,
        context: &Context<'_>,
        target: Option<Vec<String>>,
        kind: Option<IncidentKind>,
        state: Option<Openness>,
        from: Option<DateTime>,
        to: Option<DateTime>,
        #[graphql(default = 100, desc = "1 to 1000.")] limit: u32,
        #[graphql(desc = "The cursor of the last element of the page before.")] after: Option<String>,
    ) -> Option<Result<Connection<String, Incident>, ApiError>> {
        let query = || {
            Ok(IncidentQuery {
                targets: arguments::texts("target", target)?,
                kind: kind.map(Into::into),
                open: state.map(|state| state == Openness::Open),
                from: DateTime::instant(from),
                until: DateTime::instant(to),
                behind: page::cursor(after.as_deref(), IncidentCursor::id)?,
                limit: Some(page::limit(limit)?),
            })
        };
        Some(match query() {
            Ok(query) => find(context, query, limit).await,
            Err(error) => Err(error),
        })
    }
}

async fn find(
    context: &Context<'_>,
    query: IncidentQuery,
    limit: u32,
) -> Result<Connection<String, Incident>, ApiError> {
    in_order(query.from, query.until)?;
    let asker = Asker::of(context)?;
    let is_first = query.behind.is_none();
    // One more tells whether there are more.
    let query = IncidentQuery { limit: Some(limit.saturating_add(1)), ..query };
    let found = find_incidents(asker.archive()?, query).await?;
    asker.spend(found.len())?;
    let snapshot = asker.snapshot();
    let node = |found| Incident { found, snapshot: Arc::clone(snapshot) };
    Ok(page::connection(found, limit, is_first, IncidentCursor::of, node))
}

/// An incident or a maintenance that a source tells of.
#[derive(Description)]
pub(super) struct Incident {
    found: TargetIncident,
    /// Knows the names of services.
    snapshot: Arc<Snapshot>,
}

#[Object(use_type_description)]
impl Incident {
    /// The target that tells of it.
    async fn target(&self) -> &str {
        &self.found.target
    }

    /// The source's id of it, unique inside the target.
    async fn key(&self) -> &str {
        &self.found.incident.key
    }

    /// Unplanned or planned.
    async fn kind(&self) -> IncidentKind {
        self.found.incident.kind.into()
    }

    /// Its headline.
    async fn title(&self) -> &str {
        &self.found.incident.title
    }

    /// How far it has come.
    async fn state(&self) -> IncidentState {
        self.found.incident.state.into()
    }

    /// How bad it is; null where the source does not say.
    async fn impact(&self) -> Option<Status> {
        self.found.incident.impact.map(Into::into)
    }

    /// When it began, or is planned to begin.
    async fn started_at(&self) -> Option<DateTime> {
        self.found.incident.started_at.map(DateTime)
    }

    /// When the source last updated it.
    async fn updated_at(&self) -> Option<DateTime> {
        self.found.incident.updated_at.map(DateTime)
    }

    /// When it ended.
    async fn resolved_at(&self) -> Option<DateTime> {
        self.found.incident.resolved_at.map(DateTime)
    }

    /// The source's page about it.
    async fn url(&self) -> Option<&str> {
        self.found.incident.url.as_deref()
    }

    /// The names of the services it concerns.
    async fn services(&self, context: &Context<'_>) -> Result<Vec<&str>, ApiError> {
        let TargetIncident { target, incident } = &self.found;
        let names = service_names(incident, name_of(&self.snapshot, target));
        Asker::of(context)?.spend(names.len())?;
        Ok(names)
    }

    /// What was said about it, newest first.
    #[graphql(complexity = "cost::updates(child_complexity)")]
    async fn updates(&self, context: &Context<'_>) -> Result<Vec<IncidentUpdate<'_>>, ApiError> {
        let updates = &self.found.incident.updates;
        Asker::of(context)?.spend(updates.len())?;
        Ok(updates.iter().map(IncidentUpdate).collect())
    }
}

/// What was said about an incident.
#[derive(Description)]
pub(super) struct IncidentUpdate<'a>(&'a schema::IncidentUpdate);

#[Object(use_type_description)]
impl IncidentUpdate<'_> {
    /// When.
    async fn at(&self) -> Option<DateTime> {
        self.0.at.map(DateTime)
    }

    /// How far it had come.
    async fn state(&self) -> Option<IncidentState> {
        self.0.state.map(Into::into)
    }

    /// Plain text.
    async fn text(&self) -> &str {
        &self.0.text
    }
}
