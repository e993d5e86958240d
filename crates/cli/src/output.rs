//! Tables for people, and the way to standard output.

use std::io::{self, ErrorKind, IsTerminal as _, Write};

use comfy_table::{Cell, Color, ContentArrangement, Table, TableStyle};
use serde::Deserialize;
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::{Dimensions, Service, Status};

/// Prints text to standard output, with its colours where that is a terminal and nobody said otherwise.
///
/// # Errors
/// If it cannot be written. That nobody reads it any more (`| head`) is none.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_to(anstream::stdout().lock(), text.as_bytes())
}

/// Prints JSON, or what else is for programs, to standard output, byte for byte.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_json(json: &[u8]) -> Result<(), Failure> {
    print_to(io::stdout().lock(), json)
}

/// Prints a text of strangers to standard output: byte for byte, but on a terminal without what a terminal obeys.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_text(text: &str) -> Result<(), Failure> {
    if io::stdout().is_terminal() {
        let lines: Vec<String> = text.lines().map(printable_line).collect();
        return print(&lines.join("\n"));
    }
    written(io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()))
}

fn print_to(mut stdout: impl Write, text: &[u8]) -> Result<(), Failure> {
    written(stdout.write_all(text).and_then(|()| stdout.write_all(b"\n")).and_then(|()| stdout.flush()))
}

fn written(printed: io::Result<()>) -> Result<(), Failure> {
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(exit::BROKEN, format!("cannot write to standard output: {error}")))
        }
        Err(_) | Ok(()) => Ok(()),
    }
}

/// A row of the API's answers below `/api/status`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    pub(crate) target: String,
    pub(crate) service: String,
    pub(crate) last_timestamp: String,
    pub(crate) status: Status,
    pub(crate) dimensions: Dimensions,
}

/// How many spaces part two columns.
const GAP: u16 = 2;

/// Rows as a table.
pub(crate) fn table(rows: &[Row]) -> String {
    let row = |row: &Row| {
        let [service, status, since, dimensions] =
            service_cells(&row.service, row.status, &row.last_timestamp, &row.dimensions);
        vec![cell(&row.target), service, status, since, dimensions]
    };
    grid(&["TARGET", "SERVICE", "STATUS", "SINCE", "DIMENSIONS"], rows.iter().map(row))
}

/// Services as a table.
pub(crate) fn services(services: &[Service]) -> String {
    let row = |service: &Service| {
        let since = service.last_timestamp.map(|at| at.to_string()).unwrap_or_default();
        service_cells(&service.name, service.status, &since, &service.dimensions).to_vec()
    };
    grid(&["SERVICE", "STATUS", "SINCE", "DIMENSIONS"], services.iter().map(row))
}

fn service_cells(name: &str, status: Status, since: &str, dimensions: &Dimensions) -> [Cell; 4] {
    let dimensions: Vec<String> = dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
    [cell(name), status_cell(status), cell(since), cell(&dimensions.join(" "))]
}

/// A status as a cell.
pub(crate) fn status_cell(status: Status) -> Cell {
    Cell::new(status).fg(color(status))
}

/// A text of strangers as a cell.
pub(crate) fn cell(text: &str) -> Cell {
    Cell::new(printable(text))
}

/// A row by itself, which others follow as they come. It is coloured as a table is.
pub(crate) fn line(cells: Vec<Cell>) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_content_arrangement(ContentArrangement::Disabled).enforce_styling();
    table.add_row(cells);
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table.trim_fmt()
}

/// A table. It is coloured; whoever prints it takes the colours out where they are not wanted.
pub(crate) fn grid(header: &[&str], rows: impl IntoIterator<Item = Vec<Cell>>) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_content_arrangement(ContentArrangement::Disabled).enforce_styling();
    table.set_header(header);
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table.trim_fmt()
}

/// Names come from strangers, and a terminal obeys control characters and those that turn the direction of writing.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_order(c) { '\u{fffd}' } else { c }).collect()
}

/// The same of a line that may be indented.
fn printable_line(text: &str) -> String {
    text.chars().map(|c| if is_order(c) && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// Whether a terminal obeys it.
fn is_order(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
        let rows = r#"[{"target":"github","service":"Git\u001b[2J","lastTimestamp":"","status":"Degraded",
                          "dimensions":{"region":"eu","maintenance":true}}]"#;
        let table = table(&serde_json::from_str::<Vec<Row>>(rows).unwrap());
        assert!(!table.contains("\u{1b}[2J") && table.contains("maintenance=true region=eu"), "{table}");
        assert_eq!(table.lines().count(), 2);
    }
}
