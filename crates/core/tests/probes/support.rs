//! Who is asked, and who asks.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use unistatus_core::catalog::{Selection, TargetSet, assemble};
use unistatus_core::schema::{Check, Scalar, Service, Status, Timestamp, Validators};
use unistatus_core::secrets::Secrets;
use unistatus_core::target::fetch::Limits;
use unistatus_core::target::{
    Answer, CollectError, Context, Coverage, Explanation, Fetcher, Observation, Prober, Target,
};

/// The targets of a file.
pub(crate) fn targets(text: &str) -> TargetSet {
    assemble(&Selection::None, &[(PathBuf::from("targets.toml"), text.to_owned())])
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The entry of a probe that is called `it`, and does not wait long before it tries again.
pub(crate) fn entry(kind: &str, endpoint: &str, probe: &str) -> String {
    let probe = if probe.is_empty() { String::new() } else { format!(", {probe}") };
    format!(
        "[[target]]\nname = \"it\"\ntype = \"{kind}\"\nendpoint = \"{endpoint}\"\nprobe = {{ pause = \"1ms\"{probe} }}\n"
    )
}

/// One who asks, with these secrets.
pub(crate) struct Asker {
    fetcher: Fetcher,
    prober: Prober,
}

impl Asker {
    pub(crate) fn new() -> Self {
        Self::with_secrets(&[])
    }

    pub(crate) fn with_secrets(pairs: &[(&str, &str)]) -> Self {
        let secrets: HashMap<_, _> = pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let secrets = Secrets::new(secrets, HashMap::new());
        Self { fetcher: Fetcher::new(Limits::default(), None, secrets.clone()).unwrap(), prober: Prober::new(secrets) }
    }

    /// Asks a target as the collector does.
    pub(crate) async fn collect(&self, target: &dyn Target) -> Result<Observation, CollectError> {
        target.collect(&self.context(&Validators::default())).await
    }

    /// Asks a target as those do who set it up.
    pub(crate) async fn examine(&self, target: &dyn Target) -> Explanation {
        target.examine(&self.context(&Validators::default())).await.unwrap().explanation
    }

    /// What is measured by the entry of a probe that is called `it`.
    pub(crate) async fn measure(&self, entry: &str) -> Measured {
        let targets = targets(entry);
        Measured::of(self.collect(&*targets.get("it").unwrap().target).await.unwrap())
    }

    fn context<'a>(&'a self, validators: &'a Validators) -> Context<'a> {
        Context { fetcher: &self.fetcher, prober: &self.prober, validators, now: Timestamp::now(), interval: None }
    }
}

/// What a probe says: its one service, and its check, which agree.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) service: Service,
    pub(crate) check: Check,
    pub(crate) http_status: Option<u16>,
    pub(crate) bytes: u64,
}

impl Measured {
    pub(crate) fn of(observation: Observation) -> Self {
        let Observation { answer, validators, http_status, bytes, check } = observation;
        let Answer::Report(report) = answer else { panic!("a probe always measures anew") };
        assert_eq!(
            (report.coverage, report.incidents.len(), validators),
            (Coverage::Complete, 0, Validators::default())
        );
        let [service] = <[Service; 1]>::try_from(report.services).unwrap();
        let check = check.expect("a probe measures");
        assert_eq!(check.status, service.status);
        assert_eq!(service.dimensions.contains_key("reason"), service.status != Status::Ok, "{service:?}");
        assert!(check.lost <= check.sent && check.sent > 0, "{check:?}");
        Self { service, check, http_status, bytes }
    }

    /// The status and the reason.
    pub(crate) fn verdict(&self) -> (Status, Option<&str>) {
        (self.service.status, self.dimension("reason"))
    }

    pub(crate) fn dimension(&self, name: &str) -> Option<&str> {
        self.service.dimensions.get(name).map(|value| match value {
            Scalar::Text(text) => text.as_str(),
            other => panic!("{other:?} is no text"),
        })
    }
}

/// The verdicts, to compare with.
pub(crate) const fn ok() -> (Status, Option<&'static str>) {
    (Status::Ok, None)
}

pub(crate) const fn outage(reason: &str) -> (Status, Option<&str>) {
    (Status::Outage, Some(reason))
}

pub(crate) const fn degraded(reason: &str) -> (Status, Option<&str>) {
    (Status::Degraded, Some(reason))
}

/// A web server that gives its answers in turn, the last one again and again. An empty one is never given: whoever waits
/// for it waits.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// The requests that came, as they were written.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start(answers: &[impl AsRef<str>]) -> Self {
        Self::listen(answers, None).await
    }

    pub(crate) async fn encrypted(answers: &[impl AsRef<str>], config: Arc<rustls::ServerConfig>) -> Self {
        Self::listen(answers, Some(TlsAcceptor::from(config))).await
    }

    async fn listen(answers: &[impl AsRef<str>], encryption: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers: Vec<_> = answers.iter().map(|answer| answer.as_ref().to_owned()).collect();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, taken, encryption) = (answers.clone(), Arc::clone(&taken), encryption.clone());
                tokio::spawn(async move {
                    let Some(encryption) = encryption else { return serve(stream, &answers, &taken).await };
                    // Whoever does not like the certificate leaves.
                    if let Ok(stream) = encryption.accept(stream).await {
                        serve(stream, &answers, &taken).await;
                    }
                });
            }
        });
        Self { address, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/health", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, answers: &[String], taken: &Mutex<Vec<String>>) {
    let request = read_request(&mut stream).await;
    let place = {
        let mut taken = taken.lock().unwrap();
        taken.push(request);
        taken.len() - 1
    };
    let answer = answers.get(place).or(answers.last()).unwrap();
    if answer.is_empty() {
        // Until the other side has waited enough.
        let _ = stream.read(&mut [0; 1]).await;
        return;
    }
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return String::from_utf8(bytes).unwrap();
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}

/// An answer with a body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}
