//! The items of the team's Rollbar project: how they are listed, reported, changed and put aside.

use actix_web::http::StatusCode;
use unistatus_core::rollbar::{
    ItemChange, ItemFilter, ItemRef, Listing, NewItem, Place, RawValue, Rollbar, RollbarError,
};

use crate::auth::Identity;
use crate::error::ApiError;
use crate::query::Page;

/// The items, where a project is configured.
#[derive(Clone, Debug)]
pub(crate) struct Items(Option<Rollbar>);

impl Items {
    /// The items of this project.
    pub(crate) fn new(rollbar: Option<Rollbar>) -> Self {
        Self(rollbar)
    }

    /// A page of the items.
    ///
    /// # Errors
    /// As [`Rollbar::items`]; [`ApiError::RollbarNotConfigured`].
    pub(crate) async fn list(&self, filter: &ItemFilter, page: &Page<Place>) -> Result<Listing, ApiError> {
        let limit = page.limit.and_then(|limit| usize::try_from(limit).ok());
        let listing = self.project()?.items(filter, page.behind.unwrap_or(Place::START), limit).await?;
        Ok(listing)
    }

    /// One item.
    ///
    /// # Errors
    /// As [`Rollbar::item`]; [`ApiError::RollbarNotConfigured`].
    pub(crate) async fn one(&self, item: ItemRef) -> Result<Box<RawValue>, ApiError> {
        Ok(self.project()?.item(item).await?)
    }

    /// Reports an occurrence.
    ///
    /// # Errors
    /// As [`Rollbar::report`]; [`ApiError::RollbarNotConfigured`].
    pub(crate) async fn report(&self, who: &Identity, new: &NewItem) -> Result<Box<RawValue>, ApiError> {
        let reported = self.project()?.report(new).await?;
        tracing::info!(by = who.name, "an occurrence was reported to Rollbar");
        Ok(reported)
    }

    /// Changes an item.
    ///
    /// # Errors
    /// As [`Rollbar::change`]; [`ApiError::RollbarNotConfigured`].
    pub(crate) async fn change(
        &self,
        who: &Identity,
        item: ItemRef,
        change: &ItemChange,
    ) -> Result<Box<RawValue>, ApiError> {
        let changed = self.project()?.change(item, change).await?;
        tracing::info!(by = who.name, %item, "an item of Rollbar was changed");
        Ok(changed)
    }

    /// Puts an item aside.
    ///
    /// # Errors
    /// As [`Rollbar::put_aside`]; [`ApiError::RollbarNotConfigured`].
    pub(crate) async fn put_aside(&self, who: &Identity, item: ItemRef) -> Result<(), ApiError> {
        self.project()?.put_aside(item).await?;
        tracing::info!(by = who.name, %item, "an item of Rollbar was put aside");
        Ok(())
    }

    fn project(&self) -> Result<&Rollbar, ApiError> {
        self.0.as_ref().ok_or(ApiError::RollbarNotConfigured)
    }
}

impl From<RollbarError> for ApiError {
    fn from(error: RollbarError) -> Self {
        match &error {
            // What was asked for is what is wrong, or asking too often.
            RollbarError::ItemNotFound | RollbarError::Refused { .. } | RollbarError::Limited { .. } => {}
            RollbarError::TokenRefused { .. }
            | RollbarError::Unavailable { .. }
            | RollbarError::TooSlow { .. }
            | RollbarError::Unreadable { .. }
            | RollbarError::Unusable { .. } => tracing::warn!(%error, "Rollbar does not answer as it should"),
        }
        Self::Rollbar(error)
    }
}

/// The status that a failure of Rollbar is answered with, and its code.
pub(crate) const fn row(error: &RollbarError) -> (StatusCode, &'static str) {
    match error {
        RollbarError::ItemNotFound => (StatusCode::NOT_FOUND, "ItemNotFound"),
        RollbarError::Refused { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "RollbarRefused"),
        RollbarError::Limited { .. } => (StatusCode::TOO_MANY_REQUESTS, "RollbarLimited"),
        // The client's own credential is fine: that of this server is not.
        RollbarError::TokenRefused { .. } => (StatusCode::BAD_GATEWAY, "RollbarTokenRefused"),
        RollbarError::Unavailable { .. } | RollbarError::Unreadable { .. } | RollbarError::Unusable { .. } => {
            (StatusCode::BAD_GATEWAY, "RollbarUnavailable")
        }
        RollbarError::TooSlow { .. } => (StatusCode::GATEWAY_TIMEOUT, "RollbarTimeout"),
    }
}
