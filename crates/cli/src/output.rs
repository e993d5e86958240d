//! Tables for people.

use comfy_table::{Cell, Color, ContentArrangement, Table, TableStyle};
use serde::Deserialize;
use unistatus_core::schema::{Dimensions, Status};

/// A row of the API's answers below `/api/status`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    target: String,
    service: String,
    last_timestamp: String,
    status: Status,
    dimensions: Dimensions,
}

/// The rows of some answers as one table. It is coloured; whoever prints it takes the colours out where they are not
/// wanted.
///
/// # Errors
/// If an answer is not what the API answers.
pub(crate) fn table(answers: &[impl AsRef<[u8]>]) -> Result<String, serde_json::Error> {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_content_arrangement(ContentArrangement::Disabled).enforce_styling();
    table.set_header(["TARGET", "SERVICE", "STATUS", "SINCE", "DIMENSIONS"]);
    for answer in answers {
        for row in serde_json::from_slice::<Vec<Row>>(answer.as_ref())? {
            let dimensions: Vec<String> =
                row.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
            table.add_row([
                Cell::new(printable(&row.target)),
                Cell::new(printable(&row.service)),
                Cell::new(row.status).fg(color(row.status)),
                Cell::new(&row.last_timestamp),
                Cell::new(printable(&dimensions.join(" "))),
            ]);
        }
    }
    Ok(table.trim_fmt())
}

/// Names come from strangers, and a terminal obeys control characters.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

const fn color(status: Status) -> Color {
    match status {
        Status::Ok => Color::Green,
        Status::Unknown => Color::DarkGrey,
        Status::Degraded => Color::Yellow,
        Status::Outage => Color::Red,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_each_and_no_control_characters() {
        let answer = r#"[{"target":"github","service":"Git\u001b[2J","lastTimestamp":"","status":"Degraded",
                          "dimensions":{"region":"eu","maintenance":true}}]"#;
        let table = table(&[answer, "[]"]).unwrap();
        assert!(!table.contains("\u{1b}[2J") && table.contains("maintenance=true region=eu"), "{table}");
        assert_eq!(table.lines().count(), 2);
    }
}
