//! Nations by areas: a heat table, each number a link to its list.

use serde_json::Value;

use super::asks::{self, Seen};
use super::row::Row;
use crate::pages::cells::title;
use crate::pages::frame::Context;

/// The partners of a kind.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) lines: Vec<Line>,
}

/// A partner.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) cells: Vec<Heat>,
    pub(super) total: Heat,
}

/// A number with its list.
pub(super) struct Heat {
    pub(super) label: String,
    pub(super) count: i64,
    pub(super) shown: String,
    /// From 0, nothing, to 5.
    pub(super) level: u8,
    pub(super) href: String,
}

/// An order of the rows.
pub(super) struct Order {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) current: bool,
}

/// Returns the style class of a kind of partner; the first two kinds have looks of their own.
pub(super) fn class(kind: &Value) -> String {
    class_of(kind.get("code").and_then(Value::as_str))
}

/// Returns the style class by the code.
pub(super) fn class_of(kind: Option<&str>) -> String {
    format!("kind-{}", kind.unwrap_or("none"))
}

/// Returns the orders that there are.
pub(super) fn orders(context: &Context) -> Vec<Order> {
    let current = context.params.get("order").unwrap_or("projects");
    ["projects", "name"]
        .map(|order| Order {
            text: context.t.get(&format!("order-{order}")),
            href: context.links.with("/", &context.params.setting("order", order).pairs()),
            current: order == current,
        })
        .into()
}

/// Returns the matrix, a group for each kind of partner.
pub(super) fn groups(context: &Context, seen: &Seen<'_>) -> Vec<Group> {
    let t = context.t;
    let codes: Vec<&str> = seen.areas.iter().filter_map(|area| area.get("code")?.as_str()).collect();
    let most = seen.partners.iter().flat_map(|row| codes.iter().map(|area| row.in_area(area))).max().unwrap_or(1);
    let by_name = context.params.get("order") == Some("name");
    let lines = |kind: &str| -> Vec<Line> {
        let mut rows: Vec<Row<'_>> =
            seen.partners.iter().copied().filter(|row| row.partner_type() == Some(kind)).collect();
        let key = |row: &Row<'_>| crate::values::fold::fold(&row.name(t));
        if by_name {
            rows.sort_by_cached_key(key);
        } else {
            rows.sort_by_cached_key(|row| (-row.projects(), key(row)));
        }
        rows.into_iter().map(|row| line(context, seen, &codes, row, most)).collect()
    };
    seen.types
        .iter()
        .filter_map(|kind| {
            let lines = lines(kind.get("code")?.as_str()?);
            (!lines.is_empty()).then(|| Group { name: title(t, kind), class: class(kind), lines })
        })
        .collect()
}

fn line(context: &Context, seen: &Seen<'_>, codes: &[&str], row: Row<'_>, most: i64) -> Line {
    let t = context.t;
    let heat = |label: String, count: i64, area: Option<&str>| {
        let mut more = vec![("nation", row.code())];
        more.extend(area.map(|area| ("area", area)));
        // The row says which nation it is; what kind and where follows from it.
        let params = asks::with(context, &more).without(&["partner_type", "region"]);
        let href = context.links.with("/projects", &params.pairs());
        Heat { label, count, shown: t.number(count), level: level(count, most), href }
    };
    let cells = seen.areas.iter().zip(codes).map(|(area, code)| heat(title(t, area), row.in_area(code), Some(code)));
    Line {
        name: row.name(t),
        href: context.links.record("nations", row.code()),
        cells: cells.collect(),
        total: heat(t.get("matrix-total"), row.projects(), None),
    }
}

/// Returns the darkness of a number: by its logarithm, since one nation has ten times what another has.
fn level(count: i64, most: i64) -> u8 {
    let bits = |number: i64| f64::from(u32::try_from(number.clamp(1, 1 << 30)).unwrap_or(1)).ln();
    if count <= 0 {
        return 0;
    }
    let share = if most > 1 { bits(count) / bits(most) } else { 1.0 };
    [0.2, 0.45, 0.7, 0.9].iter().fold(1, |level, step| if share > *step { level + 1 } else { level })
}

#[cfg(test)]
mod tests {
    use super::level;

    #[test]
    fn more_is_darker_and_nothing_has_no_colour() {
        let levels: Vec<u8> = [0, 1, 2, 4, 8, 16].into_iter().map(|count| level(count, 16)).collect();
        assert_eq!(levels, [0, 1, 2, 3, 4, 5]);
        assert_eq!(level(1, 1), 5);
    }
}
