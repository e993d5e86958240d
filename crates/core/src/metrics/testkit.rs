//! What tests ask of metrics: that Prometheus finds them clean, and that they are the documented ones.

#![expect(clippy::expect_used, reason = "a test kit reports by panicking")]
#![expect(clippy::missing_panics_doc, reason = "a test kit reports by panicking")]

use std::collections::BTreeSet;
use std::env;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

/// Lets `promtool check metrics` look at what was scraped. Without that program nothing is checked, unless
/// `REQUIRE_PROMTOOL=1` demands it.
pub fn assert_clean(text: &str) {
    let promtool =
        Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut promtool = match promtool {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(env::var_os("REQUIRE_PROMTOOL").is_none(), "there is no promtool, and it is required");
            eprintln!("skipped: there is no promtool");
            return;
        }
        promtool => promtool.expect("promtool starts"),
    };
    // Dropped at the end of the statement: promtool reads to the end.
    promtool.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("promtool reads");
    let output = promtool.wait_with_output().expect("promtool ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "promtool says {said}of\n{text}");
}

/// The names and types of what was scraped.
pub fn told(text: &str) -> BTreeSet<(String, String)> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

/// The names and types of `docs/metrics.md` under these headings.
pub fn documented(document: &str, headings: &[&str]) -> BTreeSet<(String, String)> {
    let sections =
        document.split("\n## ").filter(|section| headings.iter().any(|heading| section.starts_with(heading)));
    let rows = sections.flat_map(str::lines).filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').map(|cell| cell.trim().trim_matches('`')).collect::<Vec<_>>());
    cells.filter_map(|cells| Some(((*cells.get(1)?).to_owned(), (*cells.get(2)?).to_owned()))).collect()
}
