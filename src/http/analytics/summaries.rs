//! `GET /summaries/{collection}`: the number of records in each group.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use super::groups::{DrilldownContext, group_by, href};
use super::question::{Question, ResponseOptions, Rows, TableSpec, answer, say_home};
use crate::analytics::labels::labels;
use crate::analytics::summaries::{Group, summary};
use crate::analytics::{Home, Label, home};
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::http::middleware::guard::Viewer;
use crate::http::request::links::Links;
use crate::http::request::params;
use crate::http::request::query::Query;
use crate::http::state::State;
use crate::limits::{self, GROUPS};
use crate::registry::Resource;
use crate::registry::facet::Dimension;
use crate::registry::query::FilterSet;
use crate::snapshots::ReadContext;
use crate::transfer::Column;
use crate::values::CellFormat;
use crate::values::fold::sort_key;

/// Returns the columns of the table: each dimension with its name in both languages, the count, and where the records
/// are.
pub(in crate::http) fn columns(dimensions: &[&'static str]) -> Vec<Column> {
    let mut columns = Vec::new();
    for name in dimensions {
        columns.push(Column::at(name, &format!("/key/{name}"), CellFormat::Text));
        for language in ["en", "fr"] {
            columns.push(Column::at(
                &format!("{name}_{language}"),
                &format!("/label/{name}/{language}"),
                CellFormat::Text,
            ));
        }
    }
    columns.push(Column::new("count", CellFormat::Integer));
    columns.push(Column::new("href", CellFormat::Text));
    columns
}

pub(in crate::http) async fn summaries<R: Resource>(
    reader: Viewer,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer_to::<R>(request.query_string(), &reader, &request, &state).await
}

/// A request for a summary.
pub(in crate::http) struct SummaryRequest {
    filter_set: FilterSet,
    /// The dimensions that it groups by.
    by: Vec<&'static str>,
    options: ResponseOptions,
}

/// Reads the request.
///
/// # Errors
/// [`Error::BadRequest`] that names the parameter and what would be right.
pub(in crate::http) fn parse<R: Resource>(query_string: &str) -> Result<SummaryRequest> {
    let mut query = Query::parse(query_string)?;
    let filter_set = params::filters(&mut query, R::filters())?;
    let by = query.take("group_by");
    let options = ResponseOptions::take_of_table(&mut query)?;
    let mut names: Vec<&str> = R::filters().iter().map(|filter| filter.name).collect();
    names.push("group_by");
    names.extend(ResponseOptions::TABLE_NAMES);
    query.finish(&names)?;
    let by = group_by::<R>(by.as_deref())?;
    let most = limits::FILTERS.saturating_sub(GROUPS);
    if filter_set.filters.len() > most {
        let detail =
            format!("a summary takes at most {most} filters: the list that a group links to has {GROUPS} more");
        return Err(Error::bad_request(detail));
    }
    Ok(SummaryRequest { filter_set, by, options })
}

/// Answers what `query_string` asks for.
///
/// # Errors
/// The error in the question; errors of the database.
pub(in crate::http) async fn answer_to<R: Resource>(
    query_string: &str,
    reader: &Viewer,
    request: &HttpRequest,
    state: &State,
) -> Result<HttpResponse> {
    let Question { options, spec, ask } = question::<R>(query_string, Links::of(request))?;
    answer(reader, request, state, options, spec, ask).await
}

/// Returns the question that `query_string` asks.
///
/// # Errors
/// As [`parse`].
pub(super) fn question<R: Resource>(query_string: &str, links: Links) -> Result<Question> {
    let SummaryRequest { mut filter_set, by: names, options } = parse::<R>(query_string)?;
    let with_home = options.with_home;
    let spec = TableSpec {
        name: format!("{}-by-{}", R::COLLECTION, names.join("-").replace('_', "-")),
        columns: columns(&names),
        json: |rows| say_home(json!({ "groups": rows.rows, "total": rows.total }), rows.without),
    };
    let as_of = options.as_of.as_ref().map(|as_of| as_of.as_str().to_owned());
    let ask = move |conn: &mut DbConn, context: &ReadContext| {
        filter_set.today = context.day;
        rows::<R>(
            conn,
            &DrilldownContext {
                filter_set: &filter_set,
                as_of: as_of.as_deref(),
                links: &links,
                bitmaps: Some(context.bitmaps()),
            },
            &names,
            with_home,
        )
    };
    Ok(Question { options, spec, ask: Box::new(ask) })
}

fn rows<R: Resource>(
    conn: &mut DbConn,
    context: &DrilldownContext<'_>,
    names: &[&'static str],
    with_home: bool,
) -> Result<Rows> {
    let all = R::dimensions();
    let mut by = names.iter().filter_map(|name| all.iter().find(|dimension| dimension.name == *name));
    let first = by.next().ok_or_else(|| Error::internal("a summary", "no dimension"))?;
    let second = by.next();
    let mut found = summary::<R>(conn, context.filter_set, first, second, context.bitmaps)?;
    let by: Vec<&Dimension> = [Some(first), second].into_iter().flatten().collect();
    let without = without_home(conn, &by, &mut found.groups, with_home)?;
    let mut called = Vec::with_capacity(by.len());
    for (place, dimension) in by.iter().enumerate() {
        let keys: BTreeSet<&str> = found.groups.iter().filter_map(|group| group.key.get(place)?.as_deref()).collect();
        called.push(labels(conn, dimension.name, &keys)?);
    }
    let ranks: Vec<HashMap<&str, usize>> = called.iter().map(ranks).collect();
    found.groups.sort_by_cached_key(|group| (Reverse(group.count), place(&group.key, &ranks)));
    let rows = found.groups.iter().map(|group| row::<R>(context, &by, &called, group)).collect();
    Ok(Rows { rows, total: found.total, without })
}

/// Leaves the groups of the home nation out, where there are groups of nations and it is not asked for.
fn without_home(
    conn: &mut DbConn,
    by: &[&Dimension],
    groups: &mut Vec<Group>,
    with_home: bool,
) -> Result<Option<Home>> {
    let Some(place) = by.iter().position(|dimension| dimension.name == "nation").filter(|_| !with_home) else {
        return Ok(None);
    };
    let home = home(conn)?;
    if let Some(Home(code)) = &home {
        groups.retain(|group| group.key.get(place).is_none_or(|value| value.as_deref() != Some(code.as_str())));
    }
    Ok(home)
}

/// Returns the places of values in the order of their English labels, then of the values themselves.
fn ranks(called: &HashMap<String, Label>) -> HashMap<&str, usize> {
    let mut values: Vec<(String, &str)> =
        called.iter().map(|(value, label)| (sort_key(&label.en), value.as_str())).collect();
    values.sort_unstable();
    values.into_iter().enumerate().map(|(rank, (_, value))| (value, rank)).collect()
}

/// Returns the sort key of a group among those of its size: by the ranks of its values, those without a value last.
fn place(key: &[Option<String>], ranks: &[HashMap<&str, usize>]) -> [usize; GROUPS] {
    let mut place = [usize::MAX; GROUPS];
    for ((place, value), ranks) in place.iter_mut().zip(key).zip(ranks) {
        *place = value.as_deref().and_then(|value| ranks.get(value)).copied().unwrap_or(usize::MAX);
    }
    place
}

fn row<R: Resource>(
    context: &DrilldownContext<'_>,
    by: &[&Dimension],
    called: &[HashMap<String, Label>],
    group: &Group,
) -> Value {
    let (mut key, mut label) = (Map::new(), Map::new());
    for ((dimension, value), called) in by.iter().zip(&group.key).zip(called) {
        let name = match value {
            Some(value) => called.get(value).map_or_else(|| json!({ "en": value, "fr": value }), |label| json!(label)),
            None => json!(Label::none()),
        };
        key.insert(dimension.name.to_owned(), json!(value));
        label.insert(dimension.name.to_owned(), name);
    }
    json!({ "key": key, "label": label, "count": group.count, "href": href::<R>(context, by, &group.key) })
}
