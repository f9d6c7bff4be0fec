//! The addresses of pages. Each link keeps the language and the moment that its page was asked for with.

use super::language::Language;
use crate::http::encode;

/// The parameters that links keep.
#[derive(Clone, Debug, Default)]
pub(super) struct Links {
    /// The language, where the address of the page said it.
    pub(super) language: Option<Language>,
    /// The moment, as it was written, where one was asked about.
    pub(super) as_of: Option<String>,
    /// The prefix that a proxy has cut off each path.
    pub(super) prefix: String,
}

impl Links {
    /// Returns a page.
    pub(super) fn to(&self, path: &str) -> String {
        self.with(path, &[])
    }

    /// Returns an address of the service, as it is.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Returns a page with parameters; those without a value are left out.
    pub(super) fn with(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let language = self.language.map(|language| ("lang", language.tag()));
        let as_of = self.as_of.as_deref().map(|moment| ("as_of", moment));
        let kept = [as_of, language].into_iter().flatten();
        let given = parameters.iter().copied().filter(|(name, value)| !value.is_empty() && *name != "lang");
        let kept = kept.filter(|(name, _)| !parameters.iter().any(|(given, _)| given == name));
        let query = encode(given.chain(kept));
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        self.at(&target)
    }

    /// Returns the page of a record.
    pub(super) fn record(&self, kind: &str, code: &str) -> String {
        self.to(&format!("{}/{code}", collection(kind)))
    }
}

impl Links {
    /// Returns the page of the list that an address of the API is: `/api/v1/projects?nation=IN`. An empty value, which
    /// asks for records without one, is written `-` in the address of a page, where an empty field of a form asks
    /// nothing.
    pub(super) fn of_api(&self, href: &str) -> String {
        let (path, query) = href.split_once('?').unwrap_or((href, ""));
        let path = path.strip_prefix(crate::http::API).unwrap_or(path);
        let mut segments = path.trim_start_matches('/').splitn(2, '/');
        let mut page = collection(segments.next().unwrap_or_default());
        if let Some(code) = segments.next() {
            page = format!("{page}/{code}");
        }
        let value = |value: &str| if value.is_empty() { NONE.to_owned() } else { value.to_owned() };
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let pairs: Vec<(String, String)> = pairs.map(|(name, text)| (name.into_owned(), value(&text))).collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.with(&page, &pairs)
    }
}

/// The mark of no value in the address of a page.
pub(super) const NONE: &str = "-";

/// Returns the path of a collection's page.
pub(super) fn collection(kind: &str) -> String {
    if kind == "cooperation-areas" { "/areas".to_owned() } else { format!("/{kind}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_api_becomes_that_of_its_page() {
        let links = Links { language: Some(Language::French), ..Links::default() };
        assert_eq!(links.of_api("/api/v1/projects?nation=IN&area="), "/projects?nation=IN&area=-&lang=fr");
        assert_eq!(links.of_api("/api/v1/cooperation-areas/climate"), "/areas/climate?lang=fr");
        assert_eq!(Links::default().of_api("/api/v1/projects"), "/projects");
    }

    #[test]
    fn links_keep_the_moment_unless_they_name_another() {
        let links = Links { as_of: Some("2026".to_owned()), ..Links::default() };
        assert_eq!(links.with("/", &[("area", "climate"), ("q", "")]), "/?area=climate&as_of=2026");
        assert_eq!(links.with("/", &[("as_of", "r4")]), "/?as_of=r4");
        assert_eq!(links.with("/", &[("as_of", "")]), "/");
        let behind = Links { prefix: "/reg".to_owned(), ..Links::default() };
        assert_eq!(behind.with("/projects", &[("nation", "IN")]), "/reg/projects?nation=IN");
    }
}
