//! The import of a collection.

use serde_json::{Value, json};
use utoipa::openapi::path::Parameter;
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, RefOr, Required};

use super::described::Described;
use super::formats::{example_file, file};
use super::operation::{About, described, json_response, operation};
use super::parameters::{choice, query};
use super::schemas::{Named, closed, count, input_example, reference};
use crate::http::collections::imports::PARAMETERS;
use crate::limits::DEFECTS;
use crate::registry::Resource;
use crate::transfer::{Format, Mode, TableFormat};

/// `POST /imports/x`
pub(in crate::http) fn import<R: Resource>() -> Described {
    let plural = R::COLLECTION.replace('-', "_");
    let description = format!(
        "Reads a file of records, all or nothing: the answer is a 422 with an entry in `errors` for each of the first \
         {DEFECTS} defects (`line`, `field`, `code`, `detail`) and nothing is written, or a 200 that tells what was \
         done. The detail says where there are more; a file is not read on soon after them. Rows may refer to rows of the same \
         file. What `GET /api/v1/{}?format=csv` (`ndjson`, `xlsx`) wrote is read back as it was. How rows and columns are read \
         is described under **Imports** at the top.",
        R::COLLECTION
    );
    let about = About {
        id: format!("import_{plural}"),
        summary: format!("Import {}", R::COLLECTION.replace('-', " ")),
        description: &description,
    };
    let import = operation::<R>(about, parameters(), Some(body::<R>()), R::WRITTEN_BY)
        .response("200", json_response("The report of what was done, or would be.", "ImportReport", report(), &[]));
    described(import, &[422]).with(schemas())
}

fn parameters() -> Vec<Parameter> {
    let [mode, dry_run] = PARAMETERS;
    let modes = Mode::TEXTS.iter().map(|&text| text.to_owned()).collect();
    vec![
        query(
            mode,
            "What happens to records that exist already: `upsert` changes the fields that the file names, `replace` empties the others, \
         `create` refuses the records.",
        )
            .schema(Some(with_default(choice(modes), json!("upsert"))))
            .build(),
        query(dry_run, "True to check everything and write nothing.")
            .schema(Some(with_default(ObjectBuilder::new().schema_type(Type::Boolean).build(), json!(false))))
            .build(),
    ]
}

fn with_default(mut schema: utoipa::openapi::schema::Object, value: Value) -> Schema {
    schema.default = Some(value);
    Schema::Object(schema)
}

fn body<R: Resource>() -> RequestBody {
    let mut body = RequestBodyBuilder::new().required(Some(Required::True));
    for format in Format::ALL {
        let (schema, example): (RefOr<Schema>, Option<Value>) = match format {
            Format::Csv => (
                file(
                    "RFC 4180, UTF-8 (a byte order mark may come first), with a header; `;` instead of `,` as with `dialect=excel`.",
                ),
                example_file::<R>(TableFormat::Csv).map(Value::from),
            ),
            Format::Ndjson => (file("A record a line, as JSON."), Some(format!("{}\n", input_example::<R>()).into())),
            Format::Xlsx => (file("An Excel workbook, whose first sheet has a header."), None),
            Format::Json => (
                // As in a patch, what a row leaves out stays as it is.
                ArrayBuilder::new().items(reference(&format!("{}Patch", R::SCHEMA))).build().into(),
                Some(json!([input_example::<R>()])),
            ),
        };
        body = body.content(format.media_type(), ContentBuilder::new().schema(Some(schema)).example(example).build());
    }
    body.build()
}

fn report() -> Value {
    let fields = json!([{ "field": "summary", "set": 3, "changed": 4, "emptied": 0 }]);
    json!({ "rows": 12, "created": 3, "updated": 4, "unchanged": 5, "dry_run": false, "fields": fields })
}

/// Returns the schemas of imports.
fn schemas() -> Named {
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about));
    let field = closed("The number of records in which a field has changed. All fields of a new record were empty.")
        .property("field", text("Its name."))
        .property("set", count("Records in which it was empty."))
        .property("changed", count("Records in which it had another value."))
        .property("emptied", count("Records in which it is empty now."));
    let field = ["field", "set", "changed", "emptied"].into_iter().fold(field, ObjectBuilder::required);
    let report = closed("The report of what an import did, or, as a dry run, would have done.")
        .property("rows", count("Rows read."))
        .property("created", count("Records that were not there before."))
        .property("updated", count("Records that have changed."))
        .property("unchanged", count("Records that were like this already."))
        .property(
            "dry_run",
            ObjectBuilder::new().schema_type(Type::Boolean).description(Some("True if nothing was written.")),
        )
        .property(
            "fields",
            ArrayBuilder::new().items(reference("ImportField")).description(Some(
                "The fields that are not what they were, over all records that were created or updated, in the order of the \
                 collection.",
            )),
        );
    let report = ["rows", "created", "updated", "unchanged", "dry_run", "fields"]
        .into_iter()
        .fold(report, ObjectBuilder::required);
    vec![("ImportReport".to_owned(), report.build().into()), ("ImportField".to_owned(), field.build().into())]
}
