//! The operations that answer with the whole registry as one file.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Required};

use super::bodies::or_null;
use super::described::Described;
use super::headers::{header_about, text_header};
use super::operation::{About, authorized, described, not_modified_response};
use super::parameters::query;
use crate::auth::Role;
use crate::http::request::format::Format;

/// `GET /export.sqlite`
pub(in crate::http) fn sqlite() -> Described {
    let about = About {
        id: "export_sqlite".to_owned(),
        summary: "Get the registry as a SQLite file".to_owned(),
        description: "A table a collection, a table for each list of a record, and views for analysts: `projects_by_nation`, \
            `projects_by_area`, `agreements_by_nation`, `partners`, `nations_together`. Beside each date are its first and \
            last day. The table `registry` says which revision it is. It has no users, tokens and keys.",
    };
    let moment = "The registry as it was known then: a date, a time, a revision or a release.";
    let as_of = query("as_of", moment)
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some("2026-11-24".into()));
    download("export", about, "The file.", Format::Sqlite).at(as_of.build())
}

/// `GET /releases/{name}/datapackage.zip`
pub(in crate::http) fn data_package() -> Described {
    let about = About {
        id: "get_data_package".to_owned(),
        summary: "Get the data package of a release".to_owned(),
        description: "The whole registry as it was then: a CSV file a collection, `datapackage.json` (Frictionless), which \
            describes them with their sizes and digests, and `SHA256SUMS`. It is the same file each time, byte for byte, as \
            long as the program is of the same version.",
    };
    download("releases", about, "The data package.", Format::Package)
}

/// Describes the download of a file, which a client may have already.
fn download(tag: &str, about: About<'_>, answered: &str, format: Format) -> Described {
    let content = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).build();
    let file = ["ETag", "Content-Disposition"]
        .into_iter()
        .fold(ResponseBuilder::new().description(answered).content(format.media_type(), content), |file, name| {
            file.header(name, text_header(header_about(name)))
        });
    let operation = authorized(tag, about, Role::Viewer)
        .parameter(if_none_match())
        .response("200", file.build())
        .response("304", not_modified_response());
    described(operation, &[])
}

/// `If-None-Match`, with the entity tag of a revision.
fn if_none_match() -> Parameter {
    ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The entity tag that you have."))
        .schema(Some(or_null(ObjectBuilder::new(), Type::String)))
        .example(Some("W/\"r42\"".into()))
        .build()
}
