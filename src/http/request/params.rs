//! The query string of a request to a collection: filters, sort, page, fields, expansions.

use std::collections::{BTreeMap, BTreeSet};

use crate::http::request::cursor::{CursorSigner, Cursors};

use crate::clock;
use crate::error::{Error, Result};
use crate::http::request::query::{Query, encode, join_list, split_list};
use crate::limits;
use crate::registry::list::ListParams;
use crate::registry::query::{Filter, FilterSet};
use crate::registry::{Resource, field_names};
use crate::snapshots::AsOf;
use crate::values::FromText as _;

/// The form in which records are shown.
#[derive(Clone, Debug, Default)]
pub(in crate::http) struct Projection {
    /// The fields to show; all when `None`.
    pub(in crate::http) fields: Option<Vec<&'static str>>,
    /// The expansions.
    pub(in crate::http) expand: Vec<&'static str>,
}

impl Projection {
    /// Tells whether this is the default representation.
    pub(in crate::http) fn is_default(&self) -> bool {
        self.fields.is_none() && self.expand.is_empty()
    }
}

/// A request for a list.
#[derive(Clone, Debug)]
pub(in crate::http) struct ListRequest {
    /// The records that are wanted.
    pub(in crate::http) list_params: ListParams,
    /// The number of records at most, if it is given: a page has a default, a file none.
    pub(in crate::http) limit: Option<i64>,
    /// The form in which they are shown.
    pub(in crate::http) shape: Projection,
    /// The name of the format, where one is given.
    pub(in crate::http) format: Option<String>,
    /// The name of its dialect, where one is given.
    pub(in crate::http) dialect: Option<String>,
    /// The moment that is asked about, if there is one.
    pub(in crate::http) as_of: Option<AsOf>,
    /// The maker and reader of its cursors.
    cursors: Cursors,
    /// The parameters, but for the cursor, for the link to the next page.
    again: Vec<(String, String)>,
}

impl ListRequest {
    /// Reads the parameters of a list.
    ///
    /// # Errors
    /// [`Error::BadRequest`] that names the parameter and what would be right.
    pub(in crate::http) fn parse<R: Resource>(query_string: &str, cursor_signer: &CursorSigner) -> Result<Self> {
        let mut query = Query::parse(query_string)?;
        let filter_set = filters(&mut query, R::filters())?;
        let sort_text = query.take("sort");
        let sort = match &sort_text {
            Some(text) => sort::<R>(text)?,
            None => Vec::new(),
        };
        let limit_text = query.take("limit");
        let limit = limit_text.as_deref().map(parse_limit).transpose()?;
        let cursor_text = query.take("cursor");
        let (format, dialect) = (query.take("format"), query.take("dialect"));
        let (shape, shape_texts) = shape::<R>(&mut query)?;
        let as_of = as_of(&mut query)?;
        query.finish(&parameter_names::<R>())?;

        let shape_of_cursors = serde_json::json!([R::COLLECTION, filter_set.filters, sort, text_of(&as_of)]);
        let cursors = cursor_signer.of(shape_of_cursors.to_string());
        let after = cursor_text.map(|text| cursors.decode(&text)).transpose()?;
        let mut again: Vec<(String, String)> =
            filter_set.filters.iter().map(|(name, values)| ((*name).to_owned(), join_list(values.texts()))).collect();
        let moment = text_of(&as_of).map(str::to_owned);
        let rest =
            [("sort", sort_text), ("limit", limit_text), ("format", format.clone()), ("dialect", dialect.clone())];
        let rest = rest.into_iter().chain([("as_of", moment)]);
        again.extend(rest.chain(shape_texts).filter_map(|(name, text)| Some((name.to_owned(), text?))));
        let list_params = ListParams { filter_set, sort, after, limit: limit.unwrap_or(limits::PAGE_DEFAULT) };
        Ok(Self { list_params, limit, shape, format, dialect, as_of, cursors, again })
    }

    /// Returns the cursor after these keys.
    pub(in crate::http) fn cursor(&self, keys: &[String]) -> String {
        self.cursors.encode(keys)
    }

    /// Returns the value of `Link` that leads to the page at `cursor`.
    pub(in crate::http) fn link(&self, path: &str, cursor: &str) -> String {
        next_link(path, self.again.iter().map(|(name, value)| (name.as_str(), value.as_str())), cursor)
    }
}

/// Returns the value of `Link` that leads to the page at `cursor`: the same parameters `again`.
pub(in crate::http) fn next_link<'a>(
    path: &str,
    again: impl Iterator<Item = (&'a str, &'a str)>,
    cursor: &'a str,
) -> String {
    format!("<{path}?{}>; rel=\"next\"", encode(again.chain([("cursor", cursor)])))
}

/// A request for a page of a record's history.
#[derive(Clone, Debug)]
pub(in crate::http) struct HistoryRequest {
    /// The number of changes at most.
    pub(in crate::http) limit: i64,
    /// The revision that the page comes before.
    pub(in crate::http) before: Option<i64>,
    /// The moment that is asked about, if there is one.
    pub(in crate::http) as_of: Option<AsOf>,
    /// The maker and reader of its cursors.
    cursors: Cursors,
}

impl HistoryRequest {
    /// Returns the cursor before this revision.
    pub(in crate::http) fn cursor(&self, revision: i64) -> String {
        self.cursors.encode(&[revision.to_string()])
    }

    /// Returns the value of `Link` that leads to the page at `cursor`.
    pub(in crate::http) fn link(&self, path: &str, cursor: &str) -> String {
        let limit = self.limit.to_string();
        let moment = text_of(&self.as_of).map(|text| ("as_of", text));
        next_link(path, [("limit", limit.as_str())].into_iter().chain(moment), cursor)
    }
}

/// Reads the parameters of one record.
///
/// # Errors
/// As [`ListRequest::parse`].
pub(in crate::http) fn record_shape<R: Resource>(query_string: &str) -> Result<(Projection, Option<AsOf>)> {
    let mut query = Query::parse(query_string)?;
    let (shape, _) = shape::<R>(&mut query)?;
    let as_of = as_of(&mut query)?;
    query.finish(if R::expands() { &["fields", "expand", "as_of"] } else { &["fields", "as_of"] })?;
    Ok((shape, as_of))
}

/// Takes the moment that is asked about: for every `GET` of the registry.
///
/// # Errors
/// [`Error::BadRequest`] that names the forms of a moment.
pub(in crate::http) fn as_of(query: &mut Query) -> Result<Option<AsOf>> {
    let parse = |text: String| AsOf::parse(&text).map_err(|why| Error::bad_parameter("as_of", why.code, why.detail));
    query.take("as_of").map(parse).transpose()
}

/// Returns the moment, as it was written.
pub(in crate::http) fn text_of(as_of: &Option<AsOf>) -> Option<&str> {
    as_of.as_ref().map(AsOf::as_str)
}

/// Reads the parameters of a page of a record's history. The shape of its cursors is `of` and the moment.
///
/// # Errors
/// As [`ListRequest::parse`].
pub(in crate::http) fn history_page(
    query_string: &str,
    of: &str,
    cursor_signer: &CursorSigner,
) -> Result<HistoryRequest> {
    let mut query = Query::parse(query_string)?;
    let as_of = as_of(&mut query)?;
    let cursors = cursor_signer.of(format!("{of}:{}", text_of(&as_of).unwrap_or_default()));
    let (limit, after) = page(&mut query, &cursors)?;
    query.finish(&["limit", "cursor", "as_of"])?;
    Ok(HistoryRequest { limit, before: after.and_then(|keys| keys.first()?.parse().ok()), as_of, cursors })
}

/// Reads the parameters of a page without filters: `limit` and `cursor`.
///
/// # Errors
/// As [`ListRequest::parse`].
pub(in crate::http) fn plain_page(query_string: &str, cursors: &Cursors) -> Result<(i64, Option<Vec<String>>)> {
    let mut query = Query::parse(query_string)?;
    let page = page(&mut query, cursors)?;
    query.finish(&["limit", "cursor"])?;
    Ok(page)
}

fn page(query: &mut Query, cursors: &Cursors) -> Result<(i64, Option<Vec<String>>)> {
    let limit = limit(query)?;
    let after = query.take("cursor").map(|text| cursors.decode(&text)).transpose()?;
    Ok((limit, after))
}

/// Takes `limit`.
///
/// # Errors
/// As [`ListRequest::parse`].
pub(in crate::http) fn limit(query: &mut Query) -> Result<i64> {
    query.take("limit").as_deref().map_or(Ok(limits::PAGE_DEFAULT), parse_limit)
}

/// Refuses every parameter.
///
/// # Errors
/// [`Error::BadRequest`] that names them.
pub(in crate::http) fn none(query_string: &str) -> Result<()> {
    Query::parse(query_string)?.finish(&[])
}

/// Returns the names of all parameters of a list.
pub(in crate::http) fn parameter_names<R: Resource>() -> Vec<&'static str> {
    let mut names: Vec<_> = R::filters().iter().map(|filter| filter.name).collect();
    names.extend(["sort", "limit", "cursor", "format", "dialect", "fields"]);
    if R::expands() {
        names.push("expand");
    }
    names.push("as_of");
    names
}

/// Takes the values of these filters out of a query.
///
/// # Errors
/// [`Error::BadRequest`] that names a filter whose value is none, and what would be right.
pub(in crate::http) fn filters<'a, T: 'a>(
    query: &mut Query,
    filters: impl IntoIterator<Item = &'a Filter<T>>,
) -> Result<FilterSet> {
    let mut found = BTreeMap::new();
    for filter in filters {
        let Some(text) = query.take(filter.name) else { continue };
        let values = if filter.many { split_list(&text) } else { vec![text] };
        if values.len() > filter.most_values() {
            let detail = format!("this filter takes at most {} values, not {}", filter.most_values(), values.len());
            return Err(Error::bad_parameter(filter.name, "too_long", detail));
        }
        let values = (filter.parse)(distinct(values), filter.empty)
            .map_err(|reason| Error::bad_parameter(filter.name, reason.code, reason.detail))?;
        found.insert(filter.name, values);
    }
    if found.len() > limits::FILTERS {
        return Err(Error::bad_request(format!("a list takes at most {} filters", limits::FILTERS)));
    }
    Ok(FilterSet::of(found, clock::today()))
}

/// Returns the values without repetition, in the order in which they first come. A derived value, such as the status of
/// an agreement, is a long condition: said a thousand times, it would keep a planner busy for seconds.
fn distinct(mut values: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    values
}

fn sort<R: Resource>(text: &str) -> Result<Vec<(&'static str, bool)>> {
    let names: Vec<_> = R::sorts().iter().map(|sort| sort.name).collect();
    let mut steps: Vec<(&'static str, bool)> = Vec::new();
    for step in text.split(',') {
        let (wanted, descending) = step.strip_prefix('-').map_or((step, false), |name| (name, true));
        let Some(name) = names.iter().copied().find(|name| *name == wanted) else {
            let shown = crate::values::quote(wanted);
            let detail = format!(
                "{shown} is no sort here; the sorts are {}, each with - before it to descend",
                names.join(", ")
            );
            return Err(Error::bad_parameter("sort", "unknown_value", detail));
        };
        if steps.iter().any(|(earlier, _)| *earlier == name) {
            return Err(Error::bad_parameter("sort", "duplicate", format!("{name} is given twice")));
        }
        steps.push((name, descending));
    }
    if steps.len() > limits::SORT_KEYS {
        let detail = format!("a list sorts by at most {} fields", limits::SORT_KEYS);
        return Err(Error::bad_parameter("sort", "too_long", detail));
    }
    Ok(steps)
}

pub(in crate::http) fn parse_limit(text: &str) -> Result<i64> {
    match text.parse::<i64>() {
        Ok(limit) if (1..=limits::PAGE).contains(&limit) && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(limit),
        _ => {
            let shown = crate::values::quote(text);
            Err(Error::bad_parameter(
                "limit",
                "out_of_range",
                format!("{shown} is not a number from 1 to {}", limits::PAGE),
            ))
        }
    }
}

type Texts = [(&'static str, Option<String>); 2];

fn shape<R: Resource>(query: &mut Query) -> Result<(Projection, Texts)> {
    let fields_text = query.take("fields");
    let fields = fields_text.as_deref().map(|text| names("fields", text, &field_names::<R>())).transpose()?;
    let valid: Vec<_> = R::expansions().map(|expansion| expansion.name).collect();
    // Where nothing can be expanded the parameter does not exist: `finish` will say so.
    let expand_text = if valid.is_empty() { None } else { query.take("expand") };
    let expand = expand_text.as_deref().map(|text| names("expand", text, &valid)).transpose()?;
    let shape = Projection { fields, expand: expand.unwrap_or_default() };
    Ok((shape, [("fields", fields_text), ("expand", expand_text)]))
}

/// Reads a list of names, each of them once, of those that are valid.
///
/// # Errors
/// As [`ListRequest::parse`].
pub(in crate::http) fn names(parameter: &'static str, text: &str, valid: &[&'static str]) -> Result<Vec<&'static str>> {
    let mut found = Vec::new();
    for wanted in text.split(',') {
        let Some(name) = valid.iter().copied().find(|name| *name == wanted) else {
            let shown = crate::values::quote(wanted);
            let detail = format!("{shown} is none of {}", valid.join(", "));
            return Err(Error::bad_parameter(parameter, "unknown_value", detail));
        };
        if found.contains(&name) {
            return Err(Error::bad_parameter(parameter, "duplicate", format!("{name} is given twice")));
        }
        found.push(name);
    }
    Ok(found)
}

/// Parses the id in the path; one that is not a UUID is a 404.
///
/// # Errors
/// [`Error::NotFound`] that says `what` there is not.
pub(in crate::http) fn id(request: &actix_web::HttpRequest, what: &str) -> Result<String> {
    let id = uuid::Uuid::try_parse(request.match_info().get("id").unwrap_or_default());
    id.map(|id| id.to_string()).map_err(|_| Error::NotFound(format!("there is no such {what}: an id is a UUID")))
}
