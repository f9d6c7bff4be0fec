//! The answers of a service.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::extension::{self, Property};
use super::preview;
use crate::clock;
use crate::db::ReadClass;
use crate::error::{Error, Result};
use crate::http::state::State;
use crate::limits;
use crate::registry::ResourceInfo;
use crate::registry::query::FilterSet;
use crate::registry::resolve::{Candidate, Names, decide};
use crate::values::fold::fold;
use crate::values::quote;

/// The number of candidates of a name, without `limit`.
const CANDIDATES: usize = 5;
/// The part of a score that is left, in hundredths, for each property that differs.
const ANOTHER: u16 = 60;

/// A service: a collection, at an address.
pub(super) struct Service<'a> {
    pub(super) collection: &'static str,
    /// The address that the collection is below.
    pub(super) base: String,
    /// The address of the whole.
    pub(super) root: String,
    /// True if a form was sent, which asks for more than the manifest.
    pub(super) posted: bool,
    pub(super) state: &'a State,
}

/// A name to match.
struct Query {
    text: String,
    limit: usize,
    properties: Vec<(String, Vec<String>)>,
    /// True if it asks for things of this sort at all.
    fits: bool,
}

/// Returns a parameter, where it is there.
fn parameter<'p>(parameters: &'p [(String, String)], name: &str) -> Option<&'p str> {
    parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn parsed(name: &'static str, text: &str) -> Result<Value> {
    crate::values::json::parse(text.as_bytes())
        .map_err(|error| Error::bad_parameter(name, "bad_json", error.to_string()))
}

impl Service<'_> {
    /// Returns the manifest; with `queries` the candidates for each; with `extend` the data of records.
    pub(super) async fn whole(&self, parameters: &[(String, String)]) -> Result<Answer> {
        if let Some(text) = parameter(parameters, "queries") {
            return self.batch(&parsed("queries", text)?).await.map(Answer::Json);
        }
        if let Some(text) = parameter(parameters, "extend") {
            return self.extend(&parsed("extend", text)?).await.map(Answer::Json);
        }
        if self.posted {
            return Err(Error::bad_request("a form has queries or extend"));
        }
        Ok(Answer::Json(self.manifest()))
    }

    fn kind(&self) -> Result<&'static ResourceInfo> {
        let kind = ResourceInfo::find(self.collection);
        kind.ok_or_else(|| Error::NotFound("there is no such collection".to_owned()))
    }

    /// Returns the type of every entity here: the collection.
    fn kinds(&self) -> Value {
        json!([{ "id": self.collection, "name": self.collection }])
    }

    fn manifest(&self) -> Value {
        let Self { collection, base, root, .. } = self;
        let here = format!("{base}/{collection}");
        let suggest = |what: &str| json!({ "service_url": here, "service_path": format!("/suggest/{what}") });
        json!({
            "versions": ["0.1", "0.2"],
            "name": format!("Partnership registry: {collection}"),
            "identifierSpace": format!("{root}/api/v1/{collection}/"),
            "schemaSpace": format!("{root}/api/v1/"),
            "documentation": format!("{root}/docs"),
            "serviceVersion": env!("CARGO_PKG_VERSION"),
            "defaultTypes": self.kinds(),
            "view": { "url": format!("{root}/{collection}/{{{{id}}}}") },
            "preview": { "url": format!("{here}/preview?id={{{{id}}}}"), "width": 430, "height": 300 },
            "suggest": { "entity": suggest("entity"), "property": suggest("property"), "type": suggest("type") },
            "extend": {
                "propose_properties": { "service_url": here, "service_path": "/properties" },
                "property_settings": [],
            },
        })
    }

    async fn names(&self, collection: &'static str) -> Result<Arc<Names>> {
        self.state.names.of(&self.state.db, collection).await
    }

    /// Returns the candidates of each query of a batch.
    async fn batch(&self, batch: &Value) -> Result<Value> {
        let wrong = |detail: &str| Error::bad_parameter("queries", "type", detail);
        let batch = batch.as_object().ok_or_else(|| wrong("an object of queries is wanted"))?;
        if batch.len() > limits::RECONCILED {
            return Err(wrong(&format!("a batch has at most {} queries", limits::RECONCILED)));
        }
        let mut queries = Vec::with_capacity(batch.len());
        for (key, query) in batch {
            queries.push((key.clone(), self.query(query)?));
        }
        let (names, nations) = (self.names(self.collection).await?, self.names("nations").await?);
        let qualified = self.collection == "organisations";
        let kind = self.kind()?;
        let properties = extension::properties(self.collection);
        let full = kind.load_json;
        let types = self.kinds();
        let filter_set = FilterSet::empty(clock::today());
        let answer = self.state.db.read(ReadClass::Pooled, move |conn| {
            let mut found: Vec<(String, Query, Vec<Candidate>)> = Vec::new();
            for (key, query) in queries {
                let beside = qualified.then_some(nations.as_ref());
                let all = if query.fits { names.find(&query.text, limits::CANDIDATES, beside) } else { Vec::new() };
                found.push((key, query, all));
            }
            let mut codes: Vec<&str> =
                found.iter().flat_map(|(_, _, all)| all.iter().map(|one| one.code.as_str())).collect();
            codes.sort_unstable();
            codes.dedup();
            let records: HashMap<String, Value> = full(conn, &codes, &filter_set)?.into_iter().collect();
            let mut answer = Map::new();
            for (key, query, mut all) in found {
                let agreed = compared(&mut all, &query, &records, &properties, &nations);
                let shown = all.iter().take(query.limit).zip(&agreed);
                let result: Vec<Value> = shown
                    .map(|(one, agreed)| {
                        let record = records.get(&one.code).unwrap_or(&Value::Null);
                        let name = extension::title(record, kind.search_fields.title);
                        json!({
                            "id": one.code, "name": name, "type": types, "score": one.score, "match": one.sure,
                            "description": format!("{}: {}", one.how.words(), one.name),
                            "features": [
                                { "id": "name_score", "value": one.name_score },
                                { "id": "properties_agreed", "value": agreed },
                            ],
                        })
                    })
                    .collect();
                answer.insert(key, json!({ "result": result }));
            }
            Ok(Value::Object(answer))
        });
        answer.await
    }

    fn query(&self, query: &Value) -> Result<Query> {
        let wrong = |detail: &str| Error::bad_parameter("queries", "type", detail);
        let text = query.get("query").and_then(Value::as_str).unwrap_or_default();
        if text.chars().count() > limits::TITLE {
            return Err(wrong(&format!("a name has at most {} characters", limits::TITLE)));
        }
        if text.trim().is_empty() && query.get("properties").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            return Err(wrong("each query has a query: a text"));
        }
        let limit = query.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
        let types: Vec<&str> = match query.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let given = query.get("properties").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let property = |given: &Value| {
            let pid = given.get("pid")?.as_str()?.to_owned();
            let values = match given.get("v")? {
                Value::Array(values) => values.iter().filter_map(plain).collect(),
                one => plain(one).into_iter().collect(),
            };
            Some((pid, values))
        };
        Ok(Query {
            text: text.to_owned(),
            limit: limit.unwrap_or(CANDIDATES).clamp(1, limits::CANDIDATES),
            properties: given.iter().filter_map(property).collect(),
            fits: types.is_empty() || types.contains(&self.collection),
        })
    }

    /// Returns the data of records, property by property.
    async fn extend(&self, wanted: &Value) -> Result<Value> {
        let texts = |name: &str, key: Option<&str>| -> Vec<String> {
            let list = wanted.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let text = |value: &Value| match key {
                Some(key) => value.get(key).and_then(Value::as_str).map(str::to_owned),
                None => value.as_str().map(str::to_owned),
            };
            list.iter().filter_map(text).collect()
        };
        let (ids, filter_set) = (texts("ids", None), texts("properties", Some("id")));
        if ids.len() > limits::RECONCILED {
            let detail = format!("data is given of at most {} records at once", limits::RECONCILED);
            return Err(Error::bad_parameter("extend", "out_of_range", detail));
        }
        let known = extension::properties(self.collection);
        let mut properties: Vec<&Property> = Vec::new();
        for id in &filter_set {
            let unknown =
                || Error::bad_parameter("extend", "unknown_value", format!("there is no property {}", quote(id)));
            properties.push(known.iter().find(|property| property.id == id).ok_or_else(unknown)?);
        }
        let records = self.records(&ids).await?;
        let rows: Map<String, Value> = ids
            .iter()
            .map(|id| {
                let record = records.get(id).unwrap_or(&Value::Null);
                let cells = properties.iter().map(|property| (property.id.to_owned(), property.cells(record)));
                (id.clone(), Value::Object(cells.collect()))
            })
            .collect();
        let meta: Vec<Value> =
            properties.iter().map(|property| json!({ "id": property.id, "name": property.name() })).collect();
        Ok(json!({ "meta": meta, "rows": rows }))
    }

    async fn records(&self, codes: &[String]) -> Result<HashMap<String, Value>> {
        let (kind, codes, filter_set) = (self.kind()?, codes.to_vec(), FilterSet::empty(clock::today()));
        let read = self.state.db.read(ReadClass::Pooled, move |conn| {
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            (kind.load_json)(conn, &codes, &filter_set)
        });
        Ok(read.await?.into_iter().collect())
    }

    /// Suggests the names that begin with a text.
    pub(super) async fn suggest(&self, what: &str, parameters: &[(String, String)]) -> Result<Answer> {
        let prefix = parameter(parameters, "prefix").unwrap_or_default();
        let result: Vec<Value> = match what {
            "entity" => self.entities(prefix).await?,
            "type" => self.kinds().as_array().cloned().unwrap_or_default(),
            "property" => {
                let wanted = fold(prefix);
                let all = extension::properties(self.collection).into_iter();
                let fits = |property: &Property| fold(&property.name()).contains(&wanted);
                all.filter(fits)
                    .map(|property| json!({ "id": property.id, "name": property.name(), "description": property.doc }))
                    .collect()
            }
            _ => return Err(Error::NotFound("what is suggested is entity, property or type".to_owned())),
        };
        Ok(Answer::Json(json!({ "result": result })))
    }

    async fn entities(&self, prefix: &str) -> Result<Vec<Value>> {
        let codes = self.names(self.collection).await?.beginning(prefix, limits::CANDIDATES);
        let (records, title) = (self.records(&codes).await?, self.kind()?.search_fields.title);
        let entity = |code: &String| {
            let name = extension::title(records.get(code).unwrap_or(&Value::Null), title);
            json!({ "id": code, "name": name, "description": code, "notable": self.kinds() })
        };
        Ok(codes.iter().map(entity).collect())
    }

    /// Returns a page about a record.
    pub(super) async fn preview(&self, parameters: &[(String, String)]) -> Result<Answer> {
        let id = parameter(parameters, "id").unwrap_or_default().to_owned();
        let records = self.records(std::slice::from_ref(&id)).await?;
        let record = records.get(&id).ok_or_else(|| Error::NotFound(format!("there is no {} here", quote(&id))))?;
        let title = extension::title(record, self.kind()?.search_fields.title);
        preview::page(&title, self.collection, record, &extension::properties(self.collection)).map(Answer::Page)
    }

    /// Returns the properties that can be asked for.
    pub(super) fn properties(&self) -> Value {
        let all: Vec<Value> = extension::properties(self.collection)
            .iter()
            .map(|property| json!({ "id": property.id, "name": property.name() }))
            .collect();
        json!({ "type": self.collection, "properties": all })
    }
}

/// Returns a value that a property is compared with: a text, a number, or another entity's id.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        other => other.get("id").and_then(Value::as_str).map(str::to_owned),
    }
}

/// Lowers the scores of the candidates whose properties differ, and ranks them again; returns the number of properties
/// that agree, for each.
fn compared(
    all: &mut Vec<Candidate>,
    query: &Query,
    records: &HashMap<String, Value>,
    properties: &[Property],
    nations: &Names,
) -> Vec<usize> {
    let mut ranked: Vec<(Candidate, usize)> = Vec::with_capacity(all.len());
    for mut one in std::mem::take(all) {
        let record = records.get(&one.code).unwrap_or(&Value::Null);
        let mut agreed = 0;
        for (pid, wanted) in &query.properties {
            let Some(property) = properties.iter().find(|property| property.id == pid) else { continue };
            match property.agrees(record, wanted, nations) {
                Some(true) => agreed += 1,
                Some(false) => one.score = lowered(one.score),
                None => {}
            }
        }
        ranked.push((one, agreed));
    }
    ranked.sort_by_key(|(one, _)| std::cmp::Reverse(one.score));
    let (mut candidates, agreed): (Vec<Candidate>, Vec<usize>) = ranked.into_iter().unzip();
    decide(&mut candidates);
    *all = candidates;
    agreed
}

fn lowered(score: u8) -> u8 {
    u8::try_from(u16::from(score) * ANOTHER / 100).unwrap_or_default()
}
