//! Counting in Redis, for all servers together.

use std::convert::Infallible;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use unistatus_core::config::DbUrl;

use super::{Asker, WINDOW, Window};

/// How long a request waits for Redis.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long connecting may take; no request waits for that.
const CONNECT: Duration = Duration::from_secs(2);
/// How long to wait before a Redis that is away is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// For how long a count is kept: its window, and as much again for clocks that differ.
const KEPT: i64 = 2 * WINDOW / 1000;

/// An address of Redis that is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "REDIS_URL is not accepted; expected redis://HOST:PORT/DATABASE, with USER:PASSWORD@ before the host if needed"
)]
pub struct RedisError;

/// A Redis that may be away.
#[derive(Debug)]
pub(super) struct Redis {
    client: Client,
    /// Without passwords, for the log.
    address: String,
    /// The connection, while it is there and answers.
    connection: RwLock<Option<MultiplexedConnection>>,
    /// Told when the connection was given up.
    lost: Notify,
}

impl Redis {
    /// The Redis at an address, not connected to yet.
    pub(super) fn new(url: &DbUrl) -> Result<Self, RedisError> {
        // Its errors may repeat what they were given.
        let client = Client::open(url.reveal()).map_err(|_| RedisError)?;
        Ok(Self { client, address: url.to_string(), connection: RwLock::default(), lost: Notify::new() })
    }

    /// Counts a request: the how manieth of this asker it is. `None` where Redis does not say that soon enough; it is
    /// not asked again then until it is back.
    pub(super) async fn count(&self, asker: &Asker, window: Window) -> Option<u32> {
        let connection = self.connection.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let counted = timeout(PATIENCE, count(connection, &format!("unistatus:limit:{}:{asker}", window.0))).await;
        match counted {
            Ok(Ok(number)) => Some(number),
            Ok(Err(error)) => self.give_up(&error.to_string()),
            Err(_elapsed) => self.give_up("it did not answer in time"),
        }
    }

    /// Connects, and again whenever the connection was given up.
    pub(super) async fn keep(&self) -> Infallible {
        let mut is_told = false;
        loop {
            match self.connect().await {
                Ok(connection) => {
                    tracing::info!(redis = self.address, "requests are counted in Redis");
                    *self.connection.write().unwrap_or_else(PoisonError::into_inner) = Some(connection);
                    is_told = false;
                    self.lost.notified().await;
                }
                Err(error) if !is_told => {
                    is_told = true;
                    tracing::warn!(redis = self.address, error, "Redis is away: requests are counted in memory");
                }
                Err(_) => {}
            }
            sleep(PAUSE).await;
        }
    }

    /// A connection over which counting works: there are servers that let connect, and then do nothing.
    async fn connect(&self) -> Result<MultiplexedConnection, String> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(None);
        let connect = async {
            let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
            count(connection.clone(), "unistatus:limit:probe").await.map(|_| connection)
        };
        match timeout(CONNECT, connect).await {
            Ok(connected) => connected.map_err(|error| error.to_string()),
            Err(_elapsed) => Err("it did not answer in time".to_owned()),
        }
    }

    /// Gives the connection up; who does it first says so.
    fn give_up(&self, error: &str) -> Option<u32> {
        if self.connection.write().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            tracing::warn!(redis = self.address, error, "Redis is away: requests are counted in memory");
            self.lost.notify_one();
        }
        None
    }
}

/// Counts, in one step that nothing comes between.
async fn count(mut connection: MultiplexedConnection, key: &str) -> redis::RedisResult<u32> {
    let mut counting = redis::pipe();
    counting.atomic().incr(key, 1).expire(key, KEPT).ignore();
    let (number,): (u32,) = counting.query_async(&mut connection).await?;
    Ok(number)
}
