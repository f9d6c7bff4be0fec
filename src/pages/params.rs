//! The parameters of a page: those of the API, as forms send them, and the language.

use actix_web::HttpRequest;

use super::language::Language;
use super::links::{Links, NONE};
use crate::error::{Error, Result};
use crate::http::{encode, join_list, split_list};

/// The parameters of a page, each once, without empty ones: a field of a form that was left empty asks nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Params {
    pairs: Vec<(String, String)>,
    /// The language, where the address says it.
    pub(super) language: Option<Language>,
    /// True if some were empty or came twice, so that there is a shorter address for the same page.
    pub(super) untidy: bool,
}

impl Params {
    /// Reads a query string. A parameter that comes more than once has all of the values.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a language that there is none of.
    pub(super) fn parse(query: &str) -> Result<Self> {
        let mut params = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if name == "lang" {
                let wrong = || Error::bad_parameter("lang", "unknown_value", "the languages are en and fr");
                let language = Language::ALL.into_iter().find(|language| language.tag() == value);
                params.language = Some(language.ok_or_else(wrong)?);
                continue;
            }
            if value.is_empty() {
                params.untidy = true;
                continue;
            }
            match params.pairs.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => {
                    known.push(',');
                    known.push_str(&value);
                    params.untidy = true;
                }
                None => params.pairs.push((name.into_owned(), value.into_owned())),
            }
        }
        Ok(params)
    }

    /// None but the language.
    pub(super) fn only(language: Option<Language>) -> Self {
        Self { language, ..Self::default() }
    }

    /// Returns the parameters of a request.
    ///
    /// # Errors
    /// As [`Params::parse`].
    pub(super) fn of(request: &HttpRequest) -> Result<Self> {
        Self::parse(request.query_string())
    }

    /// Returns the value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the values of a parameter.
    pub(super) fn values(&self, name: &str) -> Vec<String> {
        self.get(name).map(split_list).unwrap_or_default()
    }

    /// Returns every parameter.
    pub(super) fn pairs(&self) -> Vec<(&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Returns the parameters without some of them.
    pub(super) fn without(&self, names: &[&str]) -> Self {
        let mut params = self.clone();
        params.pairs.retain(|(name, _)| !names.contains(&name.as_str()));
        params
    }

    /// Returns the parameters, one of them with another value.
    pub(super) fn setting(&self, name: &str, value: &str) -> Self {
        let mut params = self.without(&[name]);
        if !value.is_empty() {
            params.pairs.push((name.to_owned(), value.to_owned()));
        }
        params
    }

    /// Returns the query string of the API: no value is `-` here, and empty there.
    pub(super) fn api(&self) -> String {
        let pairs: Vec<(&str, String)> = self
            .pairs
            .iter()
            .map(|(name, value)| {
                // A search may be for a hyphen; no code, enumeration or date is one.
                let value = if name == "q" {
                    value.clone()
                } else {
                    join_list(
                        &split_list(value)
                            .into_iter()
                            .map(|one| if one == NONE { String::new() } else { one })
                            .collect::<Vec<_>>(),
                    )
                };
                (name.as_str(), value)
            })
            .collect();
        encode(pairs.iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// Returns the parameters that the links of the page keep.
    pub(super) fn links(&self, request: &HttpRequest) -> Links {
        let prefix = crate::http::Links::of(request).prefix().to_owned();
        Links { language: self.language, as_of: self.get("as_of").map(str::to_owned), prefix }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_asks_nothing_and_a_hyphen_asks_for_none() {
        let params = Params::parse("status=&area=-&nation=IN&nation=JP&q=-&lang=fr").unwrap();
        assert_eq!(params.api(), "area=&nation=IN%2CJP&q=-");
        assert_eq!(params.language, Some(Language::French));
        assert!(params.untidy);
        assert!(Params::parse("lang=de").is_err());
        assert!(!Params::parse("area=climate").unwrap().untidy);
    }
}
