//! From the address of a page, an API or a feed to the endpoint that tells most.
//!
//! What is there is asked first; then, as long as more may be told elsewhere, what the page links to and where the
//! families of status pages publish (the table in `leads`). Each answer is judged by its content alone. Once a family is
//! recognised, only its own addresses are still asked: a search costs a handful of requests as a rule, and never more
//! than sixteen.

mod leads;

use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::time::Duration;

use futures_util::future::join_all;
use url::Url;

use self::leads::Lead;
use super::fetch::{Body, FetchError, Fetched, Fetcher, Request};
use super::identify::{Identified, Match, Refusal, identify, likely_kind, place};
use super::spec::TargetSpec;
use super::{Context, Document, FormatRow, ParseError, Parser, Prober, Report, Transport, html, rest, rss};
use crate::schema::{FailureClass, Kind, Service, Timestamp, Validators, dimension_names};
use crate::secrets::Secrets;

pub use self::leads::{NoAddress, address};

/// How many requests a search may cost.
const MAX_REQUESTS: usize = 16;

/// How many of them are under way at once.
const AT_ONCE: usize = 2;

/// What a search found.
#[derive(Debug)]
pub struct Discovery {
    /// What can be read, the best first; nothing if there is nothing.
    pub candidates: Vec<Candidate>,
    /// What was asked, in this order, and what came of it.
    pub attempts: Vec<Attempt>,
}

/// An endpoint that a built-in format reads.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The transport.
    pub kind: Kind,
    /// The format.
    pub format: &'static FormatRow,
    /// The address that was asked.
    pub asked: Url,
    /// Where the document lies: where redirects from there lead.
    pub endpoint: Url,
    /// What it says.
    pub report: Report,
    /// Whether all parts of its answer were read.
    is_complete: bool,
    /// How many were found before it.
    order: usize,
}

/// An address that was asked.
#[derive(Debug)]
pub struct Attempt {
    /// The address.
    pub url: Url,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of asking an address.
#[derive(Debug)]
pub enum Outcome {
    /// These formats read it.
    Read(Vec<(Kind, &'static str)>),
    /// It says what another address says.
    Same(Url),
    /// No format reads it.
    Refused {
        /// What it looks like.
        kind: Option<Kind>,
        /// Why, most telling first.
        refusals: Vec<Refusal>,
    },
    /// There is no answer to read.
    Failed(FetchError),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(formats) => {
                let formats: Vec<_> = formats.iter().map(|(kind, name)| format!("{kind} {name}")).collect();
                write!(f, "read by {}", formats.join(", "))
            }
            Self::Same(url) => write!(f, "says the same as {url}"),
            Self::Refused { kind, refusals } => {
                let what = match kind {
                    Some(Kind::Rest) => "JSON",
                    Some(Kind::Rss) => "a feed",
                    Some(_) => "a page",
                    None => "a document",
                };
                write!(f, "{what} that no built-in format reads")?;
                let Some(first) = refusals.first() else { return Ok(()) };
                let name = first.formats.first().copied().unwrap_or_default();
                write!(f, " ({name}: {}", first.error)?;
                match refusals.iter().map(|refusal| refusal.formats.len()).sum::<usize>() {
                    0 | 1 => f.write_str(")"),
                    all => write!(f, "; {} others likewise)", all - 1),
                }
            }
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl Candidate {
    fn of(asked: &Url, body: &Body, found: Match, order: usize) -> Self {
        let Match { kind, format, report } = found;
        let is_complete = !matches!(format.parser, Parser::Parted(_));
        Self { kind, format, asked: asked.clone(), endpoint: body.url.clone(), report, is_complete, order }
    }

    /// The page's name, where the document states one.
    pub fn page(&self) -> Option<&str> {
        let page = self.report.services.iter().find(|service| is_page(service))?;
        Some(&page.name)
    }

    /// The entry of a targets file that asks it.
    pub fn entry(&self, name: &str) -> String {
        format!("[[target]]\n{}", self.keys(name))
    }

    fn keys(&self, name: &str) -> String {
        let kind = self.kind.as_str();
        let mut keys = vec![("name", name), ("type", kind), ("format", self.format.name)];
        // The source chose the address, and must not choose a variable of ours to be sent to it.
        let endpoint = self.endpoint.as_str().replace("${", "%24{");
        keys.push(("endpoint", &endpoint));
        keys.extend(self.page().map(|page| ("title", page)));
        keys.into_iter()
            .fold(String::new(), |toml, (key, value)| toml + key + " = " + &toml::Value::from(value).to_string() + "\n")
    }

    /// Whether all it tells of is the page as a whole.
    fn is_page_alone(&self) -> bool {
        self.is_complete && !self.report.services.is_empty() && self.report.services.iter().all(is_page)
    }

    /// What tells services apart comes first, then the transport that tells most, then the number of services, which
    /// may be any as long as parts are missing; then what was asked first.
    fn rank(&self) -> impl Ord + use<> {
        let count = if self.is_complete { self.report.services.len() } else { usize::MAX };
        (self.is_page_alone(), place(self.kind), Reverse(count), self.order)
    }

    /// Whether it tells of the services that another one tells of, in the same way.
    fn says_as(&self, other: &Self) -> bool {
        let keys = |candidate: &Self| -> Vec<String> {
            candidate.report.services.iter().map(|service| service.key.clone()).collect()
        };
        (self.kind, self.format.name) == (other.kind, other.format.name) && keys(self) == keys(other)
    }

    /// Reads all parts of its answer, as the target will.
    async fn complete(&mut self, fetcher: &Fetcher, now: Timestamp) -> Result<(), Outcome> {
        let spec: TargetSpec = toml::from_str(&self.keys("candidate")).map_err(|error| self.broken(&error))?;
        let configured = spec.build(Duration::ZERO, None).map_err(|faults| self.broken(&format!("{faults:?}")))?;
        // No candidate is a probe.
        let (prober, validators) = (Prober::new(Secrets::default()), Validators::default());
        let context = Context { fetcher, prober: &prober, validators: &validators, now, interval: None };
        let examination = configured.target.examine(&context).await.map_err(Outcome::Failed)?;
        self.report = examination.explanation.report.map_err(|error| self.refusal(error))?;
        self.is_complete = true;
        Ok(())
    }

    fn broken(&self, reason: &dyn fmt::Display) -> Outcome {
        self.refusal(ParseError::malformed(format!("its entry cannot be used: {reason}")))
    }

    fn refusal(&self, error: ParseError) -> Outcome {
        let refusal = Refusal { kind: self.kind, formats: vec![self.format.name], error };
        Outcome::Refused { kind: Some(self.kind), refusals: vec![refusal] }
    }
}

fn is_page(service: &Service) -> bool {
    service.dimensions.get(dimension_names::SCOPE) == Some(&dimension_names::SCOPE_PAGE.into())
}

/// Looks for the best endpoint at an address and around it.
///
/// May be cancelled at any await. `now` is the moment of the search, for documents that speak of it.
///
/// # Errors
/// [`FetchError`] if the address's own host cannot be reached, or asks to be left alone.
pub async fn discover(fetcher: &Fetcher, start: &Url, now: Timestamp) -> Result<Discovery, FetchError> {
    let mut search = Search::new(now);
    let first = match fetch(fetcher, start, START_ACCEPT).await {
        Err(error) if is_silent(&error) => return Err(error),
        first => first,
    };
    let page = search.judge(start, first).await;
    let start = start.clone();
    let leads = tokio::task::spawn_blocking(move || {
        let base = page.as_ref().map_or(&start, |page| &page.url);
        leads::around(&start, base, page.as_deref().map(|page| document(page, now)))
    });
    search.leads = leads.await.unwrap_or_default();
    loop {
        let leads: Vec<Lead> = std::iter::from_fn(|| search.next()).take(AT_ONCE).collect();
        if leads.is_empty() {
            break;
        }
        let answers = join_all(leads.iter().map(|lead| fetch(fetcher, &lead.url, accept(lead.kind)))).await;
        for (lead, answer) in leads.iter().zip(answers) {
            search.judge(&lead.url, answer).await;
        }
    }
    Ok(search.conclude(fetcher).await)
}

/// What is understood of an address of which nothing is known.
const START_ACCEPT: &str =
    "text/html, application/json;q=0.9, application/atom+xml;q=0.9, application/rss+xml;q=0.9, */*;q=0.5";

const fn accept(kind: Kind) -> &'static str {
    match kind {
        Kind::Html => html::Html::ACCEPT,
        Kind::Rss => rss::Rss::ACCEPT,
        _ => rest::Rest::ACCEPT,
    }
}

async fn fetch(fetcher: &Fetcher, url: &Url, accept: &'static str) -> Result<Option<Box<Body>>, FetchError> {
    let request = Request { url, accept, validators: &Validators::default(), auth: None };
    match fetcher.fetch(&request).await? {
        Fetched::Body { body, .. } => Ok(Some(body)),
        Fetched::NotModified => Ok(None),
    }
}

fn document(body: &Body, now: Timestamp) -> Document<'_> {
    Document::new(&body.bytes).with_charset(body.charset.as_deref()).asked_at(now)
}

/// Whether a host that fails so is not to be asked for anything else.
fn is_silent(error: &FetchError) -> bool {
    match error.class() {
        FailureClass::HttpStatus
        | FailureClass::Redirect
        | FailureClass::TooLarge
        | FailureClass::Decode
        | FailureClass::Parse
        | FailureClass::NotConfigured => false,
        FailureClass::Dns
        | FailureClass::Connect
        | FailureClass::Tls
        | FailureClass::Timeout
        | FailureClass::Connection
        | FailureClass::RateLimited => true,
    }
}

/// A search under way.
struct Search {
    /// When it began.
    now: Timestamp,
    /// Where to look next.
    leads: VecDeque<Lead>,
    candidates: Vec<Candidate>,
    attempts: Vec<Attempt>,
    /// Addresses that were asked, or were led to.
    known: BTreeSet<Url>,
    /// Hosts that do not answer, or want to be left alone.
    silent: BTreeSet<String>,
    requests: usize,
}

impl Search {
    /// A search whose first request is being made.
    fn new(now: Timestamp) -> Self {
        Self {
            now,
            leads: VecDeque::new(),
            candidates: Vec::new(),
            attempts: Vec::new(),
            known: BTreeSet::new(),
            silent: BTreeSet::new(),
            requests: 1,
        }
    }

    /// The next address that is worth asking.
    fn next(&mut self) -> Option<Lead> {
        while self.requests < MAX_REQUESTS {
            let lead = self.leads.pop_front()?;
            let is_silent = lead.url.host_str().is_some_and(|host| self.silent.contains(host));
            if !is_silent && self.is_wanted(&lead) && self.known.insert(lead.url.clone()) {
                self.requests += 1;
                return Some(lead);
            }
        }
        None
    }

    /// Whether an address may tell more than what is known: of the family that was recognised, if one was, and
    /// not of a transport that tells less.
    fn is_wanted(&self, lead: &Lead) -> bool {
        let Some(best) = self.candidates.iter().min_by_key(|candidate| candidate.rank()) else { return true };
        let is_kin = self.candidates.iter().any(|candidate| lead.families.contains(&candidate.format.name));
        is_kin && (best.is_page_alone() || place(lead.kind) <= place(best.kind))
    }

    /// Judges an answer by its content; gives it back for more to be read in it.
    async fn judge(&mut self, url: &Url, answer: Result<Option<Box<Body>>, FetchError>) -> Option<Box<Body>> {
        self.known.insert(url.clone());
        let body = match answer {
            Ok(body) => body?,
            Err(error) => {
                if is_silent(&error) {
                    self.silent.extend(url.host_str().map(str::to_owned));
                }
                self.attempts.push(Attempt { url: url.clone(), outcome: Outcome::Failed(error) });
                return None;
            }
        };
        if body.url != *url && !self.known.insert(body.url.clone()) {
            self.attempts.push(Attempt { url: url.clone(), outcome: Outcome::Same(body.url.clone()) });
            return None;
        }
        let now = self.now;
        let read = tokio::task::spawn_blocking(move || {
            let document = document(&body, now);
            (identify(&document), likely_kind(&document), body)
        });
        // A format that panics is a fault of ours, and no reason to give up the search.
        let (identified, kind, body) = read.await.ok()?;
        let outcome = self.weigh(url, &body, identified, kind);
        self.attempts.push(Attempt { url: url.clone(), outcome });
        Some(body)
    }

    /// Keeps what formats read in an answer, unless it is known already.
    fn weigh(&mut self, url: &Url, body: &Body, identified: Identified, kind: Option<Kind>) -> Outcome {
        let Identified { matches, refusals } = identified;
        if matches.is_empty() {
            return Outcome::Refused { kind, refusals };
        }
        let formats = matches.iter().map(|found| (found.kind, found.format.name)).collect();
        let mut same = None;
        let before = self.candidates.len();
        for found in matches {
            let candidate = Candidate::of(url, body, found, self.candidates.len());
            match self.candidates.iter().find(|known| known.says_as(&candidate)) {
                Some(known) => same = Some(known.endpoint.clone()),
                None => self.candidates.push(candidate),
            }
        }
        same.filter(|_| self.candidates.len() == before).map_or(Outcome::Read(formats), Outcome::Same)
    }

    /// Reads the winner as its target will, and looks whether it still is one then.
    async fn conclude(mut self, fetcher: &Fetcher) -> Discovery {
        loop {
            self.candidates.sort_by_key(Candidate::rank);
            let Some(best) = self.candidates.first_mut().filter(|best| !best.is_complete) else { break };
            if let Err(outcome) = best.complete(fetcher, self.now).await {
                let url = self.candidates.remove(0).endpoint;
                self.attempts.push(Attempt { url, outcome });
            }
        }
        Discovery { candidates: self.candidates, attempts: self.attempts }
    }
}

#[cfg(test)]
mod tests;
