//! The user's own mapping: a jq filter that makes services of any JSON document.
//!
//! The filter is compiled once, when the targets are loaded, and sees nothing but the document: no environment, no
//! files, no clock (see [`library`]). It may loop for ever, as any program may; what it yields is limited.

mod condition;
mod library;
mod output;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jaq_core::data::JustLut;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, compile};
use jaq_json::Val;
use serde_json::Value;

pub(crate) use self::condition::Condition;
use self::output::Fault;
use crate::schema::truncate;
use crate::target::explain::{Recorder, SHOWN};
use crate::target::{
    Coverage, Document, Explanation, Format, Mapping, MappingError, ParseError, Part, Report, WordTable,
};

/// More services than this, or more outputs (an empty array is one), is a filter gone astray.
const MAX_SERVICES: usize = 20_000;

/// What a filter is told to yield.
const EXPECTED: &str = "objects {name, status, lastTimestamp?, key?, dimensions?}, or an array of them";

/// The values and the data that filters run on.
type Data = JustLut<Val>;

/// A compiled filter and how to read what it yields.
struct Jq {
    expression: String,
    filter: jaq_core::Filter<Data>,
    words: WordTable,
    coverage: Coverage,
}

/// Compiles the filter of a mapping.
///
/// # Errors
/// [`MappingError`] with the place in the expression, if there is no filter or it does not compile.
pub(super) fn compile(mapping: &Mapping) -> Result<Arc<dyn Format>, MappingError> {
    let expression = mapping.jq.as_deref().filter(|expression| !expression.trim().is_empty());
    let expression =
        expression.ok_or_else(|| fault("there is no filter", format!("a jq filter that yields {EXPECTED}")))?;
    Ok(Arc::new(Jq {
        expression: shorten(expression.trim()),
        filter: compile_filter(expression)?,
        words: mapping.words.clone(),
        coverage: mapping.coverage.unwrap_or_default(),
    }))
}

impl Format for Jq {
    fn parse(&self, document: &Document<'_>) -> Result<Report, ParseError> {
        self.read(document, &mut Recorder::default())
    }

    fn explain(&self, parts: &[Part<'_>]) -> Explanation {
        Explanation::of(parts, |document, recorder| self.read(document, recorder))
    }
}

impl Jq {
    fn read(&self, document: &Document<'_>, recorder: &mut Recorder) -> Result<Report, ParseError> {
        let input: Val = document.json()?;
        let mut report = Report::new(self.coverage);
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new([]));
        for (number, output) in (1..).zip(self.filter.id.run((context, input))) {
            let output = output.map_err(|exception| self.failure(document, exception))?;
            let place = format!("output {number}");
            // Through text, because only there do non-JSON values (NaN, bytes) show themselves.
            let output = output.to_string();
            let value = serde_json::from_str(&output)
                .map_err(|_| Fault::new("no JSON", EXPECTED))
                .and_then(|value| if number > MAX_SERVICES { Err(Fault::too_many()) } else { Ok(value) })
                .map_err(|found| self.refused(found, &place, &output))?;
            match value {
                Value::Array(elements) => {
                    for (number, element) in (1..).zip(elements) {
                        self.take(&mut report, &element, || format!("element {number} of {place}"), recorder)?;
                    }
                }
                value => self.take(&mut report, &value, || place.clone(), recorder)?,
            }
        }
        if report.services.is_empty() && self.coverage == Coverage::Complete {
            return Err(self.nothing(document).into());
        }
        Ok(report)
    }

    /// Takes one value for a service.
    fn take(
        &self,
        report: &mut Report,
        value: &Value,
        place: impl Fn() -> String,
        recorder: &mut Recorder,
    ) -> Result<(), MappingError> {
        recorder.piece(&place);
        recorder.found("jq", || shorten(&value.to_string()));
        let read = output::service(report, &self.words, value, recorder).and_then(|service| {
            if report.services.len() == MAX_SERVICES { Err(Fault::too_many()) } else { Ok(service) }
        });
        let service = read.map_err(|found| self.refused(found, &place(), &value.to_string()))?;
        recorder.service(&service);
        report.services.push(service);
        Ok(())
    }

    fn refused(&self, found: Fault, place: &str, value: &str) -> MappingError {
        let problem = format!("{} in {place} of `{}`, which is {}", found.problem, self.expression, shorten(value));
        fault(problem, found.expected)
    }

    /// The failure of a filter that makes nothing of a document that should name every service.
    fn nothing(&self, document: &Document<'_>) -> MappingError {
        fault(
            format!("`{}` yields nothing of this document, which begins {}", self.expression, beginning(document)),
            format!("{EXPECTED}; or `covers = \"open-only\"`, if nothing means that all is well"),
        )
    }

    /// A failure while the filter ran. jaq's messages show the value at that point.
    fn failure(&self, document: &Document<'_>, exception: jaq_core::Exn<'_, Val>) -> MappingError {
        let problem = exception.get_err().map_or_else(|_| "it broke off".to_owned(), |error| error.to_string());
        fault(
            format!("`{}` failed: {}", self.expression, shorten(&problem)),
            format!("a filter that makes {EXPECTED} of this document, which begins {}", beginning(document)),
        )
    }
}

fn beginning(document: &Document<'_>) -> String {
    truncate(document.text().trim(), SHOWN)
}

fn compile_filter(expression: &str) -> Result<jaq_core::Filter<Data>, MappingError> {
    let arena = Arena::default();
    let file = File { code: expression, path: () };
    let modules = Loader::new(library::definitions())
        .load(&arena, file)
        .map_err(|errors| first(errors.into_iter().map(|(_, error)| load_fault(expression, &error))))?;
    // Data imports are not loaded, only collected: unless refused here, using one would panic.
    load::import(&modules, |_| Err(String::new())).map_err(|_| no_files("import"))?;
    Compiler::default().with_funs(library::functions()).compile(modules).map_err(|errors| {
        first(errors.into_iter().flat_map(|(_, errors)| errors).map(|error| name_fault(expression, &error)))
    })
}

/// The first of the compiler's complaints; the others follow from it as a rule.
fn first(mut faults: impl Iterator<Item = MappingError>) -> MappingError {
    faults.next().unwrap_or_else(|| fault("the filter does not compile", "a jq filter"))
}

fn load_fault(expression: &str, error: &load::Error<&str>) -> MappingError {
    let (expected, part) = match error {
        load::Error::Io(_) => return no_files("include"),
        load::Error::Lex(errors) => match errors.first() {
            Some((expected, part)) => (expected.as_str(), *part),
            None => ("a jq filter", ""),
        },
        load::Error::Parse(errors) => match errors.first() {
            Some((expected, part)) => (expected.as_str(), *part),
            None => ("a jq filter", ""),
        },
    };
    let found = if part.is_empty() { "the end".to_owned() } else { format!("\"{}\"", truncate(part, 40)) };
    fault(format!("unexpected {found} at {}", place(expression, part)), format!("{expected} there"))
}

fn name_fault(expression: &str, (name, kind): &compile::Error<&str>) -> MappingError {
    let arity = match kind {
        compile::Undefined::Filter(arity) => format!("/{arity}"),
        _ => String::new(),
    };
    fault(
        format!("undefined {} {name}{arity} at {}", kind.as_str(), place(expression, name)),
        "jq's own names (those that reach beyond the document, such as env, input and now, are left out)",
    )
}

fn no_files(keyword: &str) -> MappingError {
    fault(format!("{keyword} reads a file"), "a filter that stands by itself")
}

fn fault(problem: impl Into<String>, expected: impl Into<String>) -> MappingError {
    MappingError { key: "jq".to_owned(), problem: problem.into(), expected: expected.into() }
}

/// Where a part of an expression stands in it, for people. A part that is none of it stands at the end.
fn place(expression: &str, part: &str) -> String {
    let offset = (part.as_ptr() as usize).checked_sub(expression.as_ptr() as usize);
    let before = offset.and_then(|offset| expression.get(..offset)).unwrap_or(expression);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column} of `{}`", shorten(expression.trim()))
}

/// A text short enough to be shown, without its middle: beginnings tell what a value is, ends what went wrong with it.
fn shorten(text: &str) -> String {
    const TAIL: usize = 60;
    let length = text.chars().count();
    if length <= SHOWN {
        return text.to_owned();
    }
    let head: String = text.chars().take(SHOWN - TAIL).collect();
    let tail: String = text.chars().skip(length - TAIL).collect();
    format!("{head} … {tail}")
}
