//! The groups of a summary, and the list that each group is.

use crate::error::{Error, Result};
use crate::http::request::links::Links;
use crate::http::request::query::{encode, join_list};
use crate::limits::GROUPS;
use crate::registry::Resource;
use crate::registry::bitmaps::Bitmaps;
use crate::registry::facet::{Dimension, Drilldown};
use crate::registry::query::FilterSet;
use crate::values::{FromText as _, PartialDate, quote};

/// Reads `group_by`.
pub(super) fn group_by<R: Resource>(text: Option<&str>) -> Result<Vec<&'static str>> {
    let dimensions = R::dimensions();
    let valid: Vec<&'static str> = dimensions.iter().map(|dimension| dimension.name).collect();
    let wrong = |code, detail: String| Error::bad_parameter("group_by", code, detail);
    let Some(text) = text else {
        return Err(wrong("required", format!("name the dimensions to count by: one or two of {}", valid.join(", "))));
    };
    let mut names = Vec::new();
    for wanted in text.split(',') {
        let Some(name) = valid.iter().copied().find(|name| *name == wanted) else {
            return Err(wrong("unknown_value", format!("{} is none of {}", quote(wanted), valid.join(", "))));
        };
        if names.contains(&name) {
            return Err(wrong("duplicate", format!("{name} is given twice")));
        }
        names.push(name);
    }
    if names.len() > GROUPS {
        return Err(wrong("too_long", format!("a summary groups by at most {GROUPS} of {}", valid.join(", "))));
    }
    Ok(names)
}

/// Filters as they are written: names and values.
type Filters = Vec<(&'static str, Vec<String>)>;

/// The question of a summary, as its links repeat it.
pub(super) struct DrilldownContext<'a> {
    /// The filters.
    pub(super) filter_set: &'a FilterSet,
    /// The moment, as it was written.
    pub(super) as_of: Option<&'a str>,
    /// The maker of the links.
    pub(super) links: &'a Links,
    /// The indexes in memory.
    pub(super) bitmaps: Option<&'a Bitmaps>,
}

/// Returns the list of exactly the records of a group: the filters and the moment of the request, narrowed to its key.
pub(super) fn href<R: Resource>(context: &DrilldownContext<'_>, by: &[&Dimension], key: &[Option<String>]) -> String {
    let mut filters: Filters =
        context.filter_set.filters.iter().map(|(name, values)| (*name, values.texts().to_vec())).collect();
    for (dimension, value) in by.iter().zip(key) {
        drilldown(&mut filters, dimension.drilldown, value.as_deref());
    }
    let texts: Vec<_> = filters.iter().map(|(name, values)| (*name, join_list(values))).collect();
    let moment = context.as_of.map(|text| ("as_of", text));
    let query = encode(texts.iter().map(|(name, text)| (*name, text.as_str())).chain(moment));
    context.links.to(&format!("/api/v1/{}?{query}", R::COLLECTION))
}

fn drilldown(filters: &mut Filters, drilldown: Drilldown, value: Option<&str>) {
    // An empty value means none.
    let text = value.unwrap_or_default().to_owned();
    match drilldown {
        Drilldown::Values { any, every, refined_by } => {
            let refined = refined_by.is_some_and(|name| filters.iter().any(|(filter, _)| *filter == name));
            let present = filters.iter().find(|(filter, _)| *filter == any).map(|(_, values)| values);
            if !refined && present.is_some_and(|values| *values == [text.as_str()]) {
                return;
            }
            match every {
                // Both hold then: what the filter keeps, and the value.
                Some(every) if present.is_some() || refined => add(filters, every, text),
                // Where a record has one value, it is one of those that the filter keeps.
                _ => set(filters, any, text),
            }
        }
        Drilldown::Year { gte, lte } => match value {
            None => set(filters, lte, text),
            Some(year) => {
                limit(filters, gte, year, |limit, year| limit.first_day() > year.first_day());
                limit(filters, lte, year, |limit, year| limit.last_day() < year.last_day());
            }
        },
    }
}

fn set(filters: &mut Filters, name: &'static str, value: String) {
    match filters.iter_mut().find(|(filter, _)| *filter == name) {
        Some((_, values)) => *values = vec![value],
        None => filters.push((name, vec![value])),
    }
}

fn add(filters: &mut Filters, name: &'static str, value: String) {
    match filters.iter_mut().find(|(filter, _)| *filter == name) {
        Some((_, values)) if values.contains(&value) => {}
        Some((_, values)) => values.push(value),
        None => filters.push((name, vec![value])),
    }
}

/// Sets a limit to the year, unless the one that is there is narrower.
fn limit(filters: &mut Filters, name: &'static str, year: &str, narrower: impl Fn(&PartialDate, &PartialDate) -> bool) {
    let present = filters.iter().find(|(filter, _)| *filter == name).and_then(|(_, values)| values.first());
    let parsed = |text: &str| PartialDate::parse(text).ok();
    let keep = present.and_then(|limit| Some(narrower(&parsed(limit)?, &parsed(year)?))).unwrap_or_default();
    if !keep {
        set(filters, name, year.to_owned());
    }
}
