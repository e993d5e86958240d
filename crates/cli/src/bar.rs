//! How long work gets on: a bar on standard error, where that is a terminal, and the logs above it.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the bar is drawn anew: what comes faster is left out, so the last of it would be missing otherwise.
const REDRAW: Duration = Duration::from_millis(200);

/// The bar. Nothing is drawn before [`Bar::begin`] and after [`Bar::end`].
#[derive(Clone, Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar that is not drawn yet, with a word for what is done, and one for what it is done to.
    pub(crate) fn new(doing: &str, what: &str) -> Self {
        let style = ProgressStyle::with_template(&format!("{doing} {{bar:30}} {{pos}}/{{len}} {what}, {{msg}}"))
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(ProgressBar::hidden().with_style(style))
    }

    /// Draws it from now on.
    pub(crate) fn begin(&self) {
        self.0.set_draw_target(ProgressDrawTarget::stderr());
        self.0.enable_steady_tick(REDRAW);
    }

    /// Shows how many are done, and what there is to say so far.
    pub(crate) fn show(&self, done: u64, of: u64, so_far: String) {
        self.0.set_length(of);
        self.0.set_position(done);
        self.0.set_message(so_far);
    }

    /// Takes it away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }

    /// The way for logs to standard error.
    pub(crate) fn above(&self) -> Above {
        Above(self.clone())
    }
}

/// Writes to standard error while the bar steps aside: they share a terminal.
#[derive(Debug)]
pub(crate) struct Above(Bar);

impl Write for Above {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.0.0.suspend(|| io::stderr().write(lines))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
