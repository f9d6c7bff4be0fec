//! Expansions: records that an answer shows beside those that refer to them.

use serde_json::{Map, Value};

use super::query::FilterSet;
use super::resource::Resource;
use super::resource_info::ResourceInfo;
use super::stored::Stored;
use crate::db::DbConn;
use crate::error::Result;

/// Reads the content of `expanded` for each record: a query or two for each expansion, however many records there are.
///
/// # Errors
/// Errors of the database.
pub fn expand<R: Resource>(
    conn: &mut DbConn,
    items: &[Stored<R>],
    names: &[&'static str],
    filter_set: &FilterSet,
) -> Result<Vec<Map<String, Value>>> {
    let mut expanded = vec![Map::new(); items.len()];
    for expansion in R::expansions().filter(|expansion| names.contains(&expansion.name)) {
        let codes = (expansion.codes)(conn, items, filter_set)?;
        let mut wanted: Vec<&str> = codes.iter().flatten().map(String::as_str).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let Some(kind) = ResourceInfo::find(expansion.from) else {
            continue;
        };
        let records: std::collections::HashMap<String, Value> = if wanted.is_empty() {
            Default::default()
        } else {
            (kind.load_json)(conn, &wanted, filter_set)?.into_iter().collect()
        };
        for (expanded, codes) in expanded.iter_mut().zip(&codes) {
            let found: Map<String, Value> =
                codes.iter().filter_map(|code| Some((code.clone(), records.get(code)?.clone()))).collect();
            expanded.insert(expansion.name.to_owned(), Value::Object(found));
        }
    }
    Ok(expanded)
}
