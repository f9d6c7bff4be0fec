//! Query strings, read strictly: each parameter once, valid UTF-8, none unknown.

use std::collections::BTreeMap;

use crate::error::{Defect, Error, Result};

/// The parameters of a request, each once.
#[derive(Debug, Default)]
pub(super) struct Query {
    parameters: BTreeMap<String, String>,
}

impl Query {
    /// Reads a query string (application/x-www-form-urlencoded).
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a parameter that stands twice or is not UTF-8.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut parameters = BTreeMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if parameters.contains_key(&name) {
                let detail = "this parameter stands twice; several values are separated by commas";
                return Err(Error::bad_parameter(name, "duplicate", detail));
            }
            parameters.insert(name, value);
        }
        Ok(Self { parameters })
    }

    /// Takes a parameter out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name)
    }

    /// What has not been taken is unknown.
    ///
    /// # Errors
    /// [`Error::BadRequest`] that names each unknown parameter and lists the valid ones.
    pub(super) fn finish(self, valid: &[&str]) -> Result<()> {
        if self.parameters.is_empty() {
            return Ok(());
        }
        let known = if valid.is_empty() { "none".to_owned() } else { valid.join(", ") };
        let defects: Vec<Defect> = self
            .parameters
            .into_keys()
            .map(|name| {
                Defect::parameter(
                    name,
                    "unknown_parameter",
                    format!("there is no such parameter here; there are {known}"),
                )
            })
            .collect();
        let detail = defects.first().map(ToString::to_string).unwrap_or_default();
        Err(Error::BadRequest { detail, defects })
    }
}

fn decode(text: &str) -> Result<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    match decoded {
        Ok(decoded) if !decoded.contains('\0') => Ok(decoded.into_owned()),
        _ => Err(Error::bad_request("the query string is not percent-encoded UTF-8 without NUL")),
    }
}

/// Writes a query string.
pub(super) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
