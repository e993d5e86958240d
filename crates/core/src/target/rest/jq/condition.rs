//! A jq filter that tells whether a JSON document is as it should be.

use std::fmt;

use jaq_core::{Ctx, Vars};
use jaq_json::Val;

use super::{Data, beginning, compile_filter, shorten};
use crate::target::{Document, MappingError};

/// More outputs than this are a filter gone astray.
const MAX_OUTPUTS: usize = 20_000;

/// A compiled filter that should yield `true` of a document, and nothing else.
pub(crate) struct Condition {
    expression: String,
    filter: jaq_core::Filter<Data>,
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Condition").field(&self.expression).finish()
    }
}

impl Condition {
    /// Compiles a filter. It sees nothing but the document.
    ///
    /// # Errors
    /// [`MappingError`] with the place in the expression, if it does not compile.
    pub(crate) fn compile(expression: &str) -> Result<Self, MappingError> {
        if expression.trim().is_empty() {
            return Err(super::fault("there is no filter", "a jq filter that yields true"));
        }
        Ok(Self { expression: expression.trim().to_owned(), filter: compile_filter(expression)? })
    }

    /// Runs the filter on a document. It may run for ever, as any program may.
    ///
    /// # Errors
    /// Why the condition does not hold: the document is no JSON, the filter fails, or yields anything but `true`.
    pub(crate) fn check(&self, document: &Document<'_>) -> Result<(), String> {
        let input: Val = document.json().map_err(|error| error.to_string())?;
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new([]));
        let mut outputs = 0;
        for output in self.filter.id.run((context, input)).take(MAX_OUTPUTS) {
            match output {
                Ok(Val::Bool(true)) => outputs += 1,
                Ok(value) => return Err(self.refusal(&format!("yields {}", shorten(&value.to_string())), document)),
                Err(exception) => {
                    let error = exception.get_err();
                    let problem = error.map_or_else(|_| "it broke off".to_owned(), |error| error.to_string());
                    return Err(self.refusal(&format!("failed: {}", shorten(&problem)), document));
                }
            }
        }
        if outputs == 0 { Err(self.refusal("yields nothing", document)) } else { Ok(()) }
    }

    fn refusal(&self, problem: &str, document: &Document<'_>) -> String {
        format!("`{}` {problem}, expected true, of what begins {}", shorten(&self.expression), beginning(document))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_holds_where_all_that_it_yields_is_true() {
        for (expression, document, refusal) in [
            (".ok", r#"{"ok": true}"#, None),
            (".checks[] | .up", r#"{"checks": [{"up": true}, {"up": true}]}"#, None),
            (".ok", r#"{"ok": false}"#, Some("`.ok` yields false, expected true")),
            (".ok", r#"{"ok": "true"}"#, Some("yields \"true\"")),
            (".checks[] | .up", r#"{"checks": [{"up": true}, {"up": null}]}"#, Some("yields null")),
            (".checks[] | .up", r#"{"checks": []}"#, Some("yields nothing")),
            (".ok.deep", r#"{"ok": 1}"#, Some("failed: ")),
            (".ok", "<html>", Some("")),
        ] {
            let found = Condition::compile(expression).unwrap().check(&Document::new(document.as_bytes()));
            match (found, refusal) {
                (Ok(()), None) => {}
                (Err(found), Some(refusal)) => assert!(found.contains(refusal), "{found:?}"),
                (found, _) => panic!("{expression} of {document}: {found:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_filter_is_told_when_it_is_compiled() {
        for expression in ["", " ", ".a |", "nonsense(1)", "env"] {
            assert_eq!(Condition::compile(expression).unwrap_err().key, "jq", "{expression}");
        }
    }
}
