//! `TCP`: whether a port accepts a connection.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::attempt::{Attempt, Trouble};
use super::names::{Host, Turn};
use super::prober::connect;
use super::{Means, Probe, Prober};
use crate::target::fetch::FetchError;

/// A port that is connected to.
pub type TcpTarget = Probe<Tcp>;

/// A connection that is made and given up again.
#[derive(Clone, Debug)]
pub struct Tcp {
    /// Who is asked.
    pub host: Host,
    /// At which port.
    pub port: u16,
    /// How long it may take, the name's resolution included.
    pub timeout: Duration,
}

#[async_trait]
impl Means for Tcp {
    async fn attempt(&self, prober: &Prober) -> Result<Attempt, FetchError> {
        let turn = prober.names.turn(&self.host).await;
        let _connection = prober.turn().await;
        let began = Instant::now();
        match self.connect(turn, began + self.timeout).await {
            Ok((_stream, address)) => Ok(Attempt { address: Some(address), ..Attempt::answered(began.elapsed()) }),
            Err(Trouble::Theirs(fault)) => Ok(Attempt::failed(1, fault)),
            Err(Trouble::Ours(error)) => Err(error),
        }
    }
}

impl Tcp {
    /// A connection within five seconds.
    pub fn new(host: Host, port: u16) -> Self {
        Self { host, port, timeout: Duration::from_secs(5) }
    }

    async fn connect(&self, turn: Turn, until: Instant) -> Result<(TcpStream, IpAddr), Trouble> {
        connect(&turn.resolve(&self.host, self.port, until).await?, until).await
    }
}
