//! Rollbar: the items of one project (the errors that its programs reported), read and changed through Rollbar's API.
//!
//! ```text
//! operation → ask: sent, and repeated where that is safe → answer: unpacked, as it was sent → typed error
//! ```
//!
//! What is read stays the JSON that Rollbar sent ([`RawValue`]): people keep it, and Rollbar adds fields when it likes.
//! The token is shown to Rollbar and to nobody else: wherever an answer repeats it, it is blotted out before anybody
//! sees the answer.

mod answer;
mod ask;
mod change;
mod error;
mod filter;
mod item;
mod list;
mod new;
mod retry;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::HeaderValue;
pub use serde_json::value::RawValue;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

use self::ask::Ask;
pub use self::change::{Assignee, BadChange, ItemChange};
pub use self::error::{RollbarError, TokenScope};
pub use self::filter::ItemFilter;
pub use self::item::{ItemLevel, ItemRef, ItemStatus};
pub use self::list::{Listing, MOST, Place};
pub use self::new::NewItem;
use crate::config::{Hidden, Settings};
use crate::target::fetch;

/// The limits of a [`Rollbar`].
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a connection may take to come about, TLS included.
    pub connect: Duration,
    /// How long Rollbar may say nothing, before its answer and in the middle of it.
    pub silence: Duration,
    /// How long an operation may take as a whole: all its requests, and the pauses before those that are repeated.
    pub total: Duration,
    /// The size of an answer after decompression, in bytes.
    pub body: usize,
    /// How often one request is sent at the most.
    pub attempts: u32,
    /// How many requests are under way at a time; others wait.
    pub at_once: usize,
    /// How long to wait before a request is sent again for the first time; twice as long before each further time.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            silence: Duration::from_secs(10),
            total: Duration::from_secs(20),
            // A page has a hundred items. Ten of them are held at a time where everything is listed.
            body: 4 * 1024 * 1024,
            attempts: 3,
            at_once: 8,
            pause: Duration::from_millis(250),
        }
    }
}

/// Where a project's items are, and how they are asked for.
#[derive(Clone, Debug)]
pub struct Account {
    /// The address of the API, with its version: [`ROLLBAR_URL`](crate::config::ROLLBAR_URL) is Rollbar's own.
    pub url: String,
    /// A project access token.
    pub token: Hidden,
    /// How whoever runs this can be reached; tells Rollbar who asks.
    pub contact: Option<String>,
    /// How patiently.
    pub limits: Limits,
}

impl Account {
    /// The one that the settings name, if they do.
    pub fn of(settings: &Settings) -> Option<Self> {
        let token = settings.rollbar_token.clone()?;
        let (url, contact) = (settings.rollbar_url.clone(), settings.contact.clone());
        Some(Self { url, token, contact, limits: Limits::default() })
    }
}

/// The client of a project's items. Clones share its connections.
#[derive(Clone)]
pub struct Rollbar(Arc<Connection>);

struct Connection {
    client: Client,
    base: Url,
    token: Hidden,
    /// The token as it is sent.
    header: HeaderValue,
    limits: Limits,
    turns: Semaphore,
}

impl fmt::Debug for Rollbar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rollbar").field("host", &self.0.base.host_str()).finish_non_exhaustive()
    }
}

impl Rollbar {
    /// A client. Nothing is asked yet.
    ///
    /// # Errors
    /// [`RollbarError::Unusable`] for an address that is none, a token that no header can hold, or root certificates
    /// that cannot be loaded.
    pub fn new(account: &Account) -> Result<Self, RollbarError> {
        let unusable = |problem: String| RollbarError::Unusable { problem };
        let base = Url::parse(&account.url).ok().filter(fetch::is_web_address);
        let base = base.ok_or_else(|| unusable("its address is no web address".to_owned()))?;
        let mut header = HeaderValue::from_str(account.token.reveal())
            .map_err(|_| unusable("the token has characters that no header can hold".to_owned()))?;
        header.set_sensitive(true);
        let Limits { connect, silence, .. } = account.limits;
        let client = fetch::client(&user_agent(account.contact.as_deref()), connect, silence)
            .map_err(|error| unusable(error.to_string()))?;
        let (token, limits) = (account.token.clone(), account.limits.clone());
        let turns = Semaphore::new(limits.at_once);
        Ok(Self(Arc::new(Connection { client, base, token, header, limits, turns })))
    }

    /// An item, as Rollbar tells it.
    ///
    /// # Errors
    /// [`RollbarError`].
    pub async fn item(&self, item: ItemRef) -> Result<Box<RawValue>, RollbarError> {
        let deadline = self.deadline();
        let id = self.id_of(item, deadline).await?;
        self.item_of(id, deadline).await
    }

    /// Reports an occurrence: a new item, or one more occurrence of an item that is there. The answer is what Rollbar
    /// says of it: `{"id":null,"uuid":"…"}`. Which item it belongs to is found out later.
    ///
    /// # Errors
    /// [`RollbarError`]. Where it is one that says so, it is not known whether the occurrence was taken.
    pub async fn report(&self, new: &NewItem) -> Result<Box<RawValue>, RollbarError> {
        let ask = Ask::post(["item", ""], new.json().to_owned());
        self.result(&ask, self.deadline()).await
    }

    /// Changes an item, and answers what it is then. Where Rollbar made the change and does not tell the item, the
    /// answer is the id alone: `{"id":272505123}`.
    ///
    /// # Errors
    /// [`RollbarError`]. Where it is one that says so, it is not known whether the item was changed.
    pub async fn change(&self, item: ItemRef, change: &ItemChange) -> Result<Box<RawValue>, RollbarError> {
        let deadline = self.deadline();
        let id = self.id_of(item, deadline).await?;
        self.patch(id, change, deadline).await?;
        match self.item_of(id, deadline).await {
            Ok(item) => Ok(item),
            Err(error) => {
                tracing::debug!(%error, item = id, "a changed item cannot be read");
                answer::raw(&serde_json::json!({ "id": id }))
            }
        }
    }

    /// Puts an item aside for good, which is what Rollbar has in place of deleting: it is archived; or muted, where the
    /// project's Rollbar archives nothing.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn put_aside(&self, item: ItemRef) -> Result<(), RollbarError> {
        let deadline = self.deadline();
        let id = self.id_of(item, deadline).await?;
        match self.patch(id, &ItemChange::to(ItemStatus::Archived), deadline).await {
            Err(RollbarError::Refused { status: 400 | 422, .. }) => {
                self.patch(id, &ItemChange::to(ItemStatus::Muted), deadline).await
            }
            outcome => outcome,
        }
    }

    async fn item_of(&self, id: u64, deadline: Instant) -> Result<Box<RawValue>, RollbarError> {
        self.result(&Ask::get(["item", &id.to_string()]), deadline).await
    }

    async fn patch(&self, id: u64, change: &ItemChange, deadline: Instant) -> Result<(), RollbarError> {
        let change = answer::raw(change)?.to_string();
        let answer = self.sent(&Ask::patch(["item", &id.to_string()], change), deadline).await?;
        // What it repeats of the change is not needed, and may be missing.
        answer::accepted(&answer).map(drop)
    }

    /// The id of an item, which Rollbar looks up where people know the item by its number in the project.
    async fn id_of(&self, item: ItemRef, deadline: Instant) -> Result<u64, RollbarError> {
        match item {
            ItemRef::Id(id) => Ok(id),
            ItemRef::Counter(counter) => {
                let ask = Ask::get(["item_by_counter", &counter.to_string()]);
                answer::id(&self.result(&ask, deadline).await?)
            }
        }
    }

    /// When an operation that begins now has to be over.
    fn deadline(&self) -> Instant {
        Instant::now() + self.0.limits.total
    }
}

/// Who asks, and why.
fn user_agent(contact: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let contact = contact.map_or_else(String::new, |contact| format!("; contact: {contact}"));
    format!("Unistatus/{version} (looks after the items of a project{contact})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ROLLBAR_URL;

    fn account(url: &str, token: &str) -> Account {
        let (url, token) = (url.to_owned(), Hidden::new(token));
        Account { url, token, contact: None, limits: Limits::default() }
    }

    #[test]
    fn nobody_sees_the_token() {
        let account = account(ROLLBAR_URL, "0123456789abcdef");
        let client = Rollbar::new(&account).unwrap();
        for shown in [format!("{account:?}"), format!("{client:?}"), format!("{:?}", client.0.header)] {
            assert!(!shown.contains("0123456789abcdef"), "{shown}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_told_without_the_token() {
        for (url, token, said) in
            [("api.rollbar.com", "t0ken", "no web address"), (ROLLBAR_URL, "t0ken\n", "no header can hold")]
        {
            let error = Rollbar::new(&account(url, token)).unwrap_err().to_string();
            assert!(error.contains(said) && !error.contains("t0ken"), "{error}");
        }
    }
}
