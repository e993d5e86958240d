//! What the server must be.

use std::time::Duration;

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{ClientOptions, ServerAddress};

use super::error::failed;
use crate::store::StoreError;

/// The wire version of MongoDB 5.0, the first that takes any name for a field and reads snapshots.
const OLDEST: i32 = 13;

/// Asks the server whether it can serve.
pub(super) async fn examine(client: &Client, options: &ClientOptions) -> Result<(), StoreError> {
    match hello(client).await {
        Ok(answer) => judge(&answer),
        Err(error) => {
            // The driver looks for a primary and only says that it found none.
            if matches!(*error.kind, ErrorKind::ServerSelection { .. }) {
                for host in &options.hosts {
                    look_at(host, options).await?;
                }
            }
            Err(failed("answer", error))
        }
    }
}

async fn hello(client: &Client) -> Result<Document, Error> {
    client.database("admin").run_command(doc! { "hello": 1 }).await
}

fn judge(hello: &Document) -> Result<(), StoreError> {
    let is_router = hello.get_str("msg").is_ok_and(|message| message == "isdbgrid");
    if !is_router && !hello.contains_key("setName") && !hello.contains_key("isreplicaset") {
        return Err(StoreError::Unsuitable(
            "this MongoDB is a standalone server, Unistatus needs a replica set (one node will do): start it as \
             `mongod --replSet rs0` and run `rs.initiate()` in mongosh once"
                .to_owned(),
        ));
    }
    match hello.get_i32("maxWireVersion") {
        Ok(version) if version < OLDEST => {
            Err(StoreError::Unsuitable("this MongoDB is too old, Unistatus needs 5.0 or newer".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Asks one server, alone, why it may not have been chosen. That it does not answer is no reason.
async fn look_at(host: &ServerAddress, options: &ClientOptions) -> Result<(), StoreError> {
    let mut direct = options.clone();
    direct.hosts = vec![host.clone()];
    direct.direct_connection = Some(true);
    direct.server_selection_timeout = Some(Duration::from_secs(1));
    let expected = direct.repl_set_name.take();
    let Ok(client) = Client::with_options(direct) else { return Ok(()) };
    let answer = hello(&client).await;
    client.shutdown().immediate(true).await;
    let Ok(answer) = answer else { return Ok(()) };
    judge(&answer)?;
    match (answer.get_str("setName"), expected) {
        (Ok(name), Some(expected)) if name != expected => Err(StoreError::Unsuitable(format!(
            "the replica set of this MongoDB is called {name}, the address says replicaSet={expected}"
        ))),
        // Whoever sets the server up may be about to do it.
        (Err(_), _) if answer.contains_key("isreplicaset") => Err(StoreError::Unavailable {
            message: "this MongoDB is not initiated yet: `rs.initiate()` in mongosh does it".to_owned(),
            source: None,
        }),
        _ => Ok(()),
    }
}
