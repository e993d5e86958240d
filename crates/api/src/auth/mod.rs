//! Who asks, and what they may do. Everything that decides here knows no HTTP but headers; the [`Gate`] before the routes
//! and the extractors in `allowed` ask it.
//!
//! ```text
//! request → gate: credential → limit → identity → (reading) → route: allowed (writing, giving access) → use case
//! ```
//!
//! Keys and sessions are looked up in the store for each request, so that one that is taken back is worth nothing from
//! then on, on every server. Only what is read may be granted on the strength of a look-up of a few minutes ago, while
//! the store is away.

pub(crate) mod accounts;
mod admit;
mod allowed;
pub(crate) mod cookie;
mod credential;
mod gate;
mod hashing;
mod identity;
mod login;
mod manage;
mod origin;
mod password;
mod remembered;
mod throttle;
mod usage;
mod verify;
mod warrant;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::sleep;
use unistatus_core::access::Signer;
use unistatus_core::causes::with_causes;
use unistatus_core::config::{Hidden, ReadAccess};

pub(crate) use admit::Place;
pub(crate) use allowed::{Admin, Member, Visitor, Writer};
pub(crate) use credential::X_API_KEY;
pub(crate) use gate::Gate;
pub(crate) use identity::{Identity, Login, Proof};
pub(crate) use login::LoggedIn;
pub(crate) use manage::UserChange;
pub(crate) use origin::is_foreign;
pub(crate) use warrant::Warrant;

use self::accounts::AccountError;
use self::hashing::Hashing;
use self::remembered::Remembered;
use self::throttle::Throttle;
use self::usage::Usage;
use crate::archive::Archive;
use crate::clock::Clock;

/// How long the store may take to say who somebody is.
const LOOK: Duration = Duration::from_secs(2);
/// How long the store may take to change something.
pub(crate) const CHANGE: Duration = Duration::from_secs(10);
/// How long to wait before the first admin is written again, or a key's use.
const PAUSE: Duration = Duration::from_secs(1);

/// What access is decided by.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// Who may read.
    pub(crate) read: ReadAccess,
    /// The first user, who may do everything: the name and the password.
    pub(crate) admin: Option<(String, Hidden)>,
    /// What tokens are signed with; where it is not given, the store has something random.
    pub(crate) secret_key: Option<Hidden>,
    /// Who sends the requests.
    pub(crate) callers: Callers,
}

/// Who sends the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Callers {
    /// Anybody: they say who they are.
    Anybody,
    /// Whoever owns the database, and may do everything.
    Owner,
}

/// Knows who may do what. Clones know the same.
#[derive(Clone, Debug)]
pub(crate) struct Auth(Arc<Knowledge>);

#[derive(Debug)]
struct Knowledge {
    rules: Rules,
    archive: Archive,
    clock: Arc<dyn Clock>,
    signer: OnceCell<Signer>,
    remembered: Remembered,
    usage: Usage,
    throttle: Throttle,
    hashing: Hashing,
    /// Whether somebody is known to have been given access.
    somebody: AtomicBool,
}

impl Auth {
    /// Decides by these rules, and by what the store knows.
    pub(crate) fn new(rules: Rules, archive: Archive, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Knowledge {
            rules,
            archive,
            clock,
            signer: OnceCell::new(),
            remembered: Remembered::default(),
            usage: Usage::default(),
            throttle: Throttle::default(),
            hashing: Hashing::default(),
            somebody: AtomicBool::new(false),
        }))
    }

    /// Sees to what no request waits for: that the first admin is there, and that it is written down when keys are used.
    /// Never ends.
    pub(crate) async fn keep(&self) -> Infallible {
        self.keep_admin().await;
        loop {
            for (id, at) in self.0.usage.next().await {
                let written = self.0.archive.once(CHANGE, |store| async move { store.key_used(&id, at).await });
                // That is lost then; the next use is a minute away at the most. The archive said why.
                if written.await.is_err() {
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// Sees to it that the first admin is there as the settings say, once the store is.
    async fn keep_admin(&self) {
        let Some((name, password)) = &self.0.rules.admin else { return };
        loop {
            let Some(store) = self.0.archive.store() else {
                sleep(PAUSE).await;
                continue;
            };
            match accounts::ensure_admin(&**store, name, password.reveal(), self.0.clock.now()).await {
                Ok(()) => return,
                Err(AccountError::Store(error)) if error.is_transient() => sleep(PAUSE).await,
                Err(error) => {
                    tracing::error!(error = with_causes(&error), "the first admin cannot be made");
                    return;
                }
            }
        }
    }
}
