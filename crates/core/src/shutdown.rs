//! Ending in good order: the first signal asks, the second insists.

use std::io;

use futures_util::StreamExt;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook_tokio::Signals;
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by the first SIGINT or SIGTERM. The second one ends the process at once, with the exit
/// code that shells use for a process killed by that signal.
///
/// # Errors
/// If the handlers cannot be installed.
pub fn on_signal() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let token = stop.clone();
    tokio::spawn(async move {
        while let Some(signal) = signals.next().await {
            let name = if signal == SIGINT { "SIGINT" } else { "SIGTERM" };
            if token.is_cancelled() {
                tracing::warn!(signal = name, "a second signal: ending at once");
                signal_hook::low_level::exit(128 + signal);
            }
            tracing::info!(signal = name, "ending; a second signal ends at once");
            token.cancel();
        }
    });
    Ok(stop)
}
