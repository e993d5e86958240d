//! The shape of `probe` in a targets file, and the way from there to what is measured.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use hyper::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue, PROXY_AUTHORIZATION};
use serde::Deserialize;
use toml::Spanned;
use url::Url;

use super::{SpecError, address, keep};
use crate::schema::Kind;
use crate::secrets::Template;
use crate::target::probe::{BodyMatch, Family, Host, Http, Ping, Probe, Retries, Statuses, Tcp, Thresholds};
use crate::target::rest::jq::Condition;
use crate::target::{Identity, Target};

/// What is accepted for a length of time, for messages.
const MOMENTS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_mins(1);
const PAUSES: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_mins(1);
const TERMS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_hours(24 * 3650);

/// What an HTTP probe may ask by.
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// Headers that hold nothing but secrets.
const SECRET_HEADERS: [HeaderName; 3] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE];

/// `probe`, as it is written. What is left out is as usual.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProbeSpec {
    timeout: Option<Spanned<String>>,
    retries: Option<Spanned<i64>>,
    pause: Option<Spanned<String>>,
    degraded: Option<DegradedSpec>,
    packets: Option<Spanned<i64>>,
    spacing: Option<Spanned<String>>,
    family: Option<Spanned<Family>>,
    method: Option<Spanned<String>>,
    headers: Option<Spanned<BTreeMap<String, Spanned<String>>>>,
    body: Option<Spanned<String>>,
    status: Option<Spanned<StatusSpec>>,
    contains: Option<Spanned<String>>,
    jq: Option<Spanned<String>>,
    redirects: Option<Spanned<i64>>,
    ca: Option<Spanned<PathBuf>>,
}

/// From where on an answer is not good enough.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DegradedSpec {
    latency: Option<Spanned<String>>,
    loss: Option<Spanned<f64>>,
    certificate: Option<Spanned<String>>,
}

/// The statuses that are expected.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected statuses such as 200, ranges such as \"200-299\", or a list of them")]
enum StatusSpec {
    One(StatusWord),
    Several(Vec<StatusWord>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum StatusWord {
    Number(u16),
    Text(String),
}

/// What is measured, and how.
#[derive(Debug)]
pub(super) struct Measured {
    means: AnyMeans,
    retries: Retries,
    thresholds: Thresholds,
}

#[derive(Debug)]
enum AnyMeans {
    Ping(Ping),
    Tcp(Tcp),
    Http(Http),
}

impl Measured {
    /// The target that is measured so.
    pub(super) fn target(self, identity: Identity) -> Arc<dyn Target> {
        let Self { means, retries, thresholds } = self;
        match means {
            AnyMeans::Ping(ping) => Arc::new(Probe::new(identity, ping, retries, thresholds)),
            AnyMeans::Tcp(tcp) => Arc::new(Probe::new(identity, tcp, retries, thresholds)),
            AnyMeans::Http(http) => Arc::new(Probe::new(identity, http, retries, thresholds)),
        }
    }
}

impl ProbeSpec {
    /// What is measured of an endpoint; `None` where there are faults.
    pub(super) fn compile(
        &self,
        kind: Kind,
        endpoint: &Spanned<String>,
        faults: &mut Vec<SpecError>,
    ) -> Option<Measured> {
        faults.extend(self.foreign(kind));
        let retries = keep(faults, self.retries());
        let thresholds = self.thresholds(kind, faults);
        let means = match kind {
            Kind::Tcp => self.tcp(endpoint, faults).map(AnyMeans::Tcp),
            Kind::Http => self.http(endpoint, faults).map(AnyMeans::Http),
            _ => self.ping(endpoint, faults).map(AnyMeans::Ping),
        };
        Some(Measured { means: means?, retries: retries?, thresholds })
    }

    /// The texts that have secrets, or may have.
    pub(super) fn templates(&self) -> impl Iterator<Item = Template> {
        let headers = self.headers.iter().flat_map(|headers| headers.get_ref().values());
        headers.chain(&self.body).filter_map(|text| Template::parse(text.get_ref()).ok())
    }

    /// The keys that are another kind's.
    fn foreign(&self, kind: Kind) -> Vec<SpecError> {
        fn at<T>(value: Option<&Spanned<T>>) -> Option<Range<usize>> {
            value.map(Spanned::span)
        }
        let degraded = self.degraded.as_ref();
        [
            ("probe.packets", at(self.packets.as_ref()), Kind::Ping),
            ("probe.spacing", at(self.spacing.as_ref()), Kind::Ping),
            ("probe.family", at(self.family.as_ref()), Kind::Ping),
            ("probe.degraded.loss", at(degraded.and_then(|degraded| degraded.loss.as_ref())), Kind::Ping),
            ("probe.method", at(self.method.as_ref()), Kind::Http),
            ("probe.headers", at(self.headers.as_ref()), Kind::Http),
            ("probe.body", at(self.body.as_ref()), Kind::Http),
            ("probe.status", at(self.status.as_ref()), Kind::Http),
            ("probe.contains", at(self.contains.as_ref()), Kind::Http),
            ("probe.jq", at(self.jq.as_ref()), Kind::Http),
            ("probe.redirects", at(self.redirects.as_ref()), Kind::Http),
            ("probe.ca", at(self.ca.as_ref()), Kind::Http),
            ("probe.degraded.certificate", at(degraded.and_then(|degraded| degraded.certificate.as_ref())), Kind::Http),
        ]
        .into_iter()
        .filter(|&(.., owner)| owner != kind)
        .filter_map(|(key, span, owner)| {
            let problem = format!("a {kind} target has no such thing");
            Some(SpecError { span: span?, key: key.to_owned(), problem, expected: format!("it at a {owner} target") })
        })
        .collect()
    }

    fn retries(&self) -> Result<Retries, SpecError> {
        let usual = Retries::default();
        Ok(Retries {
            count: number("probe.retries", self.retries.as_ref(), 0..=10)?.unwrap_or(usual.count),
            pause: length("probe.pause", self.pause.as_ref(), PAUSES)?.unwrap_or(usual.pause),
        })
    }

    fn thresholds(&self, kind: Kind, faults: &mut Vec<SpecError>) -> Thresholds {
        let usual = Thresholds::usual(kind);
        let Some(degraded) = &self.degraded else { return usual };
        let latency = length("probe.degraded.latency", degraded.latency.as_ref(), MOMENTS);
        let certificate = length("probe.degraded.certificate", degraded.certificate.as_ref(), TERMS);
        Thresholds {
            latency: keep(faults, latency).flatten().or(usual.latency),
            loss: keep(faults, share(degraded.loss.as_ref())).flatten().or(usual.loss),
            certificate: keep(faults, certificate).flatten().or(usual.certificate),
        }
    }

    fn ping(&self, endpoint: &Spanned<String>, faults: &mut Vec<SpecError>) -> Option<Ping> {
        let text = endpoint.get_ref();
        let host = Host::parse(text).ok_or_else(|| {
            SpecError::at(endpoint, "endpoint", format!("\"{text}\" is no host"), "a host's name or address")
        });
        let host = keep(faults, host);
        let packets = keep(faults, number("probe.packets", self.packets.as_ref(), 1..=100));
        let spacing = keep(faults, length("probe.spacing", self.spacing.as_ref(), MOMENTS));
        let timeout = keep(faults, self.timeout());
        let usual = Ping::new(host?);
        Some(Ping {
            family: self.family.as_ref().map(|family| *family.get_ref()),
            packets: packets?.unwrap_or(usual.packets),
            spacing: spacing?.unwrap_or(usual.spacing),
            timeout: timeout?.unwrap_or(usual.timeout),
            ..usual
        })
    }

    fn tcp(&self, endpoint: &Spanned<String>, faults: &mut Vec<SpecError>) -> Option<Tcp> {
        let text = endpoint.get_ref();
        let place = host_and_port(text).ok_or_else(|| {
            let expected = "a host and a port such as db.example:5432 or [2001:db8::1]:5432";
            SpecError::at(endpoint, "endpoint", format!("\"{text}\" is not that"), expected)
        });
        let place = keep(faults, place);
        let timeout = keep(faults, self.timeout());
        let (host, port) = place?;
        let usual = Tcp::new(host, port);
        Some(Tcp { timeout: timeout?.unwrap_or(usual.timeout), ..usual })
    }

    fn http(&self, endpoint: &Spanned<String>, faults: &mut Vec<SpecError>) -> Option<Http> {
        let address = keep(faults, web_address(endpoint));
        let method = keep(faults, self.method());
        let headers = self.headers(faults);
        let body = keep(faults, self.body());
        let redirects = keep(faults, number("probe.redirects", self.redirects.as_ref(), 0..=20));
        let expected = keep(faults, self.expected());
        let matches = keep(faults, self.matches());
        let timeout = keep(faults, self.timeout());
        let usual = Http::new(address?);
        let redirects = redirects?.map_or(usual.redirects, usize::from);
        Some(Http {
            method: method?.unwrap_or(usual.method),
            headers,
            body: body?,
            expected: expected?.unwrap_or_else(|| Statuses::usual(redirects)),
            matches: matches?.map(Arc::new),
            redirects,
            ca: self.ca.as_ref().map(|file| file.get_ref().clone()),
            timeout: timeout?.unwrap_or(usual.timeout),
            address: usual.address,
        })
    }

    fn timeout(&self) -> Result<Option<Duration>, SpecError> {
        length("probe.timeout", self.timeout.as_ref(), MOMENTS)
    }

    fn method(&self) -> Result<Option<Method>, SpecError> {
        let Some(written) = &self.method else { return Ok(None) };
        let word = written.get_ref();
        let known = METHODS.into_iter().find(|method| method.as_str() == word);
        known.map(Some).ok_or_else(|| {
            let accepted = METHODS.map(|method| method.as_str().to_owned()).join(", ");
            SpecError::at(written, "probe.method", format!("\"{word}\" is not a method"), accepted)
        })
    }

    fn headers(&self, faults: &mut Vec<SpecError>) -> Vec<(HeaderName, Template)> {
        let headers = self.headers.iter().flat_map(Spanned::get_ref);
        headers.filter_map(|(name, value)| keep(faults, header(name, value))).collect()
    }

    fn body(&self) -> Result<Option<Template>, SpecError> {
        self.body.as_ref().map(|body| template("probe.body", body)).transpose()
    }

    fn expected(&self) -> Result<Option<Statuses>, SpecError> {
        let Some(written) = &self.status else { return Ok(None) };
        let words = match written.get_ref() {
            StatusSpec::One(word) => std::slice::from_ref(word),
            StatusSpec::Several(words) => words,
        };
        let words: Vec<_> = words
            .iter()
            .map(|word| match word {
                StatusWord::Number(number) => number.to_string(),
                StatusWord::Text(text) => text.clone(),
            })
            .collect();
        Statuses::parse(words.iter().map(String::as_str)).map(Some).ok_or_else(|| {
            let problem = format!("\"{}\" is not that", words.join("\", \""));
            SpecError::at(written, "probe.status", problem, Statuses::ACCEPTED)
        })
    }

    fn matches(&self) -> Result<Option<BodyMatch>, SpecError> {
        if let Some(text) = self.contains.as_ref().filter(|text| text.get_ref().is_empty()) {
            return Err(SpecError::at(text, "probe.contains", "every body contains that", "a text"));
        }
        let compile = |written: &Spanned<String>| {
            let compiled = Condition::compile(written.get_ref());
            compiled.map_err(|fault| SpecError::at(written, "probe.jq", fault.problem, fault.expected))
        };
        let jq = self.jq.as_ref().map(compile).transpose()?;
        let contains = self.contains.as_ref().map(|text| text.get_ref().clone());
        Ok((contains.is_some() || jq.is_some()).then_some(BodyMatch { contains, jq }))
    }
}

/// A host and a port, IPv6 addresses in brackets.
fn host_and_port(text: &str) -> Option<(Host, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let is_bracketed = host.starts_with('[') && host.ends_with(']');
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|&port: &u16| is_number && port > 0)?;
    Host::parse(host).filter(|_| is_bracketed || !host.contains(':')).map(|host| (host, port))
}

/// The address of an HTTP probe. Who asks stands in its headers, never before the host.
fn web_address(endpoint: &Spanned<String>) -> Result<Template, SpecError> {
    let template = template("endpoint", endpoint)?;
    let sample = template.fill_with(|_| Ok::<_, Infallible>("1".to_owned())).unwrap_or_default();
    if Url::parse(&sample).is_ok_and(|url| !url.username().is_empty() || url.password().is_some()) {
        let expected = "probe.headers = { Authorization = \"Basic ${NAME}\" }";
        return Err(SpecError::at(endpoint, "endpoint", "it says who asks", expected));
    }
    address("endpoint", endpoint)
}

fn header(name: &str, value: &Spanned<String>) -> Result<(HeaderName, Template), SpecError> {
    let key = format!("probe.headers.{name}");
    let header = name.parse::<HeaderName>().map_err(|_| {
        SpecError::at(value, "probe.headers", format!("\"{name}\" is not the name of a header"), "such as \"Accept\"")
    })?;
    let template = template(&key, value)?;
    if SECRET_HEADERS.contains(&header) && template.names().next().is_none() {
        let expected = "a reference such as \"Bearer ${API_TOKEN}\", with the secret in the variable API_TOKEN or in \
                        the file that API_TOKEN_FILE names";
        return Err(SpecError::at(value, &key, "it holds the secret itself", expected));
    }
    if HeaderValue::from_str(value.get_ref()).is_err() {
        return Err(SpecError::at(value, &key, "it cannot stand in a header", "one line of text"));
    }
    Ok((header, template))
}

/// A text that may have `${NAME}`s in it. The fault does not show it: there may be a secret in it by mistake.
fn template(key: &str, written: &Spanned<String>) -> Result<Template, SpecError> {
    Template::parse(written.get_ref()).map_err(|_| {
        let problem = "it has a \"${\" without the name of a variable and its \"}\"";
        SpecError::at(written, key, problem, "${NAME} where a variable's value belongs")
    })
}

fn length(
    key: &str,
    written: Option<&Spanned<String>>,
    accepted: RangeInclusive<Duration>,
) -> Result<Option<Duration>, SpecError> {
    let Some(written) = written else { return Ok(None) };
    let length = humantime::parse_duration(written.get_ref()).ok().filter(|length| accepted.contains(length));
    length.map(Some).ok_or_else(|| {
        let shown = |length: &Duration| humantime::format_duration(*length).to_string();
        let example = if *accepted.end() > *MOMENTS.end() { "14d" } else { "500ms" };
        let problem = format!("\"{}\" is not that", written.get_ref());
        let (shortest, longest) = (shown(accepted.start()), shown(accepted.end()));
        let expected = format!("a length of time such as \"{example}\", from {shortest} to {longest}");
        SpecError::at(written, key, problem, expected)
    })
}

fn number(key: &str, written: Option<&Spanned<i64>>, accepted: RangeInclusive<u16>) -> Result<Option<u16>, SpecError> {
    let Some(written) = written else { return Ok(None) };
    let number = u16::try_from(*written.get_ref()).ok().filter(|number| accepted.contains(number));
    number.map(Some).ok_or_else(|| {
        let expected = format!("a number from {} to {}", accepted.start(), accepted.end());
        SpecError::at(written, key, format!("{} is not that", written.get_ref()), expected)
    })
}

fn share(written: Option<&Spanned<f64>>) -> Result<Option<f64>, SpecError> {
    let Some(written) = written else { return Ok(None) };
    let share = *written.get_ref();
    if share > 0.0 && share <= 1.0 {
        return Ok(Some(share));
    }
    let expected = "a share of the packets above 0, up to 1 for all of them";
    Err(SpecError::at(written, "probe.degraded.loss", format!("{share} is not that"), expected))
}
