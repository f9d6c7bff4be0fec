//! An editor at work on a record.

use actix_web::HttpRequest;

use crate::error::{Error, Result, Unmet};
use crate::http::State;
use crate::pages::frame::Context;
use crate::pages::kinds::{self, KindView};
use crate::pages::visit::Visit;
use crate::registry::Resource;

/// An editor at work.
pub(super) struct Desk<'a> {
    pub(super) context: Context,
    pub(super) visit: Visit,
    pub(super) kind: &'static KindView,
    pub(super) code: Option<String>,
    pub(super) state: &'a State,
}

/// The field of the version that was read.
pub(super) const VERSION: &str = "version";

pub(super) fn desk<'a, R: Resource>(
    visit: Visit,
    code: Option<&str>,
    request: &HttpRequest,
    state: &'a State,
) -> Result<Desk<'a>> {
    visit.require(R::WRITTEN_BY)?;
    let unknown = || Error::NotFound("there is no such record".to_owned());
    if code.is_some_and(|code| !R::is_valid_code(code)) {
        return Err(unknown());
    }
    let context = Context::of(request, Some(visit.clone()))?;
    if context.as_of().is_some() {
        return Err(Error::bad_parameter("as_of", "past", "a past state cannot be changed"));
    }
    let kind = kinds::of(R::COLLECTION).ok_or_else(unknown)?;
    Ok(Desk { context, visit, kind, code: code.map(str::to_owned), state })
}

/// Refuses a record that has another version than the one that was read.
pub(super) fn same_version(version: i64, expected: i64) -> Result<()> {
    if version == expected {
        return Ok(());
    }
    let detail = format!("the record has changed: it has version {version} now");
    Err(Error::PreconditionFailed { unmet: Unmet::Changed, detail })
}
