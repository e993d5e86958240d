//! The schemas of what the core knows and the API shows. The core knows no documentation, so each has a namesake here.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::json;
use unistatus_core::schema::{self, FailureClass as Class, IncidentState as State};
use unistatus_core::{access, history, rollbar};
use utoipa::openapi::schema::{AdditionalProperties, SchemaType};
use utoipa::openapi::{ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::error::ApiError;
use crate::records::{EventRecord, IncidentRecord};
use crate::routes::templates::Told;

/// Names a schema, and makes it.
macro_rules! schema {
    ($name:ident, $make:expr $(, contains $($contained:ident),+)?) => {
        #[doc = concat!("The schema `", stringify!($name), "`.")]
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $make.into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }

            $(fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                $(
                    schemas.push(($contained::name().into_owned(), $contained::schema()));
                    $contained::schemas(schemas);
                )+
            })?
        }
    };
}

schema!(
    Status,
    words("How a service is, from best to worst: `OK`, `Unknown`, `Degraded`, `Outage`.", schema::Status::ALL)
);
schema!(TargetType, words("How a target is asked.", schema::Kind::ALL));
schema!(Timestamp, {
    string("An instant, in UTC, with milliseconds.")
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .pattern(Some(r"^[0-9-]{10,}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"))
        .examples([json!("2026-05-04T12:00:00.500Z")])
});
schema!(MaybeTimestamp, {
    string("When the status was last updated: an instant, in UTC, with milliseconds; empty where that is not known.")
        .pattern(Some(r"^([0-9-]{10,}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)?$"))
        .examples([json!("2023-04-18T09:45:04.745Z")])
});
schema!(
    Scope,
    words("What somebody may do; each includes those before it: `read`, `write`, `admin`.", access::Scope::ALL)
);
schema!(
    ServerOutcome,
    object(
        "What became of a wish.",
        [(
            "status",
            words(
                "Its word.",
                ["CREATED", "UPDATED", "DELETED", "WRONG_REQUEST", "NAME_ALREADY_EXIST", "NAME_DID_NOT_FOUND"]
            )
            .into()
        )]
    )
);
schema!(ServerWish, {
    let name = string("Any text without control characters.").min_length(Some(1)).max_length(Some(64));
    let address = string("An IPv4 or IPv6 address.").examples([json!("8.8.8.8")]);
    let server = object("The server.", [("name", name.examples([json!("google_dns")]).into()), ("IP", address.into())]);
    object("A server as it shall be.", [("server", server.into())])
});
schema!(ServerNamed, {
    let name = string("The name.").min_length(Some(1)).max_length(Some(64)).examples([json!("google_dns")]);
    object("The name of a server.", [("server", name.into())])
});
schema!(Pings, {
    let latency = OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0)));
    let ping = ObjectBuilder::new()
        .description(Some("When, and after how many milliseconds the answer came; `null` where none did."))
        .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(latency.build().into()))))
        .examples([json!({"2026-05-04T12:00:00.500Z": 12.3})]);
    let pings = ArrayBuilder::new().items(ping);
    object("What was measured of a server.", [("server", string("Its name.").into()), ("pings", pings.into())])
});
schema!(Scalar, {
    OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::String))
        .item(ObjectBuilder::new().schema_type(Type::Number))
        .item(ObjectBuilder::new().schema_type(Type::Boolean))
});
schema!(
    Dimensions,
    ObjectBuilder::new()
        .description(Some("What tells services of one name apart, and what the status is about."))
        .additional_properties(Some(AdditionalProperties::RefOr(Ref::from_schema_name("Scalar").into())))
        .examples([json!({"region": "eu", "serviceId": "8l4ygp009s5s"})]),
    contains Scalar
);
schema!(IncidentKind, {
    let kinds = [schema::IncidentKind::Incident, schema::IncidentKind::Maintenance];
    words("Whether it is unplanned or planned.", kinds)
});
schema!(IncidentState, {
    let of_incidents = [State::Investigating, State::Identified, State::Monitoring, State::Resolved];
    let of_maintenances = [State::Scheduled, State::InProgress, State::Completed];
    words("How far it has come.", of_incidents.into_iter().chain(of_maintenances))
});
schema!(FailureClass, {
    let before_an_answer = [Class::NotConfigured, Class::Dns, Class::Connect, Class::Tls, Class::Timeout];
    let of_an_answer = [Class::Connection, Class::Redirect, Class::HttpStatus, Class::RateLimited];
    let of_a_document = [Class::TooLarge, Class::Decode, Class::Parse];
    words("Why an ask failed.", before_an_answer.into_iter().chain(of_an_answer).chain(of_a_document))
});
schema!(
    Failure,
    object("Why the last ask failed.", [("class", one(&FailureClass::name())), ("message", string("What happened, for people.").into())]),
    contains FailureClass
);
schema!(
    IncidentUpdate,
    object("What was said about it at one moment.", [
        ("at", one_or_null(&Timestamp::name())),
        ("state", one_or_null(&IncidentState::name())),
        ("text", string("Plain text.").into()),
    ]),
    contains IncidentState, Timestamp
);
schema!(ErrorCode, words("What went wrong, for programs: a code never changes its meaning.", ApiError::CODES));
schema!(Counted, words("What a time counts as.", history::Counted::ALL.map(history::Counted::as_str)));

schema!(
    EventList,
    object("A list of changes.", [("events", many(&EventRecord::name()))]),
    contains EventRecord
);
schema!(
    TemplateList,
    object("A list of templates.", [("templates", many(&Told::name()))]),
    contains Told
);
schema!(
    IncidentList,
    object("A list of incidents and maintenances.", [("incidents", many(&IncidentRecord::name()))]),
    contains IncidentRecord
);

schema!(Item, {
    let number = |description| ObjectBuilder::new().schema_type(Type::Integer).description(Some(description));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("An item as Rollbar tells it; it has more than what is named here."))
        .property("id", number("Identifies it in all of Rollbar."))
        .property("counter", number("Its number in the project."))
        .property("title", string("What it is called."))
        .property("level", words("How bad it is.", rollbar::ItemLevel::ALL))
        .property("status", words("How far it is.", rollbar::ItemStatus::ALL))
        .property("environment", string("Where it occurs."))
        .examples([json!({"id": 272_505_123, "counter": 456, "title": "KeyError: 'user'", "level": "critical",
            "status": "active", "environment": "production", "total_occurrences": 47})])
});
schema!(ItemList, object("Items.", [("items", many(&Item::name()))]), contains Item);
schema!(ItemChange, {
    let id = |description| {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
            .minimum(Some(0))
            .description(Some(description))
    };
    let version = string("The version that it is resolved in; with the status `resolved`.");
    let seconds = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(u32::MAX))
        .description(Some("For how many seconds; with `snooze_enabled`."));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("What is to be changed of an item, in Rollbar's words; at least one of these."))
        .property("status", words("How far it is.", rollbar::ItemStatus::ALL))
        .property("level", words("How bad it is.", rollbar::ItemLevel::ALL))
        .property("title", string("What it is called.").min_length(Some(1)).max_length(Some(255)))
        .property("assigned_user_id", id("Whose it is; `null` for nobody's."))
        .property("assigned_team_id", id("Which team's it is; `null` for none's."))
        .property("resolved_in_version", version.min_length(Some(1)).max_length(Some(40)))
        .property(
            "snooze_enabled",
            ObjectBuilder::new()
                .schema_type(Type::Boolean)
                .description(Some("Whether nobody is to hear of it for a while.")),
        )
        .property("snooze_expiration_in_seconds", seconds)
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .min_properties(Some(1))
        .examples([json!({"status": "resolved", "resolved_in_version": "aabbcc1"})])
});
schema!(NewItem, {
    let data = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("The occurrence, in Rollbar's format: `environment` and `body` are required."));
    object("What is reported.", [("data", data.into())])
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .examples([json!({"data": {"environment": "production", "level": "error",
            "body": {"message": {"body": "The backup failed."}}}})])
});
schema!(Reported, {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("What Rollbar says of an occurrence that it took."))
        .property("uuid", string("Identifies the occurrence."))
        .examples([json!({"id": null, "uuid": "d4c7acef55bf4c9ea95e4fe9428a8287"})])
});

/// The words that these values are written as.
fn words<T: Serialize>(description: &str, values: impl IntoIterator<Item = T>) -> ObjectBuilder {
    string(description).enum_values(Some(values.into_iter().map(|value| json!(value))))
}

fn string(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

/// An object that has all of these properties.
fn object<const N: usize>(description: &str, properties: [(&str, RefOr<Schema>); N]) -> ObjectBuilder {
    let empty = ObjectBuilder::new().description(Some(description));
    properties.into_iter().fold(empty, |object, (name, schema)| object.property(name, schema).required(name))
}

fn one(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

fn one_or_null(name: &str) -> RefOr<Schema> {
    OneOfBuilder::new().item(ObjectBuilder::new().schema_type(Type::Null)).item(Ref::from_schema_name(name)).into()
}

fn many(name: &str) -> RefOr<Schema> {
    ArrayBuilder::new().items(Ref::from_schema_name(name)).into()
}
