//! What a filter can call: jq's library without whatever reaches beyond the document.
//!
//! A filter comes from a targets file, and what it yields is published. So it must not reach the environment, where
//! secrets are, nor the process it runs in; and because the same bytes give the same report, it knows no clock.

use jaq_core::box_iter::BoxIter;
use jaq_core::load::parse::Def;
use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{Cv, Error, ValX};
use jaq_json::Val;
use jaq_std::ValT as _;

use super::Data;

/// Definitions that rest on functions which are left out.
const LEFT_OUT_DEFINITIONS: [&str; 4] = ["debug", "halt", "halt_error", "stderr"];

/// Functions that reach the environment, the clock, the time zone of the machine, the process or its log; and the
/// one that is replaced.
const LEFT_OUT_FUNCTIONS: [&str; 8] =
    ["debug_empty", "env", "fromjson", "halt", "localtime", "now", "stderr_empty", "strflocaltime"];

/// The library's definitions in jq itself.
pub(super) fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs())
        .filter(|definition| !LEFT_OUT_DEFINITIONS.contains(&definition.name))
}

/// The library's native functions.
pub(super) fn functions() -> impl Iterator<Item = Fun<Data>> {
    jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs())
        .filter(|(name, ..)| !LEFT_OUT_FUNCTIONS.contains(name))
        .chain([run::<Data>(("fromjson", v(0), fromjson))])
}

/// `fromjson`, on which `tonumber` rests too. jaq's own reads without a limit of depth: a text of a hundred thousand
/// brackets, which a document may hold, would overflow the stack and end the process.
fn fromjson(cv: Cv<'_, Data>) -> BoxIter<'_, ValX<'_, Val>> {
    let text = cv.1;
    bome(text.try_as_utf8_bytes().and_then(|bytes| {
        serde_json::from_slice(bytes).map_err(|error| Error::str(format_args!("cannot parse {text} as JSON: {error}")))
    }))
}
