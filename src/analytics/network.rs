//! Who works with whom: nations or organisations, joined where they take part in the same projects.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde::Serialize;

use super::count::{Which, count, dimension, with_values};
use super::home::{Home, home};
use super::labels::labels;
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::list::conditions;
use crate::registry::projects::Project;
use crate::registry::query::Asked;
use crate::values::text_enum;

text_enum! {
    /// What the nodes are.
    pub enum Of {
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

/// The network of the projects that match.
///
/// Of nations, the home nation is left out unless it is asked for; the answer names it then.
///
/// # Errors
/// What the database says.
pub fn network(conn: &mut DbConn, asked: &Asked, of: Of, with_home: bool) -> Result<(Network, Option<Home>)> {
    let home = if with_home || of == Of::Organisations { None } else { home(conn)? };
    let is_home = |code: &str| home.as_ref().is_some_and(|home| home.0 == code);
    let dimension = dimension::<Project>(match of {
        Of::Nations => "nation",
        Of::Organisations => "organisation",
    })?;
    let which = Which::<Project> { asked, conditions: conditions::<Project>(asked), marked: None };
    let counted = count(conn, which, &dimension, None)?;
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

    let pairs = with_values::<Project>(asked, conditions::<Project>(asked), &dimension).text(
        " SELECT one.value, other.value, count(*) FROM matched JOIN first one ON one.record = matched.code \
         JOIN first other ON other.record = one.record AND other.value > one.value GROUP BY one.value, other.value",
    );
    let rows = pairs.returning::<(Text, Text, BigInt)>().load::<(String, String, i64)>(conn)?;
    let mut edges: Vec<Edge> = rows
        .into_iter()
        .filter(|(a, b, _)| !is_home(a) && !is_home(b))
        .map(|(a, b, projects)| Edge { a, b, projects })
        .collect();
    edges.sort_by(|one, other| (&one.a, &one.b).cmp(&(&other.a, &other.b)));
    Ok((Network { nodes, edges }, home))
}
