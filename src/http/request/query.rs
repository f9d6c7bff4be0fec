//! Query strings, read strictly: each parameter once, valid UTF-8, none unknown.

use std::collections::BTreeMap;

use crate::error::{Defect, Error, Result};

/// The parameters of a request, each once.
#[derive(Debug, Default)]
pub(in crate::http) struct Query {
    parameters: BTreeMap<String, String>,
}

impl Query {
    /// Reads a query string (application/x-www-form-urlencoded).
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a parameter that is given twice or is not UTF-8.
    pub(in crate::http) fn parse(text: &str) -> Result<Self> {
        let mut parameters = BTreeMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if parameters.contains_key(&name) {
                let detail = "this parameter is given twice; several values are separated by commas";
                return Err(Error::bad_parameter(name, "duplicate", detail));
            }
            parameters.insert(name, value);
        }
        Ok(Self { parameters })
    }

    /// Takes a parameter out.
    pub(in crate::http) fn take(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name)
    }

    /// Returns every parameter that has not been taken, in the order of their names.
    #[cfg(feature = "fuzz")]
    pub(in crate::http) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Refuses the parameters that have not been taken.
    ///
    /// # Errors
    /// [`Error::BadRequest`] that names each unknown parameter and lists the valid ones.
    pub(in crate::http) fn finish(self, valid: &[&str]) -> Result<()> {
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

/// Returns the values of a list: commas separate them. A comma within a value is written `\,`, a backslash `\\`.
pub(crate) fn split_list(text: &str) -> Vec<String> {
    let (mut values, mut value) = (Vec::new(), String::new());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ',' => values.push(std::mem::take(&mut value)),
            '\\' => value.push(rest.next_if(|next| matches!(next, ',' | '\\')).unwrap_or(c)),
            c => value.push(c),
        }
    }
    values.push(value);
    values
}

/// Writes a list, so that [`split_list`] reads the same values.
pub(crate) fn join_list(values: &[String]) -> String {
    let escaped: Vec<String> = values.iter().map(|value| value.replace('\\', "\\\\").replace(',', "\\,")).collect();
    escaped.join(",")
}

/// Writes a query string.
pub(crate) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_comma_within_a_value_has_a_backslash() {
        assert_eq!(split_list("a,b"), ["a", "b"]);
        assert_eq!(split_list(""), [""]);
        assert_eq!(split_list(",IN"), ["", "IN"]);
        assert_eq!(split_list(r"Latin America\, Caribbean,Asia"), ["Latin America, Caribbean", "Asia"]);
        assert_eq!(split_list(r"a\\,b\c\"), [r"a\", r"b\c\"]);
    }

    proptest! {
        #[test]
        fn what_is_joined_splits_again(values in proptest::collection::vec(r"[a-c,\\ é]{0,6}", 1..5)) {
            prop_assert_eq!(split_list(&join_list(&values)), values);
        }
    }
}
