//! The layer before the routes that lets requests in.
//!
//! Most have nothing to be decided about: no credential, no limit, and reading is open. They pass as if it were not there.

use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context as Task, Poll};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, SET_COOKIE};
use actix_web::{Error, HttpMessage as _, web};
use futures_util::TryFutureExt as _;
use futures_util::future::{Either, LocalBoxFuture, MapOk};

use super::admit::Admission;
use crate::app::Context;
use crate::routes::representation::PRIVATE;

/// What may be kept is kept for its reader alone.
fn keep_private(headers: &mut HeaderMap) {
    if headers.get(CACHE_CONTROL).is_none_or(|kept| kept == "no-cache") {
        headers.insert(CACHE_CONTROL, PRIVATE);
    }
}

/// The layer.
#[derive(Clone, Debug)]
pub(crate) struct Gate(pub(crate) web::Data<Context>);

/// The layer around a service.
#[derive(Debug)]
pub(crate) struct Gated<S> {
    context: web::Data<Context>,
    service: Rc<S>,
}

type Answer<B> = ServiceResponse<EitherBody<B>>;
type Passed<F, B> = MapOk<F, fn(ServiceResponse<B>) -> Answer<B>>;

impl<S, B> Transform<S, ServiceRequest> for Gate
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = Answer<B>;
    type Error = Error;
    type Transform = Gated<S>;
    type InitError = ();
    type Future = Ready<Result<Gated<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Gated { context: self.0.clone(), service: Rc::new(service) }))
    }
}

impl<S, B> Service<ServiceRequest> for Gated<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = Answer<B>;
    type Error = Error;
    type Future = Either<Passed<S::Future, B>, LocalBoxFuture<'static, Result<Answer<B>, Error>>>;

    fn poll_ready(&self, task: &mut Task<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(task)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if self.context.lets_pass(&request) {
            let into_left: fn(ServiceResponse<B>) -> Answer<B> = ServiceResponse::map_into_left_body;
            return Either::Left(self.service.call(request).map_ok(into_left));
        }
        let (context, service) = (self.context.clone(), Rc::clone(&self.service));
        Either::Right(Box::pin(async move {
            let Admission { asking, count, cookie, cookie_if_failed, is_private } = context.admit(&request).await;
            let mut answer = match asking {
                Ok(asking) => {
                    request.extensions_mut().insert(asking);
                    service.call(request).await?.map_into_left_body()
                }
                Err(error) => request.error_response(error).map_into_right_body(),
            };
            if let Some(count) = count {
                count.tell(answer.headers_mut());
            }
            let has_failed = answer.status().is_server_error() || answer.status() == StatusCode::TOO_MANY_REQUESTS;
            // A route that said itself what the browser is to keep knows better.
            if let Some(cookie) = cookie_if_failed.filter(|_| has_failed).or(cookie)
                && !answer.headers().contains_key(SET_COOKIE)
            {
                answer.headers_mut().insert(SET_COOKIE, cookie);
            }
            if is_private {
                keep_private(answer.headers_mut());
            }
            Ok(answer)
        }))
    }
}
