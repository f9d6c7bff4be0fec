//! The lists of users and tokens: a page by key, and the cursor to the next.

use actix_web::http::header::{CACHE_CONTROL, LINK};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::values::quote;

/// What a list asks for.
pub(super) struct PageRequest {
    /// How many items.
    limit: i64,
    /// The key after which they begin.
    after: Option<String>,
    collection: &'static str,
}

/// A page of a list.
#[derive(Serialize)]
struct Page<T> {
    items: Vec<T>,
    total: i64,
    next_cursor: Option<String>,
}

/// Refuses every query parameter: never silently ignored (rules.md 22).
pub(super) fn no_parameters(req: &HttpRequest) -> Result<()> {
    match url::form_urlencoded::parse(req.query_string().as_bytes()).next() {
        None => Ok(()),
        Some((name, _)) => Err(Error::bad_parameter(quote(&name), "unknown_parameter", "there are no parameters here")),
    }
}

impl PageRequest {
    /// Reads `limit` and `cursor`.
    pub(super) fn of(req: &HttpRequest, collection: &'static str) -> Result<Self> {
        let (mut limit, mut after) = (None, None);
        for (name, value) in url::form_urlencoded::parse(req.query_string().as_bytes()) {
            let twice = || Error::bad_parameter(name.clone(), "duplicate", "this parameter stands twice");
            match &*name {
                "limit" => {
                    let read = value.parse().ok().filter(|limit| (1..=200).contains(limit)).ok_or_else(|| {
                        Error::bad_parameter("limit", "out_of_range", "a whole number from 1 to 200 is wanted")
                    })?;
                    if limit.replace(read).is_some() {
                        return Err(twice());
                    }
                }
                "cursor" => {
                    let read = read_cursor(&value, collection).ok_or_else(|| {
                        Error::bad_parameter("cursor", "bad_cursor", "this is not a cursor of this list")
                    })?;
                    if after.replace(read).is_some() {
                        return Err(twice());
                    }
                }
                _ => {
                    let detail = "there is no such parameter; there are limit and cursor";
                    return Err(Error::bad_parameter(quote(&name), "unknown_parameter", detail));
                }
            }
        }
        Ok(Self { limit: limit.unwrap_or(50), after, collection })
    }

    /// The key to begin after.
    pub(super) fn after(&self) -> Option<String> {
        self.after.clone()
    }

    /// How many to fetch: one more than asked for shows whether there is a next page.
    pub(super) fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The answer, from what was fetched.
    pub(super) fn answer<T: Serialize>(&self, mut items: Vec<T>, total: i64, key: impl Fn(&T) -> &str) -> HttpResponse {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|last| cursor(self.collection, key(last)));
        let mut response = HttpResponse::Ok();
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(next) = &next_cursor {
            let link = format!("</api/v1/{}?limit={}&cursor={next}>; rel=\"next\"", self.collection, self.limit);
            response.insert_header((LINK, link));
        }
        response.json(Page { items, total, next_cursor })
    }
}

fn cursor(collection: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{collection}:{key}"))
}

fn read_cursor(text: &str, collection: &str) -> Option<String> {
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let key = decoded.strip_prefix(collection)?.strip_prefix(':')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (!key.is_empty() && key.len() <= 64 && key.bytes().all(plain)).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_list() {
        assert_eq!(read_cursor(&cursor("users", "ada"), "users").as_deref(), Some("ada"));
        for bad in
            [cursor("tokens", "ada"), cursor("users", ""), cursor("users", "a'b"), "users:ada".to_owned(), "~".into()]
        {
            assert_eq!(read_cursor(&bad, "users"), None, "{bad}");
        }
    }
}
