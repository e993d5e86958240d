//! `status`, `targets` and `target`: what is asked, how it is, and how the asking goes.

#![expect(clippy::too_many_arguments, reason = "a resolver takes the arguments of its field")]
#![expect(clippy::unused_async, reason = "a resolver is async")]

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::types::Json;
use async_graphql::{Context, Description, Object, SimpleObject};
use unistatus_core::schema::Dimensions;

use super::arguments::DimensionFilter;
use super::asker::Asker;
use super::scalars::DateTime;
use super::words::{Kind, Status};
use super::{arguments, cost, page};
use crate::contract::{self, Served};
use crate::error::ApiError;
use crate::query::{apart, cut};
use crate::select::{RowSelection, Selection, TargetSelection};
use crate::snapshot::TargetView;

#[derive(Default)]
pub(super) struct TargetQuestions;

#[Object]
impl TargetQuestions {
    /// The targets with their services, ordered by name: now, or as they were known at an instant. Several values of
    /// one argument mean any of them, several arguments mean all of them. A target of which no service passes is left
    /// out.
    #[graphql(complexity = "cost::targets(limit, child_complexity)")]
    async fn status(
        &self,
        context: &Context<'_>,
        r#type: Option<Vec<Kind>>,
        target: Option<Vec<String>>,
        category: Option<Vec<String>>,
        #[graphql(desc = "Services of these statuses.")] status: Option<Vec<Status>>,
        #[graphql(desc = "Services that have all of these dimensions.")] dimension: Option<Vec<DimensionFilter>>,
        #[graphql(desc = "What a target is called has this text, or else the name of a service, for that one.")]
        q: Option<String>,
        at: Option<DateTime>,
        #[graphql(desc = "1 to 1000; all where it is not given.")] limit: Option<u32>,
        #[graphql(desc = "The name of the last target of the page before.")] after: Option<String>,
    ) -> Result<Vec<Target>, ApiError> {
        let asker = Asker::of(context)?;
        let snapshot = asker.known_at(DateTime::instant(at), None).await?;
        let page = page::behind(limit, after)?;
        let selection = Arc::new(Selection {
            targets: arguments::targets(r#type, target, category, &[&snapshot, asker.snapshot()])?,
            services: arguments::services(status, dimension)?,
            q: arguments::needle(q),
        });
        let is_present = at.is_none();
        let targets: Vec<Target> = apart(move || {
            let selected = selection.targets(&snapshot, page.behind.as_deref());
            let (selected, _) = cut(page.one_more(selected), page.limit);
            let target = |view| Target { view, selection: Arc::clone(&selection), is_present };
            selected.into_iter().map(|selected| target(Arc::clone(selected.target))).collect()
        })
        .await?;
        asker.spend(targets.len())?;
        Ok(targets)
    }

    /// The targets and how their collection goes, ordered by name.
    #[graphql(complexity = "cost::targets(limit, child_complexity)")]
    async fn targets(
        &self,
        context: &Context<'_>,
        r#type: Option<Vec<Kind>>,
        target: Option<Vec<String>>,
        category: Option<Vec<String>>,
        #[graphql(desc = "Whether their last ask failed.")] failing: Option<bool>,
        #[graphql(desc = "Whether they are not believed any more.")] stale: Option<bool>,
        #[graphql(desc = "What they are called has this text.")] q: Option<String>,
        #[graphql(desc = "1 to 1000; all where it is not given.")] limit: Option<u32>,
        #[graphql(desc = "The name of the last target of the page before.")] after: Option<String>,
    ) -> Result<Vec<Target>, ApiError> {
        let asker = Asker::of(context)?;
        let snapshot = asker.snapshot();
        let page = page::behind(limit, after)?;
        let selection = TargetSelection {
            targets: arguments::targets(r#type, target, category, &[snapshot])?,
            q: arguments::needle(q),
            failing,
            stale,
        };
        let (targets, _) = cut(page.one_more(selection.targets(snapshot, page.behind.as_deref())), page.limit);
        asker.spend(targets.len())?;
        let all = Arc::default();
        let target = |view: &Arc<_>| Target { view: Arc::clone(view), selection: Arc::clone(&all), is_present: true };
        Ok(targets.into_iter().map(target).collect())
    }

    /// One target: now, or as it was known at an instant.
    async fn target(
        &self,
        context: &Context<'_>,
        name: String,
        at: Option<DateTime>,
    ) -> Option<Result<Target, ApiError>> {
        Some(Target::find(context, &name, at).await)
    }
}

/// A target.
#[derive(Description)]
pub(super) struct Target {
    view: Arc<TargetView>,
    /// Which of its services are asked for.
    selection: Arc<Selection>,
    /// Whether it is seen as it is now.
    is_present: bool,
}

impl Target {
    async fn find(context: &Context<'_>, name: &str, at: Option<DateTime>) -> Result<Self, ApiError> {
        let snapshot = Asker::of(context)?.known_at(DateTime::instant(at), Some(name)).await?;
        let view = Arc::clone(snapshot.target(name).ok_or(ApiError::TargetNotFound)?);
        Ok(Self { view, selection: Arc::default(), is_present: at.is_none() })
    }

    fn seen(&self) -> contract::Collection<'_> {
        contract::Collection::of(self.view.state(), self.view.is_stale())
    }
}

#[Object(use_type_description)]
impl Target {
    /// Its name.
    async fn name(&self) -> &str {
        self.view.name()
    }

    /// What people call it.
    async fn title(&self) -> &str {
        self.seen().title
    }

    /// How it is asked.
    async fn r#type(&self) -> Kind {
        self.view.state().kind.into()
    }

    /// The category people look for it in.
    async fn category(&self) -> Option<&str> {
        self.seen().category
    }

    /// The page for people.
    async fn homepage(&self) -> Option<&str> {
        self.seen().homepage
    }

    /// Where it is asked.
    async fn endpoint(&self) -> &str {
        &self.view.state().endpoint
    }

    /// The worst status of all its services, of those that are not asked for, too; null where it has none.
    async fn status(&self) -> Option<Status> {
        self.seen().status.map(Into::into)
    }

    /// Those of its services that are asked for, in the source's order. The arguments leave out more of them.
    #[graphql(complexity = "cost::services(child_complexity)")]
    async fn services(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Exactly this name; else, without regard to case.")] name: Option<String>,
        status: Option<Vec<Status>>,
        dimension: Option<Vec<DimensionFilter>>,
        #[graphql(desc = "The name has this text.")] q: Option<String>,
    ) -> Result<Vec<Service<'_>>, ApiError> {
        let rows = RowSelection { services: arguments::services(status, dimension)?, q: arguments::needle(q) };
        let named = name.map(|name| self.view.positions_named(&name));
        let is_asked_for = self.selection.services_of(&self.view);
        let services = rows.rows(&self.view, named.as_deref(), None).map(|(_, service)| service);
        let services: Vec<_> = services.filter(is_asked_for).map(Service).collect();
        Asker::of(context)?.spend(services.len())?;
        Ok(services)
    }

    /// How the collection goes; null of the past, of which that is not kept.
    async fn collection(&self) -> Option<Collection<'_>> {
        self.is_present.then(|| Collection(self.seen()))
    }
}

/// A service of a target, as it is served: of a target that is not believed any more it is `Unknown`, and its
/// dimensions say what it was.
#[derive(Description)]
pub(super) struct Service<'a>(Served<'a>);

#[Object(use_type_description)]
impl Service<'_> {
    /// Its name.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// When the source says the status was last updated, else when we first saw the present status; null where neither
    /// is known.
    async fn last_timestamp(&self) -> Option<DateTime> {
        self.0.last_timestamp().map(DateTime)
    }

    /// How it is.
    async fn status(&self) -> Status {
        self.0.status().into()
    }

    /// What tells services of one name apart, and what the status is about.
    async fn dimensions(&self) -> Json<Cow<'_, Dimensions>> {
        Json(self.0.dimensions())
    }
}

/// How the collection of a target goes.
#[derive(Description)]
pub(super) struct Collection<'a>(contract::Collection<'a>);

#[Object(use_type_description)]
impl Collection<'_> {
    /// How long between two asks.
    async fn interval_seconds(&self) -> f64 {
        std::time::Duration::from_millis(self.0.interval_ms).as_secs_f64()
    }

    /// When it was last asked.
    async fn last_attempt(&self) -> DateTime {
        DateTime(self.0.last_attempt)
    }

    /// When that last went well.
    async fn last_success(&self) -> Option<DateTime> {
        self.0.last_success.map(DateTime)
    }

    /// When it is asked next.
    async fn next_ask(&self) -> Option<DateTime> {
        self.0.next_ask.map(DateTime)
    }

    /// How long the last ask took.
    async fn duration_ms(&self) -> u64 {
        self.0.duration_ms
    }

    /// What the last ask was answered with.
    async fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Why the last ask failed.
    async fn failure(&self) -> Option<Failure<'_>> {
        self.0.failure.map(|failure| Failure { class: failure.class.as_str(), message: &failure.message })
    }

    /// How many asks failed in a row.
    async fn consecutive_failures(&self) -> u32 {
        self.0.consecutive_failures
    }

    /// Whether its services are not believed any more.
    async fn stale(&self) -> bool {
        self.0.stale
    }

    /// The last moment at which its services are believed without another success.
    async fn stale_after(&self) -> Option<DateTime> {
        self.0.stale_after.map(DateTime)
    }

    /// The size of the last document.
    async fn bytes(&self) -> u64 {
        self.0.bytes
    }

    /// Until when the source asked to be left alone.
    async fn not_before(&self) -> Option<DateTime> {
        self.0.not_before.map(DateTime)
    }
}

/// Why an ask failed.
#[derive(Debug, SimpleObject)]
pub(super) struct Failure<'a> {
    /// Its class: `dns`, `timeout`, `http_status` and so on.
    class: &'a str,
    /// What happened.
    message: &'a str,
}
