//! Who has the right to ask a target just now. The server's clock decides: those of the holders may differ.

use std::time::Duration;

use async_trait::async_trait;
use mongodb::bson::{Document, doc};
use mongodb::options::ReturnDocument;

use super::error::{failed, is_duplicate_key};
use super::{MongoStore, TURNS};
use crate::schema::Timestamp;
use crate::store::{StoreError, Turns};

#[async_trait]
impl Turns for MongoStore {
    async fn take_turn(&self, target: &str, holder: &str, span: Duration, _: Timestamp) -> Result<bool, StoreError> {
        self.in_time("take a turn", self.upsert_turn(target, holder, span)).await
    }

    async fn end_turn(&self, target: &str, holder: &str) -> Result<(), StoreError> {
        let end = async {
            let ended = self.collection(TURNS).delete_one(doc! { "_id": target, "holder": holder }).await;
            ended.map(drop).map_err(|error| failed("end a turn", error))
        };
        self.in_time("end a turn", end).await
    }
}

impl MongoStore {
    async fn upsert_turn(&self, target: &str, holder: &str, span: Duration) -> Result<bool, StoreError> {
        let span_ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        let holder_is = doc! { "$literal": holder };
        // Whatever is missing is less than any date.
        let is_free = doc! { "$or": [{ "$eq": ["$holder", &holder_is] }, { "$lte": ["$until", "$$NOW"] }] };
        let either = |taken: Document, as_is: &str| doc! { "$cond": [&is_free, taken, as_is] };
        let take = doc! { "$set": {
            "holder": either(holder_is.clone(), "$holder"),
            "until": either(doc! { "$add": ["$$NOW", span_ms] }, "$until"),
        } };
        let turns = self.database.collection::<Document>(TURNS);
        loop {
            let taken = turns.find_one_and_update(doc! { "_id": target }, vec![take.clone()]).upsert(true);
            match taken.return_document(ReturnDocument::After).await {
                // Somebody was faster with the first one of all.
                Err(error) if is_duplicate_key(&error) => {}
                Err(error) => return Err(failed("take a turn", error)),
                Ok(turn) => return Ok(turn.is_some_and(|turn| turn.get_str("holder").is_ok_and(|it| it == holder))),
            }
        }
    }
}
