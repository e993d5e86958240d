//! Web pages.

mod selectors;

use super::polled::Polled;
use super::{FormatRow, Transport};

pub use selectors::SelectorsSpec;

/// A web page and the format that reads it.
pub type HtmlTarget = Polled<Html>;

/// Web pages.
#[derive(Debug)]
pub struct Html;

impl Transport for Html {
    const ACCEPT: &'static str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5";

    /// A new format is a file beside this one and a row here.
    const FORMATS: &'static [FormatRow] = &[];
}
