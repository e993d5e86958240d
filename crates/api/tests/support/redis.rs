//! A real Redis for one test.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::client::{LOOK, PATIENCE};

/// A Redis on a port of its own. Dropping it kills it.
pub(crate) struct Redis {
    program: String,
    port: u16,
    folder: TempDir,
    process: Option<Child>,
}

impl Redis {
    /// The one that `REDIS_SERVER` names, else the one on the path; `None`, which is an error where `REQUIRE_REDIS` is set,
    /// if there is none.
    pub(crate) async fn start() -> Option<Self> {
        let program = std::env::var("REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned());
        let is_there = Command::new(&program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if is_there.is_err() {
            assert!(std::env::var_os("REQUIRE_REDIS").is_none(), "there is no {program}");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut redis = Self { program, port, folder: TempDir::new().unwrap(), process: None };
        redis.restart().await;
        Some(redis)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/3", self.port)
    }

    /// Starts it anew: it knows nothing of what was.
    pub(crate) async fn restart(&mut self) {
        let port = self.port.to_string();
        let mut command = Command::new(&self.program);
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.current_dir(self.folder.path()).stdout(Stdio::null());
        self.process = Some(command.spawn().unwrap());
        timeout(PATIENCE, async {
            while !self.is_up().await {
                sleep(LOOK).await;
            }
        })
        .await
        .expect("Redis does not start");
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Whether it answers.
    async fn is_up(&self) -> bool {
        let Ok(mut connection) = TcpStream::connect(("127.0.0.1", self.port)).await else { return false };
        let mut said = [0; 5];
        connection.write_all(b"PING\r\n").await.is_ok()
            && connection.read_exact(&mut said).await.is_ok()
            && said == *b"+PONG"
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
