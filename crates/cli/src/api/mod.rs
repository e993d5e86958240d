//! Where the commands get their answers: from the API over the database, in this process, or from one elsewhere.
//!
//! Both answer the same requests by the same handlers, so a command is written once.

mod answer;
mod remote;
mod resource;
mod tags;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::header::IF_MATCH;
use http::{HeaderName, Method, StatusCode};
use serde_json::Value;
use unistatus_api::{Options, OwnAnswer, OwnApi};
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::store::{self, Store, StoreError};
use unistatus_core::telemetry::{self, LogLevel, Traces};

pub(crate) use answer::{Answer, BY_LIMIT, BY_TIME};
use remote::Remote;
pub(crate) use resource::Resource;
pub(crate) use tags::EntityTags;

/// What is done where there is no database yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// It is made: the first key is often made before anything else.
    Make,
    /// It is a failure: there is nothing to look at.
    Fail,
}

/// Answers requests.
pub(crate) enum Api {
    Own { api: OwnApi, store: Arc<dyn Store> },
    Remote(Remote),
}

/// An answer that goes on.
pub(crate) enum Stream {
    Own(OwnAnswer),
    Remote(reqwest::Response),
}

/// Does a work on the API that the settings name, and closes it.
pub(crate) async fn with<T>(
    flags: &Flags,
    absent: Absent,
    work: impl AsyncFnOnce(&Api) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let settings = Settings::load(flags).map_err(Failure::config)?;
    // What an operator wants to see of a server on a good day is nothing to who gives a command.
    let level = if settings.log_level == LogLevel::Info { LogLevel::Warning } else { settings.log_level };
    telemetry::init(level, settings.log_format, &Traces::nowhere());
    let api = Api::open(&settings, absent).await?;
    let done = work(&api).await;
    api.close().await;
    done
}

impl Api {
    async fn open(settings: &Settings, absent: Absent) -> Result<Self, Failure> {
        if let Some(remote) = &settings.remote {
            return Remote::new(remote).map(Self::Remote);
        }
        let address = settings.db_url.reveal();
        let store = match absent {
            Absent::Make => store::open(address).await,
            Absent::Fail => store::open_existing(address).await,
        };
        let store = store.map_err(unopened)?;
        let api = OwnApi::over(Arc::clone(&store), Options::of(settings)).await.map_err(Failure::broken)?;
        Ok(Self::Own { api, store })
    }

    async fn close(self) {
        if let Self::Own { api, store } = self {
            drop(api);
            store.close().await;
        }
    }

    /// Sends a request, and takes whatever comes back.
    ///
    /// # Errors
    /// [`exit::UNREACHABLE`] if nothing comes back.
    pub(crate) async fn ask(&self, method: Method, path: &Resource, json: Option<&Value>) -> Result<Answer, Failure> {
        self.ask_if(method, path, None, json).await
    }

    /// Sends a request that is meant for what has one of these entity tags, if some are given.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub(crate) async fn ask_if(
        &self,
        method: Method,
        path: &Resource,
        if_match: Option<&EntityTags>,
        json: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let json = json.map(|json| json.to_string().into_bytes());
        match self {
            Self::Own { api, .. } => {
                let headers = if_match.map(|tags| (IF_MATCH.as_str(), tags.as_str()));
                let answer = api.send(method.as_str(), path.as_str(), headers.as_slice(), json).await;
                whole(answer.map_err(Failure::broken)?).await
            }
            Self::Remote(remote) => remote.ask(method, path, if_match, json).await,
        }
    }

    /// Asks for something that is there.
    ///
    /// # Errors
    /// As [`Self::ask`], and the API's own refusals.
    pub(crate) async fn get(&self, path: &Resource) -> Result<Answer, Failure> {
        self.ask(Method::GET, path, None).await?.fine()
    }

    /// Asks for an answer that goes on.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(crate) async fn follow(&self, path: &Resource) -> Result<Stream, Failure> {
        match self {
            Self::Own { api, .. } => {
                let answer = api.send(Method::GET.as_str(), path.as_str(), &[], None).await.map_err(Failure::broken)?;
                if (200..300).contains(&answer.status) {
                    return Ok(Stream::Own(answer));
                }
                Err(whole(answer).await?.refusal().into())
            }
            Self::Remote(remote) => remote.follow(path).await.map(Stream::Remote),
        }
    }
}

impl Stream {
    /// The next part; `None` at the end.
    ///
    /// # Errors
    /// [`exit::UNREACHABLE`] where it breaks off.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        match self {
            Self::Own(answer) => answer.chunk().await.map_err(|error| broken_off(&error)),
            Self::Remote(response) => response.chunk().await.map_err(|error| remote::unreachable(&error)),
        }
    }
}

/// An answer with all of its body.
async fn whole(answer: OwnAnswer) -> Result<Answer, Failure> {
    let status = StatusCode::from_u16(answer.status).map_err(Failure::broken)?;
    let read = |(name, value): &(String, String)| Some((name.parse::<HeaderName>().ok()?, value.parse().ok()?));
    let headers = answer.headers.iter().filter_map(read).collect();
    let body = answer.bytes().await.map_err(|error| broken_off(&error))?;
    Ok(Answer { status, headers, body })
}

fn broken_off(error: &io::Error) -> Failure {
    Failure::caused(exit::UNREACHABLE, error)
}

fn unopened(error: StoreError) -> Failure {
    match error {
        StoreError::Unavailable { .. } => Failure::caused(exit::UNREACHABLE, &error),
        _ => Failure::config(error),
    }
}
