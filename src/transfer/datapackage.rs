//! `datapackage.json`: the CSV files described for other programs, as a Frictionless tabular data package
//! (<https://specs.frictionlessdata.io/tabular-data-package/>). It follows from the kinds of record and holds no time
//! and no version, so that the same registry gives the same bytes.

use serde_json::{Map, Value, json};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Ref, RefOr};

use super::stem::stem;
use crate::registry::{Resource, ResourceVisitor, visit_resources};
use crate::values::{CellFormat, Field, plain_text_pattern};

/// The file's name.
pub(super) const FILE: &str = "datapackage.json";

/// Returns the description.
pub(super) fn describe() -> Value {
    struct Describe;
    impl ResourceVisitor for Describe {
        type Output = Value;

        fn visit<R: Resource>(&mut self) -> Value {
            resource::<R>()
        }
    }
    let resources: Vec<Value> = visit_resources(&mut Describe).collect();
    json!({
        "profile": "tabular-data-package",
        "name": "partnership-registry",
        "title": "Partnership registry",
        "description": "A space agency's international partnerships, a file a collection. A cell that begins with \
            = + - @ ' or a tab has one ' in front, for the sake of spreadsheets.",
        "resources": resources,
    })
}

fn resource<R: Resource>() -> Value {
    let name = stem(R::COLLECTION);
    let mut fields: Vec<Value> = R::FIELDS.iter().map(field).collect();
    fields.extend(R::DERIVED.iter().map(|derived| {
        let constraints = constraints((derived.schema)(""), derived.components);
        json!({
            "name": derived.name,
            "type": "string",
            "description": format!("{} Derived: an import ignores it.", derived.doc),
            "constraints": constraints,
        })
    }));
    let keys: Vec<Value> = foreign_keys::<R>()
        .map(|(field, to)| {
            // The empty name is the resource itself.
            let to = if to == R::COLLECTION { String::new() } else { stem(to) };
            json!({"fields": field, "reference": {"resource": to, "fields": "code"}})
        })
        .collect();
    let mut schema = json!({"fields": fields, "missingValues": [""], "primaryKey": "code"});
    if let (false, Some(schema)) = (keys.is_empty(), schema.as_object_mut()) {
        schema.insert("foreignKeys".to_owned(), keys.into());
    }
    json!({
        "profile": "tabular-data-resource",
        "name": name,
        "path": format!("{name}.csv"),
        "description": R::ABOUT,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": "\"", "doubleQuote": true, "header": true},
        "schema": schema,
    })
}

fn field(field: &Field) -> Value {
    let doc = field.doc.trim();
    let mut described = Map::new();
    let mut put = |key: &str, value: Value| described.insert(key.to_owned(), value);
    let mut limits = Map::new();
    put("name", field.name.into());
    match field.shape {
        CellFormat::Text | CellFormat::Date => {
            put("type", "string".into());
            put("description", doc.into());
            limits = constraints((field.schema)(""), field.components);
            if let Some(format) = limits.remove("format") {
                put("format", format);
            }
        }
        CellFormat::Integer => {
            put("type", "integer".into());
            put("description", doc.into());
            limits = constraints((field.schema)(""), field.components);
        }
        CellFormat::List => {
            put("type", "string".into());
            put("description", format!("{doc} Entries, separated by ;").into());
        }
        CellFormat::Pair { key, role } | CellFormat::Pairs { key, role } => {
            put("type", "string".into());
            put("description", format!("{doc} Entries {key}:{role}, separated by ;").into());
        }
    }
    if !field.optional {
        limits.insert("required".to_owned(), true.into());
    }
    if field.name == "code" {
        limits.insert("unique".to_owned(), true.into());
    }
    put("constraints", limits.into());
    described.into()
}

/// Returns the constraints of a field from its OpenAPI schema, as far as Table Schema has words for them (and `format`,
/// which is beside them).
fn constraints(schema: RefOr<Schema>, components: fn(&mut Vec<(String, RefOr<Schema>)>)) -> Map<String, Value> {
    let mut found = Vec::new();
    components(&mut found);
    let schema = match schema {
        RefOr::Ref(reference) => {
            let named =
                found.into_iter().find(|(name, _)| Ref::from_schema_name(name).ref_location == reference.ref_location);
            named.map_or(Value::Null, |(_, schema)| serde_json::to_value(schema).unwrap_or_default())
        }
        RefOr::T(schema) => serde_json::to_value(schema).unwrap_or_default(),
    };
    let mut limits = Map::new();
    if let Some(Value::Array(values)) = schema.get("enum") {
        limits.insert("enum".to_owned(), values.iter().filter(|value| !value.is_null()).cloned().collect());
    }
    // Table Schema means the whole cell, JSON Schema any part of it: only an anchored pattern means the same in both.
    // That a text holds no control characters needs no saying here; nor that it may be empty, which is a missing value.
    let whole = |text: &&str| text.starts_with('^') && text.ends_with('$') && *text != plain_text_pattern();
    let pattern = schema.get("pattern").and_then(Value::as_str);
    if let Some(pattern) = pattern.map(|text| text.strip_prefix("^$|").unwrap_or(text)).filter(whole) {
        limits.insert("pattern".to_owned(), pattern.into());
    }
    for name in ["minimum", "maximum"] {
        if let Some(number) = schema.get(name).and_then(Value::as_f64) {
            limits.insert(name.to_owned(), (number as i64).into());
        }
    }
    for name in ["minLength", "maxLength", "format"] {
        if let Some(value) = schema.get(name) {
            limits.insert(name.to_owned(), value.clone());
        }
    }
    limits
}

/// Returns the fields that hold one code of another record, with the collection it is in. Table Schema has no word for
/// lists.
fn foreign_keys<R: Resource>() -> impl Iterator<Item = (&'static str, &'static str)> {
    R::OUTGOING_REFS.iter().filter_map(|(place, to)| Some((place.strip_prefix('/').filter(|f| !f.contains('/'))?, *to)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::agreements::Agreement;
    use crate::registry::nations::Nation;
    use crate::registry::organisations::Organisation;
    use crate::registry::projects::Project;
    use crate::registry::reviews::Review;

    #[test]
    fn foreign_keys_follow_from_the_kinds() {
        assert_eq!(foreign_keys::<Nation>().collect::<Vec<_>>(), [("partner_type", "partner-types")]);
        assert_eq!(foreign_keys::<Organisation>().collect::<Vec<_>>(), [("nation", "nations")]);
        assert_eq!(foreign_keys::<Project>().collect::<Vec<_>>(), [("responsible", "organisations")]);
        assert_eq!(
            foreign_keys::<Agreement>().collect::<Vec<_>>(),
            [("supersedes", "agreements"), ("responsible", "organisations")]
        );
        assert_eq!(foreign_keys::<Review>().collect::<Vec<_>>(), [("project", "projects")]);
    }

    #[test]
    fn every_file_is_described() {
        let package = describe();
        let resources = package["resources"].as_array().unwrap();
        assert_eq!(resources.len(), crate::registry::RESOURCES.len());
        let nations = &resources[2];
        assert_eq!(nations["path"], "nations.csv");
        assert_eq!(nations["schema"]["fields"][0]["constraints"]["pattern"], "^[A-Z]{2}$");
        assert_eq!(nations["schema"]["fields"][6]["constraints"]["pattern"], "^[a-z0-9]+(-[a-z0-9]+)*$");
        assert_eq!(nations["schema"]["foreignKeys"][0]["reference"]["resource"], "partner_types");
        let status = &resources[4]["schema"]["fields"][4];
        assert_eq!((&status["name"], &status["constraints"]["required"]), (&json!("status"), &json!(true)));
        assert_eq!(status["constraints"]["enum"][0], "proposed");
        let derived =
            resources[5]["schema"]["fields"].as_array().unwrap().iter().find(|field| field["name"] == "status");
        let derived = derived.unwrap();
        assert_eq!((&derived["name"], &derived["constraints"]["enum"][1]), (&json!("status"), &json!("in_force")));
    }
}
