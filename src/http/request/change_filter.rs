//! The parameters that choose changes, for the feed, the stream and webhooks.

use crate::changes::{Action, Filter};
use crate::error::{Error, Result};
use crate::http::request::query::Query;
use crate::registry::ResourceInfo;
use crate::values::FromText as _;

/// The parameters that choose changes.
const FILTERS: [&str; 5] = ["resource", "key", "actor", "batch", "action"];

/// Returns the filter in a question to the feed, path and query below `/api/v1`.
///
/// # Errors
/// The error in it.
pub(in crate::http) fn read_question(text: &str) -> Result<Filter> {
    let (path, query_string) = text.split_once('?').unwrap_or((text, ""));
    if path.strip_prefix("/api/v1").unwrap_or(path) != "/changes" {
        let detail = format!("the feed is wanted, /changes with its filters, not {}", crate::values::quote(text));
        return Err(Error::bad_parameter("query", "unknown_value", detail));
    }
    let mut query = Query::parse(query_string)?;
    let filter = filter(&mut query)?;
    finish(query, &[])?;
    Ok(filter)
}

/// Takes the parameters that choose changes.
pub(in crate::http) fn filter(query: &mut Query) -> Result<Filter> {
    let collections = || ResourceInfo::collections().map(str::to_owned);
    let key = query.take("key");
    let resources = match query.take("resource") {
        Some(wanted) if !collections().any(|one| one == wanted) => {
            let valid: Vec<_> = collections().collect();
            let detail = format!("{} is none of {}", crate::values::quote(&wanted), valid.join(", "));
            return Err(Error::bad_parameter("resource", "unknown_value", detail));
        }
        Some(wanted) => vec![wanted],
        // The index of records begins with the collection.
        None if key.is_some() => collections().collect(),
        None => Vec::new(),
    };
    let action = query
        .take("action")
        .map(|text| Action::parse(&text).map_err(|reason| Error::bad_parameter("action", reason.code, reason.detail)));
    Ok(Filter { resources, key, actor: query.take("actor"), batch: query.take("batch"), action: action.transpose()? })
}

/// Refuses parameters that have not been taken; `more` are parameters beside those that choose changes.
pub(in crate::http) fn finish(query: Query, more: &[&str]) -> Result<()> {
    let valid: Vec<&str> = FILTERS.iter().chain(more).copied().collect();
    query.finish(&valid)
}

/// Says that the log does not have the revision that a follower has seen: it must learn that it knows more than there
/// is, as after a backup was restored. `None` where it has.
pub(in crate::http) fn beyond_head(since: i64, head: i64) -> Option<String> {
    (since > head).then(|| {
        format!(
            "{since} is beyond the head of the log, which is {head}: an older state of the registry may have been \
             restored; read it afresh from there"
        )
    })
}

/// Parses a revision: 0 is the beginning of the log.
pub(in crate::http) fn revision(parameter: &str, text: &str) -> Result<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        let detail = format!("{} is not a revision: a whole number from 0", crate::values::quote(text));
        Error::bad_parameter(parameter, "out_of_range", detail)
    })
}
