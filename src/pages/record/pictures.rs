//! The pictures of a record: its projects on the line of years, its ratings over time; and the other nations that take
//! part.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::figures::{self, Figure};
use super::plan::{Plan, plan};
use crate::error::{Error, Result};
use crate::http::State;
use crate::pages::cells::{text, title};
use crate::pages::frame::{self, Context, SVG};
use crate::pages::kinds;
use crate::pages::pictures::STYLE;
use crate::pages::reading::{Answers, Reading};
use crate::pages::visit::Visit;

/// The number of others that are named.
const OTHERS: usize = 15;

/// The pictures.
pub(super) struct Pictures {
    pub(super) figures: Vec<Figure>,
    pub(super) others: Vec<Other>,
    /// The home nation, which is not among the others.
    pub(super) without_home: Option<String>,
}

/// A nation that takes part.
pub(super) struct Other {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) list: String,
    pub(super) count: i64,
    pub(super) shown: String,
}

impl Plan {
    /// Returns the pictures, from their answers.
    ///
    /// # Errors
    /// When a template fails.
    pub(super) fn pictures(
        &self,
        context: &Context,
        answers: &Answers,
        (collection, code): (&str, &str),
    ) -> Result<Pictures> {
        let t = context.t;
        let homes = self.home.map(|nth| answers.items(nth)).unwrap_or_default();
        Ok(Pictures {
            figures: figures::figures(context, self, answers, (collection, code), None)?,
            others: self.others.map(|nth| others(context, answers.items(nth), homes, code)).unwrap_or_default(),
            without_home: homes
                .iter()
                .find(|home| text(home, "ended_on").is_empty())
                .map(|home| t.s("panorama-without-home", title(t, home))),
        })
    }
}

/// `GET /pictures/{collection}/{code}/{name}.svg`: a picture of a record as a file.
pub(in crate::pages) async fn file(
    visit: Visit,
    path: web::Path<(String, String, String)>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit))?;
    let (collection, code, name) = path.into_inner();
    let unknown = || Error::NotFound("there is no such picture".to_owned());
    kinds::of(&collection).ok_or_else(unknown)?;
    let mut reading = Reading::new(&state, context.as_of());
    // A record that is not there has no pictures.
    reading.ask(&format!("/{collection}/{code}"), "")?;
    let plan = plan(&collection, &code, &mut reading)?;
    let answers = reading.run().await?;
    let figures = figures::figures(&context, &plan, &answers, (&collection, &code), Some(STYLE))?;
    let figure = figures.into_iter().find(|figure| figure.name == name).ok_or_else(unknown)?;
    Ok(frame::file(&format!("{name}.svg"), SVG, figure.drawn))
}

/// Returns the other nations that take part: neither the nation itself nor the home nation.
fn others(context: &Context, groups: &[Value], homes: &[Value], code: &str) -> Vec<Other> {
    let t = context.t;
    let is_home = |nation: &str| homes.iter().any(|home| text(home, "code") == nation);
    let other = |group: &Value| {
        let nation = group.get("key")?.get("nation")?.as_str()?;
        if nation == code || is_home(nation) {
            return None;
        }
        let count = group.get("count")?.as_i64()?;
        Some(Other {
            name: group.get("label")?.get("nation")?.get(t.language().tag())?.as_str()?.to_owned(),
            href: context.links.record("nations", nation),
            list: context.links.of_api(text(group, "href")),
            count,
            shown: t.number(count),
        })
    };
    groups.iter().filter_map(other).take(OTHERS).collect()
}
