//! `/` to programs, `/host-os` and `/which`: what this is, and what it runs on.

use actix_web::HttpResponse;
use actix_web::http::header::{self, ContentType, HeaderValue};
use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{OffsetComponents as _, OffsetName as _, Tz};
use serde::Serialize;
use utoipa::ToSchema;

use super::parameters::NoParameters;
use crate::app::Context;
use crate::json;
use crate::openapi::answers::Refused;

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Daylight time is found by a look at each fortnight of a year.
const FORTNIGHTS: i32 = 26;

/// The body of `GET /`.
#[derive(Serialize, ToSchema)]
struct Uptime {
    /// How long the server has run, in whole seconds.
    #[schema(example = 86_400)]
    uptime: u64,
}

/// The body of `GET /host-os`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HostOs {
    /// What the system calls itself.
    #[serde(rename = "typeOS")]
    #[schema(example = "Linux")]
    type_os: String,
    /// The release of its kernel.
    #[serde(rename = "versionOS")]
    #[schema(example = "6.12.48")]
    version_os: String,
    /// The abbreviations of the host's time zone: of standard time and of daylight time. Twice the same where there is no
    /// daylight time.
    #[schema(min_items = 2, max_items = 2, example = json!(["CET", "CEST"]))]
    timezones: [String; 2],
}

/// `GET /` to anything that is not a browser.
#[utoipa::path(
    get,
    path = "/",
    operation_id = "getUptime",
    tag = "Server",
    summary = "How long the server has run",
    description = "Browsers, which prefer HTML, get the dashboard.",
    responses(
        (
            status = 200,
            description = "How long it has run.",
            content((Uptime = "application/json"), (String = "text/html; charset=utf-8")),
        ),
        Refused,
    ),
)]
pub(crate) fn uptime(context: &Context) -> HttpResponse {
    answer(&Uptime { uptime: context.began.elapsed().as_secs() })
}

/// `GET /host-os`.
#[utoipa::path(
    get,
    path = "/host-os",
    operation_id = "getHostOs",
    tag = "Server",
    summary = "The system that the server runs on",
    description = "Its type and release, as `uname` tells them, and the abbreviations of its time zone.",
    responses((status = 200, description = "The system.", body = HostOs), Refused),
)]
pub(super) async fn os(_: NoParameters) -> HttpResponse {
    let system = rustix::system::uname();
    answer(&HostOs {
        type_os: system.sysname().to_string_lossy().into_owned(),
        version_os: system.release().to_string_lossy().into_owned(),
        timezones: abbreviations(zone(), Utc::now()),
    })
}

/// `GET /which`.
#[utoipa::path(
    get,
    path = "/which",
    operation_id = "getName",
    tag = "Server",
    summary = "What this is",
    description = "Its name and version, in a line.",
    responses(
        (
            status = 200,
            description = "The line.",
            body = String,
            content_type = "text/plain; charset=utf-8",
            example = "Unistatus 0.1.0: the availability of everything a team depends on, in one place",
        ),
        Refused,
    ),
)]
pub(super) async fn which(_: NoParameters) -> HttpResponse {
    let line = concat!(
        "Unistatus ",
        env!("CARGO_PKG_VERSION"),
        ": the availability of everything a team depends on, in one place\n"
    );
    HttpResponse::Ok().content_type(ContentType::plaintext()).body(line)
}

fn answer(body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json()).insert_header((header::CACHE_CONTROL, NO_STORE));
    response.body(json::to_vec(body))
}

/// The host's time zone: that of the variable `TZ`, else that of the system. UTC where neither names one.
fn zone() -> Tz {
    let of_process = std::env::var("TZ").ok().and_then(|name| name.trim_start_matches(':').parse().ok());
    let of_system = || iana_time_zone::get_timezone().ok()?.parse().ok();
    of_process.or_else(of_system).unwrap_or(Tz::UTC)
}

/// The abbreviations of a zone in the year around an instant: of standard time and of daylight time, as POSIX has them in
/// `tzname`.
fn abbreviations(zone: Tz, now: DateTime<Utc>) -> [String; 2] {
    let around = (-FORTNIGHTS / 2..=FORTNIGHTS / 2).map(|number| now + TimeDelta::weeks(2) * number);
    let offsets: Vec<_> = around.map(|at| zone.offset_from_utc_datetime(&at.naive_utc())).collect();
    let named = |is_daylight: bool| {
        let offset = offsets.iter().find(|offset| offset.dst_offset().is_zero() != is_daylight)?;
        offset.abbreviation().map(str::to_owned)
    };
    let standard = named(false).unwrap_or_else(|| zone.name().to_owned());
    let daylight = named(true).unwrap_or_else(|| standard.clone());
    [standard, daylight]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_and_daylight_time_have_their_names_whenever_one_looks() {
        for (zone, expected) in [
            ("Europe/Berlin", ["CET", "CEST"]),
            ("America/New_York", ["EST", "EDT"]),
            ("Australia/Sydney", ["AEST", "AEDT"]),
            ("Asia/Kolkata", ["IST", "IST"]),
            ("Etc/UTC", ["UTC", "UTC"]),
        ] {
            let zone: Tz = zone.parse().unwrap();
            for month in 1..=12 {
                let now = Utc.with_ymd_and_hms(2026, month, 15, 12, 0, 0).unwrap();
                assert_eq!(abbreviations(zone, now), expected, "{zone} in month {month}");
            }
        }
    }
}
