//! The lists of users, tokens and the like: a page by key, and the cursor to the next.

use actix_web::http::header::LINK;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::error::Result;
use crate::http::request::cursor::Cursors;
use crate::http::request::links::Links;
use crate::http::request::page::Page;
use crate::http::request::params;
use crate::http::state::State;

/// A request for a page of a list.
pub(in crate::http) struct PageRequest {
    path: String,
    cursors: Cursors,
    limit: i64,
    after: Option<String>,
}

impl PageRequest {
    /// Reads `limit` and `cursor`.
    pub(in crate::http) fn of(req: &HttpRequest, state: &State, collection: &str) -> Result<Self> {
        let cursors = state.cursor_signer.of(collection.to_owned());
        let (limit, keys) = params::plain_page(req.query_string(), &cursors)?;
        let after = keys.and_then(|keys| keys.into_iter().next());
        let path = Links::of(req).to(&format!("/api/v1/{collection}"));
        Ok(Self { path, cursors, limit, after })
    }

    /// Returns the key to begin after.
    pub(in crate::http) fn after(&self) -> Option<String> {
        self.after.clone()
    }

    /// Returns the number of records to fetch: one more than the limit shows whether there is a next page.
    pub(in crate::http) fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// Makes the answer from the records that were fetched.
    pub(in crate::http) fn answer<T: Serialize>(
        &self,
        mut items: Vec<T>,
        total: i64,
        key: impl Fn(&T) -> &str,
    ) -> HttpResponse {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|last| self.cursors.encode(&[key(last).to_owned()]));
        let mut response = HttpResponse::Ok();
        if let Some(next) = &next_cursor {
            let link = format!("<{}?limit={}&cursor={next}>; rel=\"next\"", self.path, self.limit);
            response.insert_header((LINK, link));
        }
        response.json(Page { items, total, next_cursor })
    }
}
