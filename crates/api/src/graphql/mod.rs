//! What is known, in GraphQL: the same questions as the routes ask, with the same names and bounds.
//!
//! | file | what it does |
//! |---|---|
//! | `bounds`, `cost` | refuse a query that is too large, or asks for too much |
//! | `asker` | what the resolvers of one request may use |
//! | `fair` | lets others work between two fields |
//! | `targets`, `events`, `incidents`, `history` | a file per question: its arguments, and the objects it answers with |
//! | `arguments`, `page`, `scalars`, `words` | what the questions share |
//!
//! It knows no HTTP.

mod arguments;
mod asker;
mod bounds;
mod cost;
mod events;
mod fair;
mod history;
mod incidents;
mod page;
mod scalars;
mod targets;
#[cfg(test)]
mod tests;
mod words;

use std::sync::LazyLock;

use async_graphql::{
    EmptyMutation, EmptySubscription, MergedObject, Object, Request, Response, Schema, ServerError, Value, Variables,
};
use tokio::sync::Semaphore;
use unistatus_core::schema::truncate;

pub(crate) use asker::Asker;
use bounds::Read;

use crate::error::ApiError;
use crate::query::apart;

/// How deep fields may lie in each other: our own lie five deep, those of the usual introspection query fifteen.
const MOST_DEPTH: usize = 15;
/// How many directives a field may have.
const MOST_DIRECTIVES: usize = 4;
/// How many errors are told of.
const MOST_ERRORS: usize = 20;
/// How many characters of an error are told: some repeat what was asked.
const LONGEST_ERROR: usize = 500;

/// How many questions about the present are answered at a time: an answer takes much more memory while it is made than
/// when it is sent. (Those about the past have the turns of the archive.)
const TURNS: usize = 4;

static ANSWERING: Semaphore = Semaphore::const_new(TURNS);

/// What may be asked.
static SCHEMA: LazyLock<Schema<Query, EmptyMutation, EmptySubscription>> = LazyLock::new(|| {
    Schema::build(Query::default(), EmptyMutation, EmptySubscription)
        .limit_depth(MOST_DEPTH)
        .limit_complexity(cost::MOST)
        .limit_directives(MOST_DIRECTIVES)
        .extension(fair::Fair)
        .finish()
});

/// Everything that can be asked.
#[derive(Default, MergedObject)]
struct Query(
    About,
    targets::TargetQuestions,
    history::HistoryQuestions,
    events::EventQuestions,
    incidents::IncidentQuestions,
);

/// The API itself.
#[derive(Default)]
struct About;

#[Object]
impl About {
    /// The version of the server.
    async fn api_version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

/// A question as it arrives.
#[derive(Debug, Default)]
pub(crate) struct Question {
    /// The document.
    pub(crate) query: String,
    /// Which of its operations is meant, if it has several.
    pub(crate) operation_name: Option<String>,
    /// The values of its variables.
    pub(crate) variables: serde_json::Map<String, serde_json::Value>,
}

/// What a question is answered with.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The data, or errors, or both.
    pub(crate) response: Response,
    /// Whether nothing was even begun, as the question itself is wrong.
    pub(crate) is_refused: bool,
}

/// Answers a question.
///
/// # Errors
/// [`ApiError::Internal`] if reading it panics.
pub(crate) async fn answer(question: Question, mut asker: Asker) -> Result<Answer, ApiError> {
    let Question { query, operation_name, variables } = question;
    // To read what is long takes some time.
    let (query, read) = apart(move || {
        let read = bounds::read(&query);
        (query, read)
    })
    .await?;
    let Read { document, is_about_the_past } = match read {
        Ok(read) => read,
        Err(error) => return Ok(Answer::of(Response::from_errors(vec![error]))),
    };
    let _turn = if is_about_the_past {
        asker.take_turn().await;
        None
    } else {
        Some(ANSWERING.acquire().await)
    };
    let mut request = Request::new(query).data(asker);
    request.operation_name = operation_name;
    request.variables = Variables::from_json(serde_json::Value::Object(variables));
    request.set_parsed_query(document);
    Ok(Answer::of(SCHEMA.execute(request).await))
}

impl Answer {
    fn of(mut response: Response) -> Self {
        // What fails while it is answered says where; what is refused before has no such place.
        let is_refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        response.errors.truncate(MOST_ERRORS);
        response.errors.iter_mut().for_each(explain);
        Self { response, is_refused }
    }
}

/// Gives an error its code: that of the API's error behind it; where there is none, the question is wrong.
fn explain(error: &mut ServerError) {
    let code = error.source::<ApiError>().map_or(ApiError::BAD_REQUEST, ApiError::code);
    error.extensions.get_or_insert_default().set("code", code);
    error.message = truncate(&error.message, LONGEST_ERROR);
}
