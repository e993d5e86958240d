//! Lets others work between two fields.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::{ServerResult, Value};
use async_trait::async_trait;
use tokio::task::coop::consume_budget;

/// A query over thousands of services is resolved on the thread that serves other clients, too. Each field is taken for
/// an input or output that was ready at once: after many of them, tokio has the others of the thread go first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fair;

impl ExtensionFactory for Fair {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for Fair {
    async fn resolve(
        &self,
        context: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        consume_budget().await;
        next.run(context, info).await
    }
}
