//! Conditional requests (RFC 9110 §13): entity tags, `If-Match`, `If-None-Match`.

use std::fmt;

use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{HttpMessage as _, HttpRequest};
use chrono::NaiveDate;

use crate::clock;
use crate::error::{Error, Result, Unmet};
use crate::http::request::entity_tag::EntityTag;
use crate::http::request::format::Format;
use crate::http::request::request_id::RequestId;
use crate::registry::{Resource, Stored};

/// Returns the strong tag of a record in its default representation: its version, and what is derived for the day where
/// it has it.
pub(in crate::http) fn record_tag<R: Resource>(stored: &Stored<R>, day: NaiveDate) -> String {
    let mut tag = format!("\"v{}", stored.version);
    for field in R::DERIVED {
        if let Some(value) = (field.value)(&stored.record, day) {
            tag.push('-');
            tag.push_str(&value);
        }
    }
    tag.push('"');
    tag
}

/// Returns the weak tag of everything else: it changes with every revision and every day, and is another for every
/// format.
pub(in crate::http) fn revision_tag(revision: i64, today: NaiveDate, format: Format) -> String {
    match format {
        Format::Json => format!("W/\"r{revision}-{today}\""),
        other => format!("W/\"r{revision}-{today}-{}\"", other.name()),
    }
}

/// Returns the revision that a tag names: that of what it is the tag of, or that of the last change of a record.
pub(in crate::http) fn revision_of(tag: &str) -> Option<i64> {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    let digits = opaque.strip_prefix(['r', 'v'])?.split('-').next()?;
    digits.parse().ok()
}

/// The tags of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    Any,
    These(Vec<EntityTag>),
}

impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::These(tags) => tags.iter().enumerate().try_for_each(|(at, tag)| {
                let comma = if at == 0 { "" } else { ", " };
                write!(f, "{comma}{tag}")
            }),
        }
    }
}

/// The conditions of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    matching: Option<Tags>,
    none_matching: Option<Tags>,
    /// For the log: they are judged on another thread.
    request: String,
}

impl Conditions {
    /// Reads the conditions.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a malformed header.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self> {
        let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
        Self::read(request.headers(), id.unwrap_or_default())
    }

    /// [`Conditions::of`] for the headers of the request with an id.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a malformed header.
    pub(in crate::http) fn read(headers: &HeaderMap, request: String) -> Result<Self> {
        Ok(Self { matching: tags(headers, &IF_MATCH)?, none_matching: tags(headers, &IF_NONE_MATCH)?, request })
    }

    /// Tells whether the client has this representation already: 304.
    pub(crate) fn has(&self, tag: &str) -> bool {
        let has = match &self.none_matching {
            None => return false,
            Some(Tags::Any) => true,
            Some(Tags::These(tags)) => tags.iter().any(|known| known.stands_for(tag)),
        };
        self.log(log::Level::Debug, Some(tag));
        has
    }

    /// Checks a change of this record; `None` where there is none. Versions are compared, not tags: what is derived for
    /// the day may change at midnight, and a proxy may mark a tag. Call it inside the transaction.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`]; [`Error::PreconditionRequired`] where `required` and the record exists.
    pub(in crate::http) fn check<R: Resource>(&self, current: Option<&Stored<R>>, required: bool) -> Result<()> {
        let tag = current.map(|stored| record_tag(stored, clock::today()));
        let shown = tag.as_deref().unwrap_or_default();
        let failed = |unmet, detail| {
            self.log(log::Level::Info, tag.as_deref());
            Err(Error::PreconditionFailed { unmet, detail })
        };
        let version = |tag: &EntityTag| tag.version(!R::DERIVED.is_empty());
        match (&self.matching, current) {
            // A request to create only has said which version it expects: none.
            (None, Some(_)) if required && self.none_matching != Some(Tags::Any) => {
                return Err(Error::PreconditionRequired);
            }
            (None, _) | (Some(Tags::Any), Some(_)) => {}
            (Some(_), None) => {
                return failed(Unmet::Missing, "If-Match names a version, and the record does not exist".to_owned());
            }
            (Some(Tags::These(tags)), Some(stored)) => {
                let versions: Vec<i64> = tags.iter().filter_map(version).collect();
                if versions.is_empty() {
                    let detail = format!(
                        "If-Match names no version of this record, which is {shown} now: read it without `fields` and \
                         `expand`, and send its ETag"
                    );
                    return failed(Unmet::Foreign, detail);
                }
                if !versions.contains(&stored.version) {
                    return failed(Unmet::Changed, format!("the record has changed: it is {shown} now"));
                }
            }
        }
        match (&self.none_matching, current) {
            (Some(Tags::Any), Some(_)) => failed(Unmet::Exists, format!("the record exists already: it is {shown}")),
            (Some(Tags::These(tags)), Some(stored))
                if tags.iter().any(|tag| version(tag) == Some(stored.version) || tag.stands_for(shown)) =>
            {
                failed(Unmet::Unchanged, format!("the record is {shown}, which If-None-Match excludes"))
            }
            _ => Ok(()),
        }
    }

    /// Logs what a client holds and what there is. It tells why an answer was 412, and shows a proxy that changes tags.
    fn log(&self, level: log::Level, current: Option<&str>) {
        let text = |tags: &Option<Tags>| tags.as_ref().map_or_else(|| "-".to_owned(), Tags::to_string);
        log::log!(
            target: "conditions",
            level,
            "request {}: If-Match {}, If-None-Match {}, and the entity tag is {}",
            self.request,
            text(&self.matching),
            text(&self.none_matching),
            current.unwrap_or("-")
        );
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>> {
    let mut list = Vec::new();
    let mut any = false;
    let wrong = || Error::bad_request(format!("{name} is * or a list of entity tags such as \"v12\""));
    for value in headers.get_all(name) {
        let mut rest = value.to_str().map_err(|_| wrong())?.trim();
        if rest.is_empty() {
            return Err(wrong());
        }
        if rest == "*" {
            any = true;
            continue;
        }
        while !rest.is_empty() {
            let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
            let (tag, after) = quoted.strip_prefix('"').and_then(|text| text.split_once('"')).ok_or_else(wrong)?;
            list.push(EntityTag::new(weak, tag));
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(more) => more.trim_start(),
                None if after.is_empty() => after,
                None => return Err(wrong()),
            };
        }
    }
    Ok(match (any, list.is_empty()) {
        (true, true) => Some(Tags::Any),
        (true, false) => return Err(wrong()),
        (false, true) => None,
        (false, false) => Some(Tags::These(list)),
    })
}
