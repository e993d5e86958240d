//! Listening: an accept task per address, a task per connection.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Accepting failed (most likely, no file descriptor is left): so long until the next try.
const PAUSE: Duration = Duration::from_millis(100);

/// The way to end a connection in place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hangup {
    /// With a FIN.
    Close,
    /// With a RST.
    Reset,
}

impl fmt::Display for Hangup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Close => "closed on purpose",
            Self::Reset => "reset on purpose",
        })
    }
}

impl Error for Hangup {}

/// Answers with `handle` whoever connects, until `stop`. Connections that are open then are dropped.
pub(crate) async fn serve<H, F, B>(listener: TcpListener, stop: CancellationToken, tasks: TaskTracker, handle: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<B>, Hangup>> + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (stop, handle) = (stop.clone(), handle.clone());
                tasks.spawn(async move {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = converse(stream, handle) => {}
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    }
}

async fn converse<H, F, B>(stream: TcpStream, handle: H)
where
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Result<Response<B>, Hangup>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // Without it, the second answer on a connection may wait for an acknowledgement of the first.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone before it was used");
        return;
    }
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(handle));
    let Err(error) = Pin::new(&mut connection).await else { return };
    tracing::debug!(%error, "a connection ended early");
    let hangup = error.source().and_then(|cause| cause.downcast_ref::<Hangup>());
    if hangup == Some(&Hangup::Reset) {
        let stream = connection.into_parts().io.into_inner();
        // Closing now sends a RST; where that cannot be set, the connection is closed all the same.
        if let Err(error) = stream.set_zero_linger() {
            tracing::debug!(%error, "a connection was closed where it was to be reset");
        }
    }
}
