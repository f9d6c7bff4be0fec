//! The operations of users, named tokens and other small kinds beside the registry, written once for all of them.

use utoipa::ToSchema;
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Required};

use super::bodies::{Page, named};
use super::described::Described;
use super::headers::{header_about, text_header};
use super::operation::{About, authorized, described};
use super::parameters;
use super::schemas::Named;
use crate::auth::Role;
use crate::limits::PAGE_DEFAULT;

/// The media type of a plain body.
pub(in crate::http) const JSON: &str = "application/json";

/// The media type of a body that changes some fields.
pub(in crate::http) const MERGE_PATCH: &str = "application/merge-patch+json";

/// The problems of a body that can be wrong, beside those of any write.
const READS_JSON: [u16; 2] = [413, 422];

/// The problem of any write.
const WRITES: [u16; 1] = [507];

/// A kind of thing that is kept beside the registry: there is a list of them, and each has a path of its own.
pub(in crate::http) struct Kept {
    /// The tag of the operations.
    pub(in crate::http) tag: &'static str,
    /// One of them, as in the id of an operation.
    pub(in crate::http) one: &'static str,
    /// Several of them, as in the id of an operation.
    pub(in crate::http) many: &'static str,
    /// The role that reads them.
    pub(in crate::http) read_by: Role,
    /// The role that makes, changes and deletes them.
    pub(in crate::http) written_by: Role,
    /// The parameter of a path that says which one.
    pub(in crate::http) key: Key,
}

/// A parameter of a path that says which one of several is meant.
pub(in crate::http) struct Key {
    /// The name.
    pub(in crate::http) name: &'static str,
    /// The description.
    pub(in crate::http) about: &'static str,
    /// A value.
    pub(in crate::http) example: &'static str,
}

impl Key {
    /// Makes a parameter `id`, which is a UUID.
    pub(in crate::http) const fn id(about: &'static str) -> Self {
        Self { name: "id", about, example: "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11" }
    }

    fn parameter(&self) -> Parameter {
        ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(self.about))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .example(Some(self.example.into()))
            .build()
    }
}

/// The summary of an operation, and its description.
pub(in crate::http) struct Words(pub(in crate::http) &'static str, pub(in crate::http) &'static str);

impl Kept {
    /// Makes a kind that this role reads and writes, and whose tag is its name.
    pub(in crate::http) const fn new(one: &'static str, many: &'static str, role: Role, key: Key) -> Self {
        Self { tag: many, one, many, read_by: role, written_by: role, key }
    }

    /// `GET /x`
    pub(in crate::http) fn list<T: ToSchema>(&self, words: Words) -> Described {
        let page = answer::<Page<T>>(&format!("A page of {}.", spaced(self.many)));
        let operation = operation(self, format!("list_{}", self.many), words, self.read_by)
            .parameters(Some(page_parameters()))
            .response("200", page.header("Link", text_header(header_about("Link"))).build());
        described(operation, &[]).with(brought::<Page<T>>())
    }

    /// `POST /x`
    pub(in crate::http) fn create<B: ToSchema, T: ToSchema>(&self, words: Words, answered: &str) -> Described {
        self.make::<B, T>(&format!("create_{}", self.one), words, answered)
    }

    /// Describes a `POST` that answers with something new, and with its path or the path of its owner.
    pub(in crate::http) fn make<B: ToSchema, T: ToSchema>(&self, id: &str, words: Words, answered: &str) -> Described {
        let place = text_header(&format!("The path of the {}.", spaced(self.one)));
        let operation = operation(self, id.to_owned(), words, self.written_by)
            .request_body(Some(body::<B>(&[JSON])))
            .response("201", answer::<T>(answered).header("Location", place).build());
        written(operation, &READS_JSON).refused_with(&[409]).with(brought::<B>()).with(brought::<T>())
    }

    /// `GET /x/{key}`
    pub(in crate::http) fn get<T: ToSchema>(&self, words: Words) -> Described {
        let operation = operation(self, format!("get_{}", self.one), words, self.read_by)
            .response("200", answer::<T>(&format!("The {}.", spaced(self.one))).build());
        self.under(described(operation, &[]).with(brought::<T>()))
    }

    /// `PATCH /x/{key}`, with a body of any of these media types.
    pub(in crate::http) fn change<B: ToSchema, T: ToSchema>(
        &self,
        id: &str,
        words: Words,
        media_types: &[&str],
    ) -> Described {
        let operation = operation(self, id.to_owned(), words, self.written_by)
            .request_body(Some(body::<B>(media_types)))
            .response("200", answer::<T>(&format!("The {} as it is now.", spaced(self.one))).build());
        self.under(written(operation, &READS_JSON).with(brought::<B>()).with(brought::<T>()))
    }

    /// `DELETE /x/{key}`
    pub(in crate::http) fn delete(&self, words: Words, answered: &str) -> Described {
        let operation = operation(self, format!("delete_{}", self.one), words, self.written_by)
            .response("204", ResponseBuilder::new().description(answered).build());
        self.under(written(operation, &[]))
    }

    /// Moves an operation to the path of one of them, or below it.
    pub(in crate::http) fn under(&self, described: Described) -> Described {
        described.at(self.key.parameter()).refused_with(&[404])
    }
}

fn operation(kept: &Kept, id: String, Words(summary, description): Words, role: Role) -> OperationBuilder {
    authorized(kept.tag, About { id, summary: summary.to_owned(), description }, role)
}

/// Describes an operation that writes; `more` are problems that it may answer beside those of any such operation.
fn written(operation: OperationBuilder, more: &[u16]) -> Described {
    described(operation, &WRITES).refused_with(more)
}

/// Returns the words of a name.
fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// Returns the parameters of a page.
fn page_parameters() -> [Parameter; 2] {
    let [mut limit, cursor] = parameters::page();
    limit.description = Some(format!("The number of items at most; {PAGE_DEFAULT} by default."));
    [limit, cursor]
}

/// Returns an answer in JSON, whose example is that of its schema.
fn answer<T: ToSchema>(description: &str) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(named::<T>())).build();
    ResponseBuilder::new().description(description).content(JSON, content)
}

fn body<B: ToSchema>(media_types: &[&str]) -> RequestBody {
    let content = || ContentBuilder::new().schema(Some(named::<B>())).build();
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    media_types.iter().fold(body, |body, media_type| body.content(*media_type, content())).build()
}

/// Returns the schema of a type, and those that it refers to.
fn brought<T: ToSchema>() -> Named {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    schemas
}
