//! Who may talk to which host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// One queue per host (name and port).
#[derive(Debug)]
pub(super) struct Hosts {
    per_host: usize,
    queues: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Hosts {
    pub(super) fn new(per_host: usize) -> Self {
        Self { per_host, queues: Mutex::default() }
    }

    /// Waits for a turn to talk to a URL's host; it ends when the permit is dropped.
    pub(super) async fn turn(&self, url: &Url) -> Option<OwnedSemaphorePermit> {
        let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
        let queue = {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(queues.entry(host).or_insert_with(|| Arc::new(Semaphore::new(self.per_host))))
        };
        // The queues are never closed, so there always is a permit.
        queue.acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn two_at_a_time_to_a_host_and_hosts_do_not_wait_for_each_other() {
        let hosts = Hosts::new(2);
        let url = |text: &str| Url::parse(text).unwrap();
        let _one = hosts.turn(&url("https://a.example/1")).await;
        let two = hosts.turn(&url("https://a.example/2")).await;
        let same = url("https://A.example:443/3");
        let third = hosts.turn(&same);
        tokio::pin!(third);
        assert!(tokio::time::timeout(Duration::from_mins(1), &mut third).await.is_err(), "a third has to wait");
        drop(hosts.turn(&url("https://a.example:8443/")).await.unwrap());
        drop(hosts.turn(&url("https://b.example/")).await.unwrap());
        drop(two);
        drop(third.await.unwrap());
    }
}
