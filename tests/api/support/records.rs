//! Records to send, made from what a kind says about itself: a new kind needs no line here.

use partnership_registry::error::At;
use partnership_registry::registry::{Resource, ResourceVisitor, decode, visit_resources};
use partnership_registry::values::Field;
use serde_json::{Value, json};

use super::TestApp;

/// The example of a kind.
pub(crate) fn sample<R: Resource>() -> Value {
    serde_json::to_value(R::example()).unwrap()
}

/// The `n`th record of a kind: its own code, other values in every field that does not refer to anything; every fourth
/// has nothing in the optional ones.
pub(crate) fn variant<R: Resource>(n: usize) -> Value {
    let mut document = sample::<R>();
    for field in R::FIELDS {
        if let Some(value) = varied(field, n).filter(|value| fits::<R>(&document, field, value)) {
            document[field.name] = value;
        }
    }
    if R::is_valid_code("check-1") {
        document["code"] = json!(format!("check-{n}"));
    } else {
        let nation = free_nation(n);
        document["code"] = json!(nation.alpha2);
        document["alpha3"] = json!(nation.alpha3);
    }
    complete::<R>(&mut document, &sample::<R>());
    document
}

/// The `n`th record of a kind with nothing but what is required.
pub(crate) fn minimal<R: Resource>(n: usize) -> Value {
    let full = variant::<R>(n);
    let mut document = full.clone();
    let fields = document.as_object_mut().unwrap();
    fields.retain(|name, _| R::FIELDS.iter().any(|field| field.name == name && !field.optional));
    complete::<R>(&mut document, &full);
    document
}

/// Takes from another document what the rules between fields require.
fn complete<R: Resource>(document: &mut Value, from: &Value) {
    let mut defects = Vec::new();
    if let Some(record) = R::decode(document.clone(), "", &[], &mut defects) {
        record.check(&mut defects);
    }
    for defect in defects.into_iter().filter(|defect| defect.code == "required") {
        let At::Pointer(pointer) = defect.at else { continue };
        document[&pointer[1..]] = from[&pointer[1..]].clone();
    }
}

/// The code of a document.
pub(crate) fn code_of(document: &Value) -> String {
    document["code"].as_str().unwrap().to_owned()
}

/// A field of a kind that holds any text; an optional one where there is one.
pub(crate) fn text_field<R: Resource>() -> &'static str {
    let texts = || R::FIELDS.iter().filter(|field| takes::<R>(field, &json!("any text at all")));
    texts().find(|field| field.optional).or_else(|| texts().next()).unwrap().name
}

/// Nations that the samples do not name.
fn free_nation(n: usize) -> rust_iso3166::CountryCode {
    let mut free = rust_iso3166::ALL.iter().filter(|nation| !["FR", "IN"].contains(&nation.alpha2));
    *free.nth(n).unwrap()
}

fn schema_of(field: &Field) -> Value {
    serde_json::to_value((field.schema)("")).unwrap()
}

/// Tells whether a field of the example may be this instead.
pub(crate) fn takes<R: Resource>(field: &Field, value: &Value) -> bool {
    let mut document = sample::<R>();
    document[field.name] = value.clone();
    let mut defects = Vec::new();
    // A field that says which collection a code of the record is of refers with it.
    let refers_alike = R::references_of(&document) == R::references_of(&sample::<R>());
    let names_a_record = R::example().references().iter().any(|one| one.pointer == format!("/{}", field.name));
    R::decode(document, "", &[], &mut defects).is_some() && defects.is_empty() && (refers_alike || names_a_record)
}

/// Tells whether a field of a document may be this instead, by the rules between its fields, too.
fn fits<R: Resource>(document: &Value, field: &Field, value: &Value) -> bool {
    let mut changed = document.clone();
    changed[field.name] = value.clone();
    let refers_alike = R::references_of(&changed) == R::references_of(document);
    let names_a_record = R::example().references().iter().any(|one| one.pointer == format!("/{}", field.name));
    (refers_alike || names_a_record) && decode::<R>(changed).is_ok()
}

fn has_type(schema: &Value, name: &str) -> bool {
    schema["type"] == name || schema["type"].as_array().is_some_and(|types| types.contains(&json!(name)))
}

fn varied(field: &Field, n: usize) -> Option<Value> {
    let schema = schema_of(field);
    let empty = field.optional && n % 4 == 3;
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        let mut components = Vec::new();
        (field.components)(&mut components);
        let component = components.iter().find(|(found, _)| found == name)?;
        let values = serde_json::to_value(&component.1).unwrap()["enum"].as_array()?.clone();
        return Some(values[n % values.len()].clone());
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values.iter().filter(|value| !value.is_null()).collect();
        return Some(if empty { Value::Null } else { values[n % values.len()].clone() });
    }
    if has_type(&schema, "integer") {
        return Some(if empty { Value::Null } else { json!(n * 7 % 5) });
    }
    if is_date(&schema) {
        let year = 1990 + n * 3 % 20;
        let texts = [format!("{year}"), format!("{year}-05"), format!("{year}-05-12")];
        return Some(if empty { Value::Null } else { json!(texts[n % 3]) });
    }
    if has_type(&schema, "string") {
        let words = ["alpha", "Éclair", "zeta", "Zulu", "Ωmega", "étoile", "alphabet", "\u{1F680} rocket"];
        return Some(if empty { Value::Null } else { json!(format!("{} {n}", words[n % words.len()])) });
    }
    None
}

fn is_date(schema: &Value) -> bool {
    schema["pattern"].as_str().is_some_and(|pattern| pattern.contains("[0-9]{4}"))
}

/// A value that a schema admits, for a filter.
pub(crate) fn filter_value(schema: &Value) -> String {
    if let Some(values) = schema["enum"].as_array() {
        return values[0].as_str().unwrap().to_owned();
    }
    match schema["pattern"].as_str().unwrap_or_default() {
        "^[A-Z]{2}$" => "FR".to_owned(),
        "^[A-Z]{3}$" => "FRA".to_owned(),
        pattern if pattern.contains("[0-9]{4}") => "2020-02".to_owned(),
        _ => "nothing-like-it".to_owned(),
    }
}

/// Fills a registry with the example of every kind, and with what the examples refer to.
pub(crate) fn fill(app: &TestApp) {
    struct Fill<'a>(&'a TestApp);
    impl ResourceVisitor for Fill<'_> {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            for reference in R::example().references().iter().filter(|reference| reference.to == "nations") {
                nation(self.0, &reference.code);
            }
            let document = sample::<R>();
            let answer = self.0.admin().put(&format!("/{}/{}", R::COLLECTION, code_of(&document)), &document);
            assert!(matches!(answer.status, 200 | 201), "{answer}");
        }
    }
    visit_resources(&mut Fill(app)).for_each(drop);
}

/// Makes sure of a nation.
pub(crate) fn nation(app: &TestApp, code: &str) {
    let nation = rust_iso3166::from_alpha2(code).unwrap();
    let document = json!({ "code": code, "alpha3": nation.alpha3, "name_en": nation.name });
    let answer =
        app.admin().request("PUT", &format!("/nations/{code}")).header("If-None-Match", "*").json(&document).send();
    assert!(matches!(answer.status, 201 | 412), "{answer}");
}
