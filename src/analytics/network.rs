//! The network of partners: nations or organisations, joined where they take part in the same projects.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde::Serialize;

use super::count::{CountQuery, count, dimension, with_values};
use super::home::{Home, home};
use super::labels::labels;
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::bitmaps::Bitmaps;
use crate::registry::conditions::conditions;
use crate::registry::facet::Dimension;
use crate::registry::projects::Project;
use crate::registry::query::FilterSet;
use crate::values::text_enum;

text_enum! {
    /// The kind of the nodes.
    pub enum NodeKind {
        /// Nations.
        Nations = "nations",
        /// Organisations.
        Organisations = "organisations",
    }
}

/// One that takes part in projects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its code.
    pub code: String,
    /// Its name, a nation's in English.
    pub label: String,
    /// In how many of the projects it takes part.
    pub projects: i64,
}

/// Two that take part in the same projects, `a` before `b` in the order of codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// The code of the one.
    pub a: String,
    /// The code of the other.
    pub b: String,
    /// In how many of the projects both take part.
    pub projects: i64,
}

/// An undirected graph; nodes in the order of their codes, edges in that of their pairs of codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Network {
    /// Those that take part in any of the projects.
    pub nodes: Vec<Node>,
    /// Those that do together.
    pub edges: Vec<Edge>,
}

/// Counts the projects that match by each two values of a dimension.
fn pairs(conn: &mut DbConn, filter_set: &FilterSet, dimension: &Dimension) -> Result<Vec<(String, String, i64)>> {
    let sql = with_values::<Project>(filter_set, conditions::<Project>(filter_set), dimension).text(
        " SELECT one.value, other.value, count(*) FROM matched JOIN first one ON one.record = matched.code \
         JOIN first other ON other.record = one.record AND other.value > one.value GROUP BY one.value, other.value",
    );
    Ok(sql.returning::<(Text, Text, BigInt)>().load(conn)?)
}

/// Returns the network of the projects that match.
///
/// Of nations, the home nation is left out unless it is asked for; the answer names it then.
///
/// # Errors
/// Errors of the database.
pub fn network(
    conn: &mut DbConn,
    filter_set: &FilterSet,
    of: NodeKind,
    with_home: bool,
    bitmaps: Option<&Bitmaps>,
) -> Result<(Network, Option<Home>)> {
    let home = if with_home || of == NodeKind::Organisations { None } else { home(conn)? };
    let is_home = |code: &str| home.as_ref().is_some_and(|home| home.0 == code);
    let dimension = dimension::<Project>(match of {
        NodeKind::Nations => "nation",
        NodeKind::Organisations => "organisation",
    })?;
    let counted = count::<Project>(conn, CountQuery { filter_set, marked: None, bitmaps }, dimension, None)?.rows;
    let codes: BTreeSet<&str> = counted.iter().filter_map(|(code, ..)| code.as_deref()).collect();
    let mut names = labels(conn, dimension.name, &codes)?;
    let mut nodes: Vec<Node> = counted
        .into_iter()
        .filter_map(|(code, _, projects, _)| {
            let code = code.filter(|code| !is_home(code))?;
            let label = names.remove(&code).map_or_else(|| code.clone(), |label| label.en);
            Some(Node { code, label, projects })
        })
        .collect();
    nodes.sort_by(|a, b| a.code.cmp(&b.code));

    let known = bitmaps.map(|bitmaps| bitmaps.pairs::<Project>(conn, filter_set, dimension)).transpose()?.flatten();
    let rows = known.map_or_else(|| pairs(conn, filter_set, dimension), Ok)?;
    let mut edges: Vec<Edge> = rows
        .into_iter()
        .filter(|(a, b, _)| !is_home(a) && !is_home(b))
        .map(|(a, b, projects)| Edge { a, b, projects })
        .collect();
    edges.sort_by(|one, other| (&one.a, &one.b).cmp(&(&other.a, &other.b)));
    Ok((Network { nodes, edges }, home))
}
