//! By when a party must speak, kept beside each agreement to sort and filter by, with the days on which it holds.
//!
//! It is written with the agreement, and again at the first write (or start) after it has become invalid. Until then,
//! and for other days, `days.rs` computes it: what is kept makes lists fast, and never wrong.

use chrono::NaiveDate;
use diesel::dsl::{max, min};
use diesel::prelude::*;

use super::days::{FIRST, NEVER, number};
use super::model::Agreement;
use crate::db::schema::agreements;
use crate::db::{DbConn, on};
use crate::error::Result;
use crate::registry::TableRecord as _;
use crate::registry::query::{OrderBy, RowQuery, SortKey};

/// The keys of an agreement: numbers of days (`days.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decides {
    /// `decide_by`; agreements without one come last when it rises,
    pub(super) asc: i64,
    /// and when it falls.
    pub(super) desc: i64,
    /// The first day on which this is known to hold,
    pub(super) from: i64,
    /// and the last one.
    pub(super) until: i64,
}

impl Agreement {
    /// Returns the keys that hold on a day.
    pub(super) fn decides(&self, day: NaiveDate) -> Decides {
        let decision = self.decide_by(day).map(number);
        Decides {
            asc: decision.unwrap_or(NEVER),
            desc: decision.unwrap_or(FIRST),
            from: number(day),
            until: self.decides_so_until(day).map_or(NEVER, number),
        }
    }
}

/// Tells whether the keys of every agreement hold on a day, from the ends of two indexes.
pub(super) fn is_kept(conn: &mut DbConn, day: NaiveDate) -> Result<bool> {
    if is_over(conn, day)? {
        return Ok(false);
    }
    let from = agreements::table.select(max(agreements::decide_by_from));
    let from = on!(conn, conn => from.get_result::<Option<i64>>(conn))?;
    Ok(from.is_none_or(|from| from <= number(day)))
}

/// Tells whether the keys of an agreement have ceased to hold before a day.
fn is_over(conn: &mut DbConn, day: NaiveDate) -> Result<bool> {
    let until = agreements::table.select(min(agreements::decide_by_until));
    let until = on!(conn, conn => until.get_result::<Option<i64>>(conn))?;
    Ok(until.is_some_and(|until| until < number(day)))
}

/// Writes again the derived data that is out of date, of at most `limit` agreements.
pub(super) fn keep(conn: &mut DbConn, day: NaiveDate, limit: i64) -> Result<()> {
    if !is_over(conn, day)? {
        return Ok(());
    }
    let over = agreements::decide_by_until.lt(number(day));
    let order = vec![OrderBy { key: SortKey::Integer(Box::new(agreements::decide_by_until)), descending: false }];
    let rows = RowQuery { order, ..RowQuery::by_code(vec![Box::new(over)], limit) };
    for stored in Agreement::load(conn, rows)? {
        let decides = stored.record.decides(day);
        diesel::update(agreements::table.find(stored.record.code()))
            .set((
                agreements::decide_by_asc.eq(decides.asc),
                agreements::decide_by_desc.eq(decides.desc),
                agreements::decide_by_from.eq(decides.from),
                agreements::decide_by_until.eq(decides.until),
            ))
            .execute(conn)?;
    }
    Ok(())
}
