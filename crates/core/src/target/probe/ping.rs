//! `PING`: ICMP echo.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use tokio::time::Instant;

use super::attempt::{Attempt, Fault, Reason, Trouble};
use super::names::{Family, Host};
use super::{Means, Probe, Prober};
use crate::networks::AddressPolicy;
use crate::target::fetch::FetchError;

/// A server that is pinged.
pub type PingTarget = Probe<Ping>;

/// Some echo requests, one after the other.
#[derive(Clone, Debug)]
pub struct Ping {
    /// Who is asked.
    pub host: Host,
    /// The only family whose addresses are asked; `None` for the first address of the name.
    pub family: Option<Family>,
    /// How many packets are sent.
    pub packets: u16,
    /// How long after the one the next is sent.
    pub spacing: Duration,
    /// How long the answer to each may take, and the name's resolution before them.
    pub timeout: Duration,
    /// Which addresses may be asked, where somebody else than the operator named the host.
    pub guard: Option<AddressPolicy>,
}

#[async_trait]
impl Means for Ping {
    async fn attempt(&self, prober: &Prober) -> Result<Attempt, FetchError> {
        let address = match self.address(prober).await {
            Ok(address) => address,
            Err(fault) => return Ok(Attempt::failed(self.packets, fault)),
        };
        if let Some(guard) = &self.guard {
            guard.check(address).map_err(|refused| FetchError::not_configured(&refused))?;
        }
        let packets = (0..u32::from(self.packets)).map(|place| async move {
            tokio::time::sleep(self.spacing * place).await;
            match prober.icmp.echo(address, self.timeout).await {
                Ok(latency) => Ok(Ok(latency)),
                Err(Trouble::Theirs(fault)) => Ok(Err(fault)),
                Err(Trouble::Ours(error)) => Err(error),
            }
        });
        Ok(Attempt { address: Some(address), ..summary(try_join_all(packets).await?) })
    }
}

impl Ping {
    /// Four packets, 200 ms apart, with two seconds for each answer.
    pub fn new(host: Host) -> Self {
        let (spacing, timeout) = (Duration::from_millis(200), Duration::from_secs(2));
        Self { host, family: None, packets: 4, spacing, timeout, guard: None }
    }

    /// The address that is asked.
    async fn address(&self, prober: &Prober) -> Result<IpAddr, Fault> {
        let turn = prober.names.turn(&self.host).await;
        let found = turn.resolve(&self.host, 0, Instant::now() + self.timeout).await?;
        let mut addresses = found.iter().map(std::net::SocketAddr::ip);
        addresses.find(|&address| self.family.is_none_or(|family| family.has(address))).ok_or_else(|| {
            let family = self.family.map(|family| family.to_string()).unwrap_or_default();
            Fault::new(Reason::Dns, format!("it has no {family} address"))
        })
    }
}

/// What the answers to some packets come to: the average of their latencies, and a fault if there are none.
fn summary(answers: Vec<Result<Duration, Fault>>) -> Attempt {
    let sent = u16::try_from(answers.len()).unwrap_or(u16::MAX);
    let (mut sum, mut answered, mut fault) = (Duration::ZERO, 0_u16, None);
    for answer in answers {
        match answer {
            Ok(latency) => {
                sum += latency;
                answered += 1;
            }
            // That somebody says why tells more than that nobody says anything.
            Err(found) if fault.is_none() || found.reason != Reason::Timeout => fault = Some(found),
            Err(_) => {}
        }
    }
    let latency = (answered > 0).then(|| sum / u32::from(answered.max(1)));
    Attempt { sent, lost: sent - answered, latency, fault: fault.filter(|_| answered == 0), ..Attempt::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latency_is_the_average_of_what_was_answered_and_only_silence_is_a_fault() {
        let answered = |millis| Ok(Duration::from_millis(millis));
        let fault = |reason| Fault::new(reason, "");
        let lost = || Err(fault(Reason::Timeout));
        for (answers, lost, latency, reason) in [
            (vec![answered(10), answered(20), answered(60)], 0, Some(30), None),
            (vec![lost(), answered(20), lost(), answered(40)], 2, Some(30), None),
            (vec![lost(), lost()], 2, None, Some(Reason::Timeout)),
            (vec![lost(), Err(fault(Reason::Unreachable)), lost()], 3, None, Some(Reason::Unreachable)),
        ] {
            let sent = u16::try_from(answers.len()).unwrap();
            let attempt = summary(answers);
            let (found, expected) = (attempt.fault.map(|fault| fault.reason), latency.map(Duration::from_millis));
            assert_eq!((attempt.sent, attempt.lost, attempt.latency, found), (sent, lost, expected, reason));
        }
    }
}
