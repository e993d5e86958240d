//! What a route asks of who asks: taken as the first argument of a handler, so that nothing happens before.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use unistatus_core::access::Scope;

use super::Identity;
use crate::app::Context;
use crate::error::ApiError;

/// Who asks, as far as the gate found out.
#[derive(Clone, Debug)]
pub(super) enum Asking {
    /// Nobody who said who they are.
    Nobody,
    /// Somebody who said it while the store could not say whether that is true.
    Unverified,
    /// Somebody who proved it.
    Known(Identity),
}

impl Asking {
    fn of(request: &HttpRequest) -> Self {
        request.extensions().get().cloned().unwrap_or(Self::Nobody)
    }
}

/// Whoever asks: for pages that look otherwise to who is logged in.
#[derive(Clone, Debug)]
pub(crate) struct Visitor(pub(crate) Option<Identity>);

impl Visitor {
    /// Whoever sends a request.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self(match Asking::of(request) {
            Asking::Known(identity) => Some(identity),
            Asking::Nobody | Asking::Unverified => None,
        })
    }
}

impl FromRequest for Visitor {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// Somebody who may do what takes a scope.
fn allowed(request: &HttpRequest, scope: Scope) -> LocalBoxFuture<'static, Result<Identity, ApiError>> {
    let (asking, context) = (Asking::of(request), request.app_data::<web::Data<Context>>().cloned());
    Box::pin(async move {
        match (asking, context) {
            (Asking::Known(identity), _) => identity.must(scope).map(|()| identity),
            (Asking::Unverified, _) => Err(ApiError::StoreUnavailable),
            (Asking::Nobody, Some(context)) => Err(context.auth.unauthorized(scope).await),
            (Asking::Nobody, None) => Err(ApiError::Internal),
        }
    })
}

/// Names who may use a route, by the scope that it takes.
macro_rules! allowed {
    ($(#[$doc:meta])* $name:ident, $scope:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub(crate) struct $name(pub(crate) Identity);

        impl FromRequest for $name {
            type Error = ApiError;
            type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let allowed = allowed(request, $scope);
                Box::pin(async move { allowed.await.map(Self) })
            }
        }
    };
}

allowed! {
    /// Somebody, whoever it is.
    Member, Scope::Read
}
allowed! {
    /// Somebody who may change the team's servers.
    Writer, Scope::Write
}
allowed! {
    /// Somebody who may give access.
    Admin, Scope::Admin
}
