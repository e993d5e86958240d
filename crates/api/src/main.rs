//! The `api` daemon: serves what the store knows until SIGINT or SIGTERM.

use std::process::ExitCode;

use clap::Parser;
use unistatus_api::{Options, ServeError, Server};
use unistatus_core::config::{Flags, Listen, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::telemetry::{self, Traces};
use unistatus_core::{shutdown, store, template};

/// Serves what is known of all targets, until SIGINT or SIGTERM.
#[derive(Debug, Parser)]
#[command(name = "api", version)]
struct Arguments {
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    flags: Flags,
}

fn main() -> ExitCode {
    if let Some(code) = template::serve_if_asked() {
        return code;
    }
    exit::code("api", start(Arguments::parse()))
}

fn start(arguments: Arguments) -> Result<(), Failure> {
    let settings = Settings::load(&arguments.flags.listening(arguments.listen))?;
    let format = settings.log_format;
    run(settings).map_err(|failure| failure.told_in(format))
}

fn run(settings: Settings) -> Result<(), Failure> {
    let traces = Traces::to(settings.otlp_endpoint.as_deref(), "unistatus-api").map_err(Failure::config)?;
    telemetry::init(settings.log_level, settings.log_format, &traces);
    let result = exit::run(serve(settings));
    traces.end();
    result
}

async fn serve(settings: Settings) -> Result<(), Failure> {
    let stop = shutdown::on_signal().map_err(Failure::broken)?;
    let server = Server::bind(&settings.app_host, settings.app_port).await.map_err(Failure::config)?;
    settings.announce("api");
    for address in server.addresses() {
        tracing::info!(%address, "listening");
    }
    let mut store = None;
    // Boxed, as it is large.
    let open = Box::pin(async {
        store = store::open_patiently(settings.db_url.reveal(), &stop).await?;
        if store.is_some() {
            tracing::info!(database = %settings.db_url, "serving");
        }
        Ok(store.clone())
    });
    let result = server.run(open, Options::of(&settings), stop.clone()).await;
    if let Some(store) = store {
        store.close().await;
    }
    result.map_err(|error| match error {
        ServeError::Store(error) => Failure::config(error),
        ServeError::Redis(error) => Failure::config(error),
        ServeError::Rollbar(error) => Failure::config(error),
        error => Failure::broken(error),
    })?;
    tracing::info!("ended in good order");
    Ok(())
}
