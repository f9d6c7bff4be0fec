//! `GET /network`

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::{Manner, json as answer_json, say_home};
use crate::analytics::graphml::write_graphml;
use crate::analytics::network::{Of, network as ask};
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::http::ask::Ask;
use crate::http::conditional::Conditions;
use crate::http::format::{self, Format};
use crate::http::guard::Reader;
use crate::http::params;
use crate::http::query::Query;
use crate::http::spool::{self, Spool};
use crate::http::state::State;
use crate::registry::Resource as _;
use crate::registry::projects::Project;
use crate::registry::query::Asked;
use crate::snapshots::Seen;
use crate::values::Parsed as _;

/// What a network comes in, the default first.
pub(in crate::http) const FORMATS: [Format; 2] = [Format::Json, Format::Graphml];

/// What is asked, from the parameters.
fn asked(query_string: &str) -> Result<(Asked, Of, Manner)> {
    let mut query = Query::parse(query_string)?;
    let asked = params::filters(&mut query, Project::filters())?;
    let of = query.take("of");
    let manner = Manner::take(&mut query)?;
    let mut names: Vec<&str> = Project::filters().iter().map(|filter| filter.name).collect();
    names.push("of");
    names.extend(Manner::NAMES);
    query.finish(&names)?;
    let of = of
        .map_or(Ok(Of::Nations), |text| Of::parse(&text))
        .map_err(|reason| Error::bad_parameter("of", reason.code, reason.detail))?;
    Ok((asked, of, manner))
}

/// The question that [`network`] answers in JSON.
///
/// # Errors
/// [`Error::BadRequest`] that names a parameter.
pub(in crate::http) fn question(query_string: &str) -> Result<Ask> {
    let (mut asked, of, manner) = asked(query_string)?;
    Ok(Ask::new(move |conn, seen| {
        asked.today = seen.day;
        let (network, without) = ask(conn, &asked, of, manner.with_home)?;
        Ok(say_home(json!(network), without))
    }))
}

pub(super) async fn network(reader: Reader, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let (mut asked, of, manner) = asked(request.query_string())?;
    let with_home = manner.with_home;
    let conditions = Conditions::of(&request)?;
    let format = format::choose(&request, manner.format.as_deref(), &FORMATS)?;
    let moment = state.at(manner.as_of.as_ref()).await?;
    match format {
        Format::Graphml => {
            let write = move |conn: &mut DbConn, seen: Seen, out: &mut Spool| {
                asked.today = seen.day;
                let (network, _) = ask(conn, &asked, of, with_home)?;
                write_graphml(&network, out).map_err(|error| Error::internal("a file cannot be written", error))?;
                Ok(None)
            };
            let name = format!("network-of-{}", of.as_str());
            spool::answer(&request, &moment, conditions, format, (reader.caller(), &name), write).await
        }
        _ => {
            answer_json(&moment, conditions, move |conn, day| {
                asked.today = day;
                let (network, without) = ask(conn, &asked, of, with_home)?;
                Ok(say_home(json!(network), without))
            })
            .await
        }
    }
}
