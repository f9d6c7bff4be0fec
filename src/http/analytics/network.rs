//! `GET /network`: the nations or organisations that work together in projects, as a graph.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::question::{ResponseOptions, json as answer_json, say_home};
use crate::analytics::graphml::write_graphml;
use crate::analytics::network::{NodeKind, network as ask};
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::http::ask::Ask;
use crate::http::middleware::guard::Viewer;
use crate::http::request::conditional::Conditions;
use crate::http::request::format::{self, Format};
use crate::http::request::params;
use crate::http::request::query::Query;
use crate::http::response::spool::{self, Spool};
use crate::http::state::State;
use crate::registry::Resource as _;
use crate::registry::projects::Project;
use crate::registry::query::FilterSet;
use crate::snapshots::ReadContext;
use crate::values::FromText as _;

/// The formats of a network, the default first.
pub(in crate::http) const FORMATS: [Format; 2] = [Format::Json, Format::Graphml];

/// Reads the question from the parameters.
fn asked(query_string: &str) -> Result<(FilterSet, NodeKind, ResponseOptions)> {
    let mut query = Query::parse(query_string)?;
    let filter_set = params::filters(&mut query, Project::filters())?;
    let of = query.take("of");
    let options = ResponseOptions::take(&mut query)?;
    let mut names: Vec<&str> = Project::filters().iter().map(|filter| filter.name).collect();
    names.push("of");
    names.extend(ResponseOptions::NAMES);
    query.finish(&names)?;
    let of = of
        .map_or(Ok(NodeKind::Nations), |text| NodeKind::parse(&text))
        .map_err(|reason| Error::bad_parameter("of", reason.code, reason.detail))?;
    Ok((filter_set, of, options))
}

/// Returns the question that [`network`] answers in JSON.
///
/// # Errors
/// [`Error::BadRequest`] that names a parameter.
pub(in crate::http) fn question(query_string: &str) -> Result<Ask> {
    let (mut filter_set, of, options) = asked(query_string)?;
    Ok(Ask::new(move |conn, context| {
        filter_set.today = context.day;
        let (network, without) = ask(conn, &filter_set, of, options.with_home, Some(context.bitmaps()))?;
        Ok(say_home(json!(network), without))
    }))
}

pub(in crate::http) async fn network(
    reader: Viewer,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let (mut filter_set, of, options) = asked(request.query_string())?;
    let with_home = options.with_home;
    let conditions = Conditions::of(&request)?;
    let format = format::choose(&request, options.format.as_deref(), &FORMATS)?;
    let moment = state.at(options.as_of.as_ref()).await?;
    match format {
        Format::Graphml => {
            let write = move |conn: &mut DbConn, context: ReadContext, out: &mut Spool| {
                filter_set.today = context.day;
                let (network, _) = ask(conn, &filter_set, of, with_home, Some(context.bitmaps()))?;
                write_graphml(&network, out).map_err(|error| Error::internal("a file cannot be written", error))?;
                Ok(None)
            };
            let name = format!("network-of-{}", of.as_str());
            spool::answer(&request, &moment, conditions, format, (reader.caller(), &name), write).await
        }
        _ => {
            answer_json(&moment, conditions, move |conn, context| {
                filter_set.today = context.day;
                let (network, without) = ask(conn, &filter_set, of, with_home, Some(context.bitmaps()))?;
                Ok(say_home(json!(network), without))
            })
            .await
        }
    }
}
