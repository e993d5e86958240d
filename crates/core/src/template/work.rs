//! `MiniJinja` at work. What it cannot bound itself (memory, the stack, the time of a single step) ends the process.

use std::io;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::Fault;
use super::job::{Answer, Job};

/// How many bytes a text may have.
pub(super) const LONGEST: usize = 1024 * 1024;
/// How many steps a template may take. One of a hundred lines takes some thousand.
const STEPS: u64 = 200_000;
/// How deeply macros and loops may nest.
const DEEPEST: usize = 100;
/// How many characters of what is wrong are told: it may quote the template.
const TOLD: usize = 300;

/// Does what is to be done.
pub(super) fn answer(job: &Job) -> Answer {
    let environment = environment();
    // Without a name of its own: it cannot include itself.
    let template = match environment.template_from_str(&job.content) {
        Ok(template) => template,
        Err(error) => return Answer::Syntax(fault(&error)),
    };
    let Some(context) = &job.context else { return Answer::Done(String::new()) };
    let mut text = Text::default();
    let rendered = template.render_captured_to(Serde(context), &mut text).map(drop);
    match rendered {
        _ if text.is_full => Answer::TooMuchText,
        Ok(()) => Answer::Done(String::from_utf8_lossy(&text.bytes).into_owned()),
        Err(error) if is_out_of_steps(&error) => Answer::TooLong,
        Err(error) => Answer::Failed(fault(&error)),
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // A message is plain text; and what is not there is a slip, unless the template asks whether it is.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_fuel(Some(STEPS));
    environment.set_recursion_limit(DEEPEST);
    // So that a fault says which name is not there.
    environment.set_debug(true);
    environment
}

fn is_out_of_steps(error: &Error) -> bool {
    causes(error).any(|error| error.kind() == ErrorKind::OutOfFuel)
}

/// An error, and what caused it.
fn causes(error: &Error) -> impl Iterator<Item = &Error> {
    std::iter::successors(Some(error), |error| std::error::Error::source(*error)?.downcast_ref())
}

/// What is wrong, where it is.
fn fault(error: &Error) -> Fault {
    let kind = error.kind();
    let message = match (kind, error.detail()) {
        (ErrorKind::TemplateNotFound, _) => "a template can neither include nor import nor extend another".to_owned(),
        (_, Some(detail)) => format!("{kind}: {detail}"),
        (_, None) => kind.to_string(),
    };
    Fault { line: error.line(), message: message.chars().take(TOLD).collect() }
}

/// A text that takes no more than it may.
#[derive(Debug, Default)]
struct Text {
    bytes: Vec<u8>,
    is_full: bool,
}

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > LONGEST.saturating_sub(self.bytes.len()) {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Map;

    use super::*;
    use crate::schema::Timestamp;
    use crate::template::{context, example};

    fn render(content: &str) -> Answer {
        let known = context(&example(Timestamp::from_secs(1_777_896_000).unwrap()));
        answer(&Job { content: content.to_owned(), context: Some(known) })
    }

    #[track_caller]
    fn fails(content: &str, line: usize, said: &str) {
        match render(content) {
            Answer::Failed(fault) => {
                assert_eq!(fault.line, Some(line), "{content}: {fault}");
                assert!(fault.message.contains(said), "{content}: {fault}");
            }
            other => panic!("{content}: {other:?}"),
        }
    }

    #[test]
    fn an_event_fills_a_template_in() {
        for (content, text) in [
            ("{{ service }} of {{ target }}: {{ from }} → {{ to }}", "Git Operations of github: OK → Degraded"),
            ("{{ event.service }} at {{ at }}", "Git Operations at 2026-05-04T12:00:00.000Z"),
            (
                "{{ dimensions.serviceId }} {{ key }} {{ sourceAt }}",
                "8l4ygp009s5s 8l4ygp009s5s 2026-05-04T11:58:00.000Z",
            ),
            ("{% if to == \"Degraded\" %}slow{% endif %}", "slow"),
            ("{{ dimensions.region|default(\"everywhere\") }}", "everywhere"),
            ("{% if dimensions.region %}in {{ dimensions.region }}{% endif %}", ""),
            ("{{ \"<b> & 'c'\" }}", "<b> & 'c'"),
            ("{{ service|upper }}{% for n in range(3) %} {{ n }}{% endfor %}", "GIT OPERATIONS 0 1 2"),
            ("no template at all", "no template at all"),
            ("", ""),
        ] {
            assert_eq!(render(content), Answer::Done(text.to_owned()), "{content}");
        }
    }

    #[test]
    fn what_is_no_template_is_told_with_its_line() {
        for (content, line) in [
            ("{{ service", 1),
            ("a\n{% if to %}\n", 2),
            ("a\nb\n{{ 1 + }}", 3),
            ("{% nonsense %}", 1),
            ("{{ \"a }}", 1),
            ("{% endfor %}", 1),
        ] {
            for context in [None, Some(Map::new())] {
                match answer(&Job { content: content.to_owned(), context }) {
                    Answer::Syntax(fault) => {
                        assert_eq!(fault.line, Some(line), "{content}: {fault}");
                        assert!(fault.message.starts_with("syntax error: "), "{content}: {fault}");
                    }
                    other => panic!("{content}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn a_slip_is_told_with_its_line_and_its_name() {
        fails("a\n{{ servce }}", 2, "servce");
        fails("{{ event.sevice }}", 1, "sevice");
        fails("{{ dimensions.region }}", 1, "region");
        fails("{% if evnt.to %}{% endif %}", 1, "evnt");
        fails("{% for x in servces %}{% endfor %}", 1, "servces");
        fails("\n\n{{ to|uper }}", 3, "uper");
        fails("{{ now() }}", 1, "now");
        fails("{{ to is okay }}", 1, "okay");
        fails("{{ 1 / \"a\" }}", 1, "operation");
    }

    #[test]
    fn nothing_else_is_reached() {
        for content in [
            "{% include \"secrets\" %}",
            "{% include \"<string>\" %}",
            "{% import \"/etc/passwd\" as x %}",
            "{% from \"../x\" import y %}",
            "{% extends \"base.html\" %}",
        ] {
            fails(content, 1, "can neither include nor import nor extend");
        }
        fails("{{ load_file(\"/etc/passwd\") }}", 1, "load_file");
        fails("{{ env.HOME }}", 1, "env");
        fails("{{ service.__class__.__mro__ }}", 1, "__");
    }

    #[test]
    fn what_never_ends_ends() {
        let nested = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        assert_eq!(render(nested), Answer::TooLong);
        fails("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", 1, "recursion limit");
        fails("{% for a in range(9999999) %}{% endfor %}", 1, "range");
        fails("{{ \"x\" * 1000000000 }}", 1, "too large");
    }

    #[test]
    fn a_text_has_a_bound() {
        let of = |length: usize| format!("{{% for a in range(1024) %}}{}{{% endfor %}}", "x".repeat(length));
        assert_eq!(render(&of(1024)), Answer::Done("x".repeat(LONGEST)));
        assert_eq!(render(&(of(1024) + "y")), Answer::TooMuchText);
        assert_eq!(render(&of(2000)), Answer::TooMuchText);
    }

    #[test]
    fn what_is_told_is_short() {
        let Answer::Failed(fault) = render(&format!("{{{{ {} }}}}", "x".repeat(5000))) else { panic!("it is there") };
        assert!(fault.message.chars().count() <= TOLD, "{fault}");
    }

    proptest! {
        #[test]
        fn no_template_makes_it_panic(content in "([a-z .]|\\{\\{|\\}\\}|\\{%|%\\}|if|for|in|end|set|macro|[|()~*0-9\"])*") {
            let _ = render(&content);
        }
    }
}
