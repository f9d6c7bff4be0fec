//! The records related to a record: lists of the API, narrowed to it.

use crate::error::Result;
use crate::http::encode;
use crate::pages::cells::{Table, table};
use crate::pages::frame::Context;
use crate::pages::kinds::{self, KindView};
use crate::pages::links::collection;
use crate::pages::reading::{Answers, Nth, Reading};

/// The number of records that a panel shows; the rest is a link away.
const SHOWN: usize = 12;

/// A list that is related: the collection, the filter that takes the code, the order, the columns.
type Related = (&'static str, &'static str, &'static str, &'static [&'static str]);

const PROJECTS: &[&str] = &["name", "status", "start_date", "launch_date", "end_date", "rating"];
const AGREEMENTS: &[&str] = &["title", "kind", "status", "signed_on", "expires_on", "decide_by"];
const REVIEWS: &[&str] = &["project", "reviewed_on", "rating", "summary"];
const ORGANISATIONS: &[&str] = &["name", "kind", "sector"];
const DOCUMENTS: &[&str] = &["title", "kind", "language", "dated_on", "url"];

/// Returns the lists that are shown beside a record of a collection.
fn related(of: &str) -> &'static [Related] {
    match of {
        "projects" => &[
            ("reviews", "project", "-reviewed_on", &["reviewed_on", "rating", "summary", "reviewer"]),
            ("agreements", "project", "-signed_on", AGREEMENTS),
            ("documents", "project", "-dated_on", DOCUMENTS),
        ],
        "agreements" => {
            &[("documents", "agreement", "-dated_on", DOCUMENTS), ("projects", "agreement", "name", PROJECTS)]
        }
        "organisations" => {
            &[("projects", "organisation", "name", PROJECTS), ("agreements", "organisation", "-signed_on", AGREEMENTS)]
        }
        "nations" => &[
            ("projects", "nation", "-start_date", PROJECTS),
            ("agreements", "nation", "-signed_on", AGREEMENTS),
            ("reviews", "nation", "-reviewed_on", REVIEWS),
            ("organisations", "nation", "name", ORGANISATIONS),
        ],
        "cooperation-areas" => &[
            ("projects", "area", "-start_date", PROJECTS),
            ("agreements", "area", "-signed_on", AGREEMENTS),
            ("organisations", "area", "name", ORGANISATIONS),
        ],
        "partner-types" => &[("nations", "partner_type", "code", &["name", "region", "agency", "cooperation_since"])],
        _ => &[],
    }
}

/// A panel, while it is asked for.
pub(super) struct Plan {
    kind: &'static KindView,
    filter: &'static str,
    columns: &'static [&'static str],
    sort: &'static str,
    nth: Nth,
}

/// A list beside a record.
pub(super) struct Panel {
    pub(super) id: &'static str,
    pub(super) title: String,
    pub(super) total: String,
    pub(super) count: i64,
    pub(super) table: Table,
    pub(super) empty: Option<String>,
    pub(super) all: Option<String>,
}

/// Asks for the records that are related to a record.
pub(super) fn plan(of: &KindView, code: &str, reading: &mut Reading<'_>) -> Result<Vec<Plan>> {
    let mut plans = Vec::new();
    for &(other, filter, sort, columns) in related(of.collection) {
        let Some(kind) = kinds::of(other).filter(|kind| kind.filters.contains(&filter)) else { continue };
        let expand = kind.expand();
        let limit = SHOWN.to_string();
        let mut query = vec![(filter, code), ("sort", sort), ("limit", limit.as_str())];
        if !expand.is_empty() {
            query.push(("expand", expand.as_str()));
        }
        let nth = reading.ask(&format!("/{other}"), &encode(query))?;
        plans.push(Plan { kind, filter, columns, sort, nth });
    }
    Ok(plans)
}

impl Plan {
    /// Returns the panel, from its answer.
    pub(super) fn panel(self, context: &Context, answers: &Answers, code: &str) -> Panel {
        let t = context.t;
        let (items, total) = (answers.items(self.nth), answers.total(self.nth));
        let title = t.get(&format!("collection-{}", self.kind.collection));
        let known = |name: &&&str| ["name", "rating"].contains(*name) || self.kind.field(name).is_some();
        let columns: Vec<&str> = self.columns.iter().filter(known).copied().collect();
        let all = context.links.with(&collection(self.kind.collection), &[(self.filter, code), ("sort", self.sort)]);
        Panel {
            id: self.kind.collection,
            total: t.number(total),
            count: total,
            table: table(context, self.kind, title.clone(), &columns, items),
            empty: items.is_empty().then(|| t.get(&format!("none-{}", self.kind.collection))),
            all: (total > 0).then_some(all),
            title,
        }
    }
}
