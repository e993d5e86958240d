//! The API in one's own process, without a network: for programs that stand beside the database and have the rights of
//! whoever owns it.

use std::fmt;
use std::future::{poll_fn, ready};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{Payload, Request, h1};
use actix_service::{IntoServiceFactory as _, Service as _, ServiceFactory as _};
use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, Uri};
use actix_web::{Error, HttpResponse};
use bytes::{Bytes, BytesMut};
use futures_util::future::LocalBoxFuture;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use unistatus_core::config::CorsOrigins;
use unistatus_core::store::Store;
use unistatus_core::telemetry::AccessLog;

use crate::app::app;
use crate::assembly::{Assembly, assemble};
use crate::auth::Callers;
use crate::server::{Options, ServeError};

/// How long the store may take until what it knows is known here. Then requests say that it is not.
const PATIENCE: Duration = Duration::from_secs(15);

/// A request on its way to be answered.
type Answering = LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, Error>>;

/// The API over a store that this process has opened. Every request is one of whoever owns the database.
pub struct OwnApi {
    app: Box<dyn Fn(Request) -> Answering>,
    keep: AbortHandle,
}

/// An answer, of which the body may still come.
pub struct OwnAnswer {
    /// Its HTTP status.
    pub status: u16,
    /// Its headers, as far as they are text; the names in lower case.
    pub headers: Vec<(String, String)>,
    body: Pin<Box<BoxBody>>,
}

impl OwnApi {
    /// The API over a store, once what the store knows is known. To drop it ends all it does; the store is left open.
    ///
    /// # Errors
    /// [`ServeError`]: a fault of ours.
    pub async fn over(store: Arc<dyn Store>, options: Options) -> Result<Self, ServeError> {
        // Nobody else asks here, so nobody is to be counted, logged or let in.
        let options = Options {
            access_log: AccessLog::Off,
            cors: CorsOrigins::None,
            admin: None,
            rate_limit: None,
            redis_url: None,
            ..options
        };
        let assembly = assemble(ready(Ok(Some(store))), options, Callers::Owner, CancellationToken::new())?;
        let Assembly { context, layers, keep, beside: _ } = assembly;
        let mut snapshots = context.snapshots.clone();
        let service = app(context, layers).into_factory().new_service(AppConfig::default()).await;
        let service = Rc::new(service.map_err(|()| ServeError::Http(io::Error::other("its routes cannot be set up")))?);
        let app = move |request| -> Answering {
            let service = Rc::clone(&service);
            Box::pin(async move { Ok(service.call(request).await?.map_into_boxed_body()) })
        };
        let own = Self { app: Box::new(app), keep: tokio::spawn(keep).abort_handle() };
        let known = async { while snapshots.latest_unseen().is_none() && snapshots.changed().await {} };
        // Requests say then what is not known.
        let _ = timeout(PATIENCE, known).await;
        Ok(own)
    }

    /// Sends a request to a path, which may have a query, with these headers, and with a JSON body if there is one.
    ///
    /// # Errors
    /// A method, a path or a header that is none.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        json: Option<Vec<u8>>,
    ) -> io::Result<OwnAnswer> {
        let method = Method::from_bytes(method.as_bytes()).map_err(io::Error::other)?;
        let uri: Uri = path.parse().map_err(io::Error::other)?;
        let (_, mut payload) = h1::Payload::create(true);
        let length = json.as_ref().map(Vec::len);
        payload.unread_data(json.unwrap_or_default().into());
        let mut request = Request::with_payload(Payload::from(payload));
        let head = request.head_mut();
        (head.method, head.uri) = (method, uri);
        for &(name, value) in headers {
            let name: HeaderName = name.parse().map_err(io::Error::other)?;
            head.headers.append(name, HeaderValue::from_str(value).map_err(io::Error::other)?);
        }
        if let Some(length) = length {
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            head.headers.insert(CONTENT_LENGTH, length.into());
        }
        let response = match (self.app)(request).await {
            Ok(response) => response.into_parts().1,
            Err(error) => error.error_response(),
        };
        Ok(OwnAnswer::of(response))
    }
}

impl Drop for OwnApi {
    fn drop(&mut self) {
        self.keep.abort();
    }
}

impl fmt::Debug for OwnApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnApi").finish_non_exhaustive()
    }
}

impl OwnAnswer {
    fn of(response: HttpResponse) -> Self {
        let (response, body) = response.into_parts();
        let text =
            |(name, value): (&HeaderName, &HeaderValue)| Some((name.to_string(), value.to_str().ok()?.to_owned()));
        let headers = response.headers().iter().filter_map(text).collect();
        Self { status: response.status().as_u16(), headers, body: Box::pin(body) }
    }

    /// The next part of the body; `None` at its end.
    ///
    /// # Errors
    /// Why it breaks off.
    pub async fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        poll_fn(|task| self.body.as_mut().poll_next(task))
            .await
            .transpose()
            .map_err(|error| io::Error::other(error.to_string()))
    }

    /// The whole body.
    ///
    /// # Errors
    /// Why it breaks off.
    pub async fn bytes(mut self) -> io::Result<Bytes> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }
}

impl fmt::Debug for OwnAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}
