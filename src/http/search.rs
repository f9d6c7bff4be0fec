//! `GET /search`: one question to every collection.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::db::{DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::http::ask::{Ask, value};
use crate::http::middleware::guard::Viewer;
use crate::http::request::conditional::{Conditions, revision_tag};
use crate::http::request::cursor::{CursorSigner, Cursors};
use crate::http::request::format::Format;
use crate::http::request::links::Links;
use crate::http::request::page::Page;
use crate::http::request::params::{as_of, names, next_link, parse_limit, text_of};
use crate::http::request::query::{Query, encode};
use crate::http::response::cached::{CachedResponse, respond};
use crate::http::state::State;
use crate::limits;
use crate::registry::ResourceInfo;
use crate::registry::query::FilterSet;
use crate::registry::search::{Hit, Search, SearchQuery};
use crate::snapshots::{AsOf, ReadContext};
use crate::values::FromText as _;

/// The names of the parameters.
const PARAMETERS: [&str; 5] = ["q", "in", "limit", "cursor", "as_of"];

/// A result as it is shown.
#[derive(Serialize)]
struct Item {
    resource: &'static str,
    code: String,
    title: String,
    snippet: String,
    href: String,
}

impl Item {
    /// Makes a result with a link to the record as it was at the moment that is asked about.
    fn of(found: Hit, as_of: &Option<AsOf>, links: &Links) -> Self {
        let Hit { collection, code, title, snippet } = found;
        let moment = text_of(as_of).map(|text| format!("?{}", encode([("as_of", text)]))).unwrap_or_default();
        let href = links.to(&format!("/api/v1/{collection}/{code}{moment}"));
        Self { resource: collection, code, title, snippet, href }
    }
}

/// A request for a search.
struct SearchRequest {
    search: Search,
    /// The moment that is asked about, if there is one.
    as_of: Option<AsOf>,
    /// The maker and reader of its cursors.
    cursors: Cursors,
    /// The parameters, but for the cursor, for the link to the next page.
    again: Vec<(&'static str, String)>,
}

impl SearchRequest {
    fn parse(query_string: &str, cursor_signer: &CursorSigner) -> Result<Self> {
        let mut query = Query::parse(query_string)?;
        let text = query.take("q").unwrap_or_default();
        let in_text = query.take("in");
        let limit_text = query.take("limit");
        let cursor_text = query.take("cursor");
        let as_of = as_of(&mut query)?;
        query.finish(&PARAMETERS)?;
        let question =
            SearchQuery::parse(&text).map_err(|reason| Error::bad_parameter("q", reason.code, reason.detail))?;
        let all: Vec<_> = ResourceInfo::collections().collect();
        let mut collections = match &in_text {
            Some(text) => names("in", text, &all)?,
            None => all,
        };
        collections.sort_unstable();
        let limit = limit_text.as_deref().map_or(Ok(limits::PAGE_DEFAULT), parse_limit)?;
        let cursors = cursor_signer.of(serde_json::json!(["search", text, collections, text_of(&as_of)]).to_string());
        let after = cursor_text.map(|text| cursors.decode(&text)).transpose()?;
        let mut again = vec![("q", text)];
        let moment = text_of(&as_of).map(str::to_owned);
        let rest = [("in", in_text), ("limit", limit_text), ("as_of", moment)];
        again.extend(rest.into_iter().filter_map(|(name, text)| Some((name, text?))));
        Ok(Self { search: Search { question, collections, after, limit }, as_of, cursors, again })
    }

    fn answer(
        &self,
        conn: &mut DbConn,
        context: &ReadContext,
        conditions: &Conditions,
        links: &Links,
    ) -> Result<CachedResponse> {
        let tag = revision_tag(context.revision(conn)?, context.day, Format::Json);
        respond(conditions, tag, |tag| {
            let page = self.page(conn, context, links)?;
            let again = || self.again.iter().map(|(name, text)| (*name, text.as_str()));
            let link = page.next_cursor.as_deref();
            let link = link.map(|cursor| next_link(&links.to("/api/v1/search"), again(), cursor));
            CachedResponse::json(tag, link, &page)
        })
    }

    fn page(&self, conn: &mut DbConn, context: &ReadContext, links: &Links) -> Result<Page<Item>> {
        let filter_set = FilterSet::empty(context.day);
        let (found, total, next) = crate::registry::search::search(conn, &self.search, &filter_set)?;
        let next_cursor = next.as_deref().map(|keys| self.cursors.encode(keys));
        let items: Vec<Item> = found.into_iter().map(|found| Item::of(found, &self.as_of, links)).collect();
        Ok(Page { items, total, next_cursor })
    }
}

/// Returns the question that [`search`] answers.
///
/// # Errors
/// Errors of the parameters.
pub(super) fn question(query: &str, state: &State) -> Result<Ask> {
    let search_request = SearchRequest::parse(query, &state.cursor_signer)?;
    Ok(Ask::new(move |conn, context| value(&search_request.page(conn, context, &Links::default())?)))
}

/// `GET /search`
pub(in crate::http) async fn search(_: Viewer, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let search_request = SearchRequest::parse(request.query_string(), &state.cursor_signer)?;
    let conditions = Conditions::of(&request)?;
    let links = Links::of(&request);
    // A common word matches much of the registry: not on a thread that answers others.
    let moment = state.at(search_request.as_of.as_ref()).await?;
    moment
        .read(ReadClass::Pooled, move |conn, context| search_request.answer(conn, &context, &conditions, &links))
        .await
        .map(HttpResponse::from)
}
