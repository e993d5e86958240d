//! What the schema is, and what is refused before anything is resolved.

use super::bounds::read;
use super::*;

#[test]
fn the_schema_changes_on_purpose_only() {
    insta::assert_snapshot!(SCHEMA.sdl());
}

#[test]
fn deep_things_are_refused_before_the_stack_ends() {
    for count in [600, 601, 65_536] {
        for (open, close) in [("[", "]"), ("{a:", "}"), ("{", "}"), ("{a", "}"), ("(", ")")] {
            let deep = format!("{}{}", open.repeat(count), close.repeat(count));
            for query in [
                deep.clone(),
                format!("{{status(target:{deep}){{name}}}}"),
                format!("query(${{x}}:{deep}){{apiVersion}}"),
                format!("query($x:{deep}){{apiVersion}}"),
                format!("query($x:Int={deep}){{apiVersion}}"),
                format!("{{apiVersion @skip(if:{deep})}}"),
                format!("{{a{deep}}}"),
            ] {
                let _ = read(&query);
            }
        }
    }
    assert!(read(&format!("{}{}", "{a".repeat(601), "}".repeat(601))).unwrap_err().message.contains("600 brackets"));
}
