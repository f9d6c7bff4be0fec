//! Conditional requests (RFC 9110 §13): entity tags, `If-Match`, `If-None-Match`.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use chrono::NaiveDate;

use super::format::Format;
use crate::error::{Error, Result};
use crate::registry::{Resource, Stored};

/// The strong tag of a record in its default representation: its version, and what is derived for the day.
pub(super) fn record_tag<R: Resource>(stored: &Stored<R>, day: NaiveDate) -> String {
    let mut tag = format!("\"v{}", stored.version);
    for field in R::DERIVED {
        tag.push('-');
        tag.push_str((field.value)(&stored.record, day));
    }
    tag.push('"');
    tag
}

/// The weak tag of everything else: it changes with every revision and every day, and is another for every format.
pub(super) fn revision_tag(revision: i64, today: NaiveDate, format: Format) -> String {
    match format {
        Format::Json => format!("W/\"r{revision}-{today}\""),
        other => format!("W/\"r{revision}-{today}-{}\"", other.name()),
    }
}

/// The tags of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    Any,
    These(Vec<String>),
}

/// The conditions of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    matching: Option<Tags>,
    none_matching: Option<Tags>,
}

impl Conditions {
    /// Reads the conditions.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a malformed header.
    pub(super) fn of(request: &HttpRequest) -> Result<Self> {
        Ok(Self { matching: tags(request, &IF_MATCH)?, none_matching: tags(request, &IF_NONE_MATCH)? })
    }

    /// Whether the client has this representation already: 304.
    pub(super) fn has(&self, tag: &str) -> bool {
        let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        match &self.none_matching {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::These(tags)) => tags.iter().any(|known| bare(known) == bare(tag)),
        }
    }

    /// Checks a change of the record with this tag; `None` where there is no record. Call it inside the transaction.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`]; [`Error::PreconditionRequired`] where `required` and the record exists.
    pub(super) fn check(&self, current: Option<&str>, required: bool) -> Result<()> {
        match (&self.matching, current) {
            // Who asks to create only has said which version they expect: none.
            (None, Some(_)) if required && self.none_matching != Some(Tags::Any) => {
                return Err(Error::PreconditionRequired);
            }
            (None, _) => {}
            (Some(_), None) => return Err(Error::PreconditionFailed("the record does not exist".to_owned())),
            (Some(Tags::Any), Some(_)) => {}
            (Some(Tags::These(tags)), Some(current)) => {
                // Strong comparison: a weak tag never matches.
                if !tags.iter().any(|tag| tag == current) {
                    return Err(Error::PreconditionFailed(format!("the record has changed: it is {current} now")));
                }
            }
        }
        match (&self.none_matching, current) {
            (Some(Tags::Any), Some(_)) => Err(Error::PreconditionFailed("the record exists already".to_owned())),
            (Some(Tags::These(_)), Some(current)) if self.has(current) => {
                Err(Error::PreconditionFailed(format!("the record is {current}, which If-None-Match excludes")))
            }
            _ => Ok(()),
        }
    }
}

fn tags(request: &HttpRequest, name: &HeaderName) -> Result<Option<Tags>> {
    let mut list = Vec::new();
    let mut any = false;
    let wrong = || Error::bad_request(format!("{name} is * or a list of entity tags such as \"v12\""));
    for value in request.headers().get_all(name) {
        let mut rest = value.to_str().map_err(|_| wrong())?.trim();
        if rest.is_empty() {
            return Err(wrong());
        }
        if rest == "*" {
            any = true;
            continue;
        }
        while !rest.is_empty() {
            let (weak, quoted) = rest.strip_prefix("W/").map_or(("", rest), |quoted| ("W/", quoted));
            let (tag, after) = quoted.strip_prefix('"').and_then(|text| text.split_once('"')).ok_or_else(wrong)?;
            list.push(format!("{weak}\"{tag}\""));
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
