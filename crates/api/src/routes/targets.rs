//! `/api/targets`: what is asked, and how the asking goes.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::current::{Current, List};
use super::page::{self, Page, cut};
use super::parameters::{NoParameters, Parameters, word};
use super::{filters, path};
use crate::contract::Collection;
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{NoTarget, NotModified, NotReady, Refused};
use crate::openapi::parameters::flag;
use crate::select::TargetSelection;
use crate::snapshot::{Snapshot, TargetView};

/// `GET /api/targets`: all targets, or those that are asked for.
#[utoipa::path(
    get,
    path = "/api/targets",
    operation_id = "listTargets",
    tag = "Targets",
    summary = "All targets, and how their collection goes",
    description = "All of them, or those that are asked for.",
    params(Query),
    responses(
        (status = 200, description = "The targets, ordered by name.", body = Targets),
        NotModified,
        Refused,
        NotReady,
    ),
)]
pub(super) async fn all(current: Current, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let mut parameters = Parameters::read(request.query_string())?;
    let query = Query::take(&mut parameters, current.snapshot())?;
    parameters.finish()?;
    let snapshot = Arc::clone(current.snapshot());
    current.answer_list(&request, move || query.list(&snapshot)).await
}

/// `GET /api/targets/{target}`: one target.
#[utoipa::path(
    get,
    path = "/api/targets/{target}",
    operation_id = "getTarget",
    tag = "Targets",
    summary = "One target, and how its collection goes",
    description = "When it was asked, what came of it, and when it is asked next.",
    params(path::TargetName),
    responses(
        (status = 200, description = "The target.", body = Collection),
        NotModified,
        Refused,
        NoTarget,
        NotReady,
    ),
)]
pub(super) async fn one(_: NoParameters, current: Current, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "target")?;
    let target = Arc::clone(current.snapshot().target(&name).ok_or(ApiError::TargetNotFound)?);
    current.answer_list(&request, move || List::<()> { bytes: json::to_vec(&collection(&target)), next: None }).await
}

fn collection(target: &TargetView) -> Collection<'_> {
    Collection::of(target.state(), target.is_stale())
}

/// The body of `GET /api/targets`.
#[derive(Serialize, ToSchema)]
#[schema(as = CollectionList)]
struct Targets<'a> {
    /// The targets.
    targets: Vec<Collection<'a>>,
}

/// What is asked of the targets.
struct Query {
    selection: TargetSelection,
    /// The cursor is the last target's name.
    page: Page<String>,
}

impl IntoParams for Query {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let own = vec![
            filters::needle_documented("Targets whose name or title has this text, without regard to case."),
            flag("failing", "Targets whose last ask failed, or did not."),
            flag("stale", "Targets that are not believed any more, or are."),
        ];
        [filters::targets_documented(), own, page::documented()].concat()
    }
}

impl Query {
    fn take(parameters: &mut Parameters, snapshot: &Snapshot) -> Result<Self, ApiError> {
        let yes_or_no = |value: &str| word(value, &[("true", true), ("false", false)]);
        Ok(Self {
            selection: TargetSelection {
                targets: filters::targets(parameters, &[snapshot])?,
                q: filters::needle(parameters)?,
                failing: parameters.one("failing", yes_or_no)?,
                stale: parameters.one("stale", yes_or_no)?,
            },
            page: Page::take(parameters)?,
        })
    }

    fn list(&self, snapshot: &Snapshot) -> List<String> {
        let targets = self.selection.targets(snapshot, self.page.behind.as_deref());
        let (targets, has_more) = cut(self.page.one_more(targets), self.page.limit);
        let next = targets.last().filter(|_| has_more).map(|last| last.name().to_owned());
        let targets = targets.into_iter().map(|target| collection(target)).collect();
        List { bytes: json::to_vec(&Targets { targets }), next }
    }
}
