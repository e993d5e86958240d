//! The first page, rendered once for all who open it.

use std::sync::Arc;

use tokio::sync::Mutex;
use unistatus_core::schema::Timestamp;

use crate::error::ApiError;
use crate::routes::current::Current;
use crate::snapshot::{Body, Snapshot};

/// For how long a page may tell how long ago something was.
const FRESH_MS: i64 = 60_000;

/// The first page as it was last rendered. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Front(Arc<Mutex<Option<Rendered>>>);

#[derive(Debug)]
struct Rendered {
    /// What it shows.
    snapshot: Arc<Snapshot>,
    /// Since when nobody could confirm that, as it says.
    unconfirmed_since: Option<Timestamp>,
    /// The minute in which it was rendered.
    minute: i64,
    body: Arc<Body>,
}

impl Front {
    /// The page for what is known now. However many ask for it at the same time, it is rendered once.
    pub(super) async fn body<F>(&self, current: &Current, render: impl FnOnce() -> F) -> Result<Arc<Body>, ApiError>
    where
        F: Future<Output = Result<Body, ApiError>>,
    {
        let mut rendered = self.0.lock().await;
        if let Some(rendered) = rendered.as_ref().filter(|rendered| rendered.holds(current)) {
            return Ok(Arc::clone(&rendered.body));
        }
        let body = Arc::new(render().await?);
        *rendered = Some(Rendered {
            snapshot: Arc::clone(current.snapshot()),
            unconfirmed_since: current.latest().unconfirmed_since,
            minute: minute(current.now()),
            body: Arc::clone(&body),
        });
        Ok(body)
    }
}

impl Rendered {
    /// Whether it is what would be rendered now. A snapshot that tells other news of the asking alone looks the same here.
    fn holds(&self, current: &Current) -> bool {
        std::ptr::eq(self.snapshot.status(), current.snapshot().status())
            && self.unconfirmed_since == current.latest().unconfirmed_since
            && self.minute == minute(current.now())
    }
}

fn minute(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(FRESH_MS)
}
