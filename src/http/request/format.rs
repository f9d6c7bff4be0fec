//! The formats of answers, and the choice among them: `format=` by name, else what `Accept` likes best (RFC 9110
//! §12.5.1).

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;

use crate::error::{Error, Result};
use crate::transfer::{TableFormat, WITHOUT_PARQUET};
use crate::values::quote;

/// A format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Format {
    /// A page, or whatever the operation answers by default.
    Json,
    /// A table.
    Table(TableFormat),
    /// A graph.
    Graphml,
    /// Events.
    Calendar,
    /// The data package of a release, as one file.
    Package,
    /// The registry as a database.
    Sqlite,
}

impl Format {
    /// Returns the formats of lists and other tables, the default first.
    pub(in crate::http) fn tables() -> Vec<Self> {
        std::iter::once(Self::Json).chain(TableFormat::OFFERED.map(Self::Table)).collect()
    }

    /// Tells whether the program was built with it.
    fn is_built_in(self) -> bool {
        !matches!(self, Self::Table(table) if !table.is_built_in())
    }

    /// Returns the name, as `format=` and the end of a file's name have it.
    pub(in crate::http) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Table(table) => table.info().name,
            Self::Graphml => "graphml",
            Self::Calendar => "ics",
            Self::Package => "zip",
            Self::Sqlite => "sqlite",
        }
    }

    /// Returns the media type, as `Accept` and the OpenAPI document have it.
    pub(in crate::http) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Table(table) => table.info().media_type,
            Self::Graphml => "application/graphml+xml",
            Self::Calendar => "text/calendar",
            Self::Package => "application/zip",
            Self::Sqlite => "application/vnd.sqlite3",
        }
    }

    /// Returns the value of `Content-Type`: a text says its encoding.
    pub(in crate::http) fn content_type(self) -> String {
        let media_type = self.media_type();
        if media_type.starts_with("text/") { format!("{media_type}; charset=utf-8") } else { media_type.to_owned() }
    }
}

/// Chooses a format: the one that `format=` names, else the one that `Accept` likes best, else the first. Between those
/// that are liked alike, one that is named comes before one that a wildcard covers, and then the order of `offered` is
/// the service's own.
///
/// # Errors
/// [`Error::BadRequest`] for a name that is not offered and for an `Accept` that cannot be read;
/// [`Error::NotAcceptable`] when nothing on offer is accepted.
pub(in crate::http) fn choose(request: &HttpRequest, named: Option<&str>, offered: &[Format]) -> Result<Format> {
    if let Some(named) = named {
        let found = offered.iter().copied().find(|format| format.name() == named);
        if found.is_some_and(|format| !format.is_built_in()) {
            return Err(Error::bad_parameter("format", "not_built_in", WITHOUT_PARQUET));
        }
        return found.ok_or_else(|| {
            let names: Vec<_> = offered.iter().map(|format| format.name()).collect();
            let detail = format!("{} is none of {}", quote(named), names.join(", "));
            Error::bad_parameter("format", "unknown_value", detail)
        });
    }
    let mut header = String::new();
    for value in request.headers().get_all(ACCEPT) {
        header.push_str(value.to_str().map_err(|_| malformed(""))?);
        header.push(',');
    }
    let accept = Accept::parse(&header)?;
    let offered: Vec<_> = offered.iter().copied().filter(|format| format.is_built_in()).collect();
    let liked = offered.iter().copied().enumerate().filter_map(|(place, format)| {
        let (quality, exactness) = accept.likes(format.media_type());
        (quality > 0).then_some(((quality, exactness, std::cmp::Reverse(place)), format))
    });
    liked.max_by_key(|(rank, _)| *rank).map(|(_, format)| format).ok_or_else(|| {
        let types: Vec<_> = offered.iter().map(|format| format.media_type()).collect();
        Error::NotAcceptable(format!("Accept names no format that is offered here: {}", types.join(", ")))
    })
}

/// The dialects of CSV. One alone: what spreadsheets in much of Europe open as it is.
pub(in crate::http) const DIALECTS: [&str; 1] = ["excel"];

/// Returns the format in the dialect of the request.
///
/// # Errors
/// [`Error::BadRequest`] for an unknown dialect, or one that the format does not have.
pub(in crate::http) fn in_dialect(format: Format, dialect: Option<&str>) -> Result<Format> {
    match dialect {
        None => Ok(format),
        Some(dialect) if !DIALECTS.contains(&dialect) => {
            let detail = format!("{} is none of {}", quote(dialect), DIALECTS.join(", "));
            Err(Error::bad_parameter("dialect", "unknown_value", detail))
        }
        Some(_) if format == Format::Table(TableFormat::Csv) => Ok(Format::Table(TableFormat::ExcelCsv)),
        Some(_) => {
            let detail = format!("{} has no dialects: ask for format=csv", format.name());
            Err(Error::bad_parameter("dialect", "not_in_format", detail))
        }
    }
}

fn malformed(range: &str) -> Error {
    let shown = if range.is_empty() { String::new() } else { format!(" {}", quote(range)) };
    Error::bad_request(format!("Accept cannot be read{shown}: text/csv, application/json;q=0.5 would be right"))
}

/// The formats that a client accepts: for each media range how much, in thousandths. No range at all accepts
/// everything.
struct Accept(HashMap<String, u16>);

impl Accept {
    fn parse(header: &str) -> Result<Self> {
        let mut ranges = HashMap::new();
        for range in header.split(',').map(str::trim).filter(|range| !range.is_empty()) {
            let mut parts = range.split(';').map(str::trim);
            // `*` alone is what old Java clients send for `*/*`.
            let name = parts.next().map(|name| if name == "*" { "*/*" } else { name }).unwrap_or_default();
            let (main, sub) = name.split_once('/').ok_or_else(|| malformed(range))?;
            let token = |part: &str| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-*".contains(&b))
            };
            if !token(main) || !token(sub) {
                return Err(malformed(range));
            }
            let (mut quality, mut readable) = (1000, true);
            for (name, value) in parts.filter_map(|part| part.split_once('=')) {
                let value = value.trim();
                match name.trim().to_ascii_lowercase().as_str() {
                    "q" => quality = thousandths(value).ok_or_else(|| malformed(range))?,
                    // Every text here is UTF-8.
                    "charset" => readable = value.trim_matches('"').eq_ignore_ascii_case("utf-8"),
                    _ => {}
                }
            }
            if readable {
                ranges.insert(name.to_ascii_lowercase(), quality);
            }
        }
        if ranges.is_empty() && header.trim_matches([',', ' ']).is_empty() {
            ranges.insert("*/*".to_owned(), 1000);
        }
        Ok(Self(ranges))
    }

    /// Returns the quality of a media type, by the most exact range that covers it, and how exact that range is.
    fn likes(&self, media_type: &str) -> (u16, u8) {
        let main = media_type.split('/').next().unwrap_or_default();
        let ranges = [(media_type.to_owned(), 2), (format!("{main}/*"), 1), ("*/*".to_owned(), 0)];
        let found = ranges.into_iter().find_map(|(range, exactness)| Some((*self.0.get(&range)?, exactness)));
        found.unwrap_or((0, 0))
    }
}

/// Returns a quality, from 0 to 1 with three digits at most, in thousandths.
pub(in crate::http) fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if !matches!(whole, "" | "0" | "1") || digits.len() > 3 || (whole.is_empty() && digits.is_empty()) {
        return None;
    }
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = format!("{}{digits:0<3}", if whole.is_empty() { "0" } else { whole }).parse().ok()?;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const JSON: Format = Format::Json;
    const CSV: Format = Format::Table(TableFormat::Csv);
    const NDJSON: Format = Format::Table(TableFormat::Ndjson);

    fn chosen(headers: &[&str]) -> Result<Format> {
        let request =
            headers.iter().fold(TestRequest::get(), |request, accept| request.append_header((ACCEPT, *accept)));
        choose(&request.to_http_request(), None, &Format::tables())
    }

    #[test]
    fn accept_chooses_as_the_rfc_says() {
        let cases: [(&[&str], Format); 16] = [
            (&[], JSON),
            (&[""], JSON),
            (&["*/*"], JSON),
            (&["text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"], JSON),
            (&["text/html, image/gif, *; q=.2, */*; q=.2"], JSON),
            (&["text/csv"], CSV),
            (&["Text/CSV; charset=UTF-8; header=present"], CSV),
            (&["text/*"], CSV),
            (&["text/csv, */*"], CSV),
            (&["application/json, text/plain, */*"], JSON),
            (&["application/json, text/csv"], JSON),
            (&["application/json;q=0.5, text/csv;q=0.75"], CSV),
            (&["application/json;q=0.5", "application/x-ndjson"], NDJSON),
            (&["application/json;q=0, */*"], CSV),
            (&["application/*;q=0.3, application/json;q=0, text/csv;q=0.2"], NDJSON),
            (&["application/json;q=0, text/*;q=0.0, */*;q=0.001"], NDJSON),
        ];
        for (headers, wanted) in cases {
            assert_eq!(chosen(headers).unwrap(), wanted, "{headers:?}");
        }
    }

    #[test]
    fn what_is_not_on_offer_is_not_acceptable() {
        for accept in ["text/html", "application/json;q=0", "text/csv;charset=latin1", "image/*", "*/*;q=0"] {
            assert!(matches!(chosen(&[accept]), Err(Error::NotAcceptable(_))), "{accept}");
        }
    }

    #[test]
    fn what_is_no_accept_is_refused() {
        for accept in ["csv", "text/csv;q=2", "text/csv;q=x", "text/csv;q=0.1234", "text/", "/", "a b/c", "a/b;q="] {
            assert!(matches!(chosen(&[accept]), Err(Error::BadRequest { .. })), "{accept}");
        }
    }

    #[test]
    fn the_name_wins() {
        let request = TestRequest::get().append_header((ACCEPT, "image/png")).to_http_request();
        assert_eq!(choose(&request, Some("csv"), &Format::tables()).unwrap(), CSV);
        let Err(Error::BadRequest { detail, .. }) = choose(&request, Some("CSV"), &Format::tables()) else { panic!() };
        assert!(detail.contains("json, csv, ndjson, xlsx, parquet"), "{detail}");
    }
}
