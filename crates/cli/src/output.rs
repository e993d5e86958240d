//! Tables for people.

use comfy_table::{Cell, Color, ContentArrangement, Table, presets};
use unistatus_api::contract::Row;
use unistatus_core::schema::Status;

/// The rows as a table; colours are left to whoever prints it.
pub fn table<'a>(rows: impl Iterator<Item = Row<'a>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).enforce_styling();
    table.set_header(["TARGET", "SERVICE", "STATUS", "SINCE", "DIMENSIONS"]);
    for row in rows {
        let dimensions: Vec<String> = row.dimensions().iter().map(|(name, value)| format!("{name}={value}")).collect();
        table.add_row([
            Cell::new(row.target()),
            Cell::new(row.service()),
            Cell::new(row.status()).fg(color(row.status())),
            Cell::new(row.last_timestamp()),
            Cell::new(dimensions.join(" ")),
        ]);
    }
    table.trim_fmt()
}

const fn color(status: Status) -> Color {
    match status {
        Status::Ok => Color::Green,
        Status::Unknown => Color::Grey,
        Status::Degraded => Color::Yellow,
        Status::Outage => Color::Red,
    }
}
