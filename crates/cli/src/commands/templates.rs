//! `unistatus templates`: the texts of messages.

use std::path::PathBuf;

use clap::Subcommand;
use http::{Method, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use unistatus_core::config::Flags;
use unistatus_core::exit::{self, Failure};

use crate::api::{self, Absent, Api, EntityTags, Resource};
use crate::input;
use crate::output::{self, cell};

/// The templates of messages, in the language of MiniJinja
///
/// Examples:
///   unistatus templates add short message.j2 --description "One line for the chat"
///   unistatus templates list
///   unistatus templates render 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10 --event event.json
///   unistatus templates change 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10 --content message.j2
///   unistatus templates remove 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10
///
/// Exit codes: 0, 2 for wrong arguments and what is no template, 3 for a database or an API that cannot be reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Add),
    List(List),
    Show(Show),
    Change(Change),
    Render(Render),
    Remove(Remove),
}

/// Add a template, and print its id
///
/// Examples:
///   unistatus templates add short message.j2
///   echo '{{ service }} is {{ to }}' | unistatus templates add short -
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Add {
    /// What people call it
    name: String,
    /// The file that has its content; - for standard input
    content: PathBuf,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// The templates, oldest first
///
/// Examples:
///   unistatus templates list --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct List {
    /// So many at the most; all where it is not given
    #[arg(long, value_name = "COUNT")]
    limit: Option<String>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// The content of a template, byte for byte; its entity tag is told beside
///
/// Examples:
///   unistatus templates show 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10 > message.j2
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Show {
    /// Its id
    id: String,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// Change something of a template; what is not given stays
///
/// Examples:
///   unistatus templates change 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10 --content message.j2
///   unistatus templates change 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10 --name shorter --description ""
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Change {
    /// Its id
    id: String,
    /// What people call it
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The file that has its new content; - for standard input
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    #[command(flatten)]
    meant: Meant,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// Fill a template in with a change of status, or with an example
///
/// Examples:
///   unistatus templates render 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10
///   unistatus templates render 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10 --event event.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Render {
    /// Its id
    id: String,
    /// The file that has a change, as /api/events lists it; - for standard input
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// Remove a template; nobody can bring it back
///
/// Examples:
///   unistatus templates remove 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Remove {
    /// Its id
    id: String,
    #[command(flatten)]
    meant: Meant,
}

/// What a change is meant for.
#[derive(Debug, clap::Args)]
struct Meant {
    /// Only if it still has this entity tag, which `show` tells: nobody has changed it meanwhile
    #[arg(long, value_name = "TAG")]
    if_match: Option<EntityTags>,
}

const TEMPLATES: &str = "/api/templates";

/// Runs the command that was asked for.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    // What is wrong with what is to be sent is told before anything is opened.
    match arguments.command {
        Command::Add(add) => {
            let wish = add.wish()?;
            api::with(&flags, Absent::Make, async |api| add.run(api, &wish).await).await
        }
        Command::List(list) => api::with(&flags, Absent::Make, async |api| list.run(api).await).await,
        Command::Show(show) => api::with(&flags, Absent::Make, async |api| show.run(api).await).await,
        Command::Change(change) => {
            let patch = change.patch()?;
            api::with(&flags, Absent::Make, async |api| change.run(api, &patch).await).await
        }
        Command::Render(render) => {
            let trial = render.event.as_deref().map(input::json).transpose()?.map(|event| json!({"event": event}));
            api::with(&flags, Absent::Make, async |api| render.run(api, trial.as_ref()).await).await
        }
        Command::Remove(Remove { id, meant }) => {
            let remove = async |api: &Api| {
                let removed = api.ask_if(Method::DELETE, &of(&id), meant.if_match.as_ref(), None).await?;
                removed.of("template", &id).map(drop)
            };
            api::with(&flags, Absent::Make, remove).await
        }
    }
}

/// The path of a template.
fn of(id: &str) -> Resource {
    Resource::new(TEMPLATES).join(id)
}

/// A template as the API tells of it.
#[derive(Deserialize)]
struct Told {
    id: String,
    name: String,
    description: String,
    content: String,
    modified: String,
}

#[derive(Deserialize)]
struct Templates {
    templates: Vec<Told>,
}

impl Add {
    fn wish(&self) -> Result<Value, Failure> {
        let content = input::file(&self.content)?;
        Ok(json!({"name": self.name, "description": self.description, "content": content}))
    }

    async fn run(&self, api: &Api, wish: &Value) -> Result<(), Failure> {
        let added = api.ask(Method::POST, &Resource::new(TEMPLATES), Some(wish)).await?.fine()?;
        if self.json { output::print_json(&added.body) } else { output::print(&added.read::<Told>()?.id) }
    }
}

impl List {
    async fn run(&self, api: &Api) -> Result<(), Failure> {
        let answer = api.get(&Resource::new(TEMPLATES).with_any("limit", self.limit.as_deref())).await?;
        if self.json {
            return output::print_json(&answer.body);
        }
        let row = |Told { id, name, description, modified, .. }: &Told| {
            [id, name, modified, description].map(|text| cell(text)).to_vec()
        };
        let templates = answer.read::<Templates>()?.templates;
        output::print(&output::grid(&["ID", "NAME", "MODIFIED", "DESCRIPTION"], templates.iter().map(row)))?;
        answer.tell_of_more("without --limit all are shown");
        Ok(())
    }
}

impl Show {
    async fn run(&self, api: &Api) -> Result<(), Failure> {
        let answer = api.ask(Method::GET, &of(&self.id), None).await?.of("template", &self.id)?;
        if self.json {
            output::print_json(&answer.body)?;
        } else {
            output::print_text(&answer.read::<Told>()?.content)?;
        }
        if let Some(tag) = answer.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) {
            eprintln!("Its entity tag is {tag}.");
        }
        Ok(())
    }
}

impl Change {
    /// What is to become of it.
    fn patch(&self) -> Result<Value, Failure> {
        let content = self.content.as_deref().map(input::file).transpose()?;
        let patch: Map<String, Value> =
            [("name", self.name.clone()), ("description", self.description.clone()), ("content", content)]
                .into_iter()
                .filter_map(|(field, text)| Some((field.to_owned(), text?.into())))
                .collect();
        if patch.is_empty() {
            let message = "nothing is to be changed; expected is --name, --description or --content";
            return Err(Failure::new(exit::USAGE, message));
        }
        Ok(patch.into())
    }

    async fn run(&self, api: &Api, patch: &Value) -> Result<(), Failure> {
        let changed = api.ask_if(Method::PATCH, &of(&self.id), self.meant.if_match.as_ref(), Some(patch)).await?;
        let changed = changed.of("template", &self.id)?;
        if self.json { output::print_json(&changed.body) } else { Ok(()) }
    }
}

impl Render {
    async fn run(&self, api: &Api, trial: Option<&Value>) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct Rendered {
            rendered: String,
        }
        let path = of(&self.id).join("render");
        let answer = api.ask(Method::POST, &path, trial).await?.of("template", &self.id)?;
        if self.json {
            output::print_json(&answer.body)
        } else {
            output::print_text(&answer.read::<Rendered>()?.rendered)
        }
    }
}
