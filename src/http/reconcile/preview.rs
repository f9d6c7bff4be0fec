//! A small page about a record, which a client shows within its own.

use askama::Template;
use serde_json::Value;

use super::extension::Property;
use crate::error::{Error, Result};

/// The number of characters of a value that are shown.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(
    source = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{{ title }}</title></head>\n\
        <body><h1>{{ title }}</h1><p>{{ collection }}</p><dl>\n\
        {% for row in rows %}<dt>{{ row.0 }}</dt><dd>{{ row.1 }}</dd>\n{% endfor %}</dl></body></html>\n",
    ext = "html"
)]
struct Page<'a> {
    title: &'a str,
    collection: &'a str,
    rows: Vec<(String, String)>,
}

/// Returns the page.
///
/// # Errors
/// When it cannot be written, which is a fault of this program.
pub(super) fn page(title: &str, collection: &str, record: &Value, properties: &[Property]) -> Result<String> {
    let row = |property: &Property| {
        let text = property.texts(record).join("; ");
        let shown: String = text.chars().take(SHOWN).collect();
        let cut = if shown.len() < text.len() { "…" } else { "" };
        (!text.is_empty()).then(|| (property.name(), format!("{shown}{cut}")))
    };
    let rows = properties.iter().filter_map(row).collect();
    let page = Page { title, collection, rows };
    page.render().map_err(|error| Error::internal("a page cannot be written", error))
}
