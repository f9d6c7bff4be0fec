//! The home nation: it takes part in everything, and flattens every picture that it is in.

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::nations;
use crate::error::Result;

/// The code of the home nation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home(pub String);

/// Returns the home nation of the registry: the one that has no partner type. A former state is none; where several
/// nations have no partner type none of them is known to be it, and none is left out of anything.
///
/// # Errors
/// Errors of the database.
pub fn home(conn: &mut DbConn) -> Result<Option<Home>> {
    let mut codes = nations::table
        .filter(nations::partner_type.is_null())
        .filter(nations::ended_on.is_null())
        .select(nations::code)
        .limit(2)
        .load::<String>(conn)?;
    let only = codes.pop().filter(|_| codes.is_empty());
    Ok(only.map(Home))
}
