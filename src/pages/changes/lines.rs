//! Records that differ, collection by collection: those that are new, those that changed with what did, those that are
//! gone.

use serde_json::Value;

use super::asks::{Asks, Known, SHOWN, collections, value};
use crate::pages::cells::{Part, text, title};
use crate::pages::frame::Context;
use crate::pages::kinds::{self, KindView};
use crate::pages::record::history::{Difference, difference};

/// Fields whose change says nothing that another field does not say.
const QUIET: [&str; 1] = ["version"];

/// The differences of a collection.
pub(super) struct Group {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) created: Named,
    pub(super) deleted: Named,
    pub(super) changed: Vec<Changed>,
    /// The number of the other changes.
    pub(super) more: Option<String>,
}

/// Records by their names alone.
pub(super) struct Named {
    pub(super) links: Vec<Part>,
    /// The number of the others.
    pub(super) more: Option<String>,
}

/// A record that changed.
pub(super) struct Changed {
    pub(super) link: Part,
    /// The users who changed it.
    pub(super) actors: String,
    pub(super) fields: Vec<Difference>,
}

/// Returns the groups that have anything.
pub(super) fn groups(context: &Context, asks: &Asks, items: &[Value], known: &Known) -> Vec<Group> {
    let group = |collection: &'static str| {
        let kind = kinds::of(collection)?;
        let of_kind: Vec<&Value> = items.iter().filter(|item| text(item, "resource") == collection).collect();
        (!of_kind.is_empty()).then(|| self::group(context, asks, kind, &of_kind, known))
    };
    collections().filter_map(group).collect()
}

fn group(context: &Context, asks: &Asks, kind: &'static KindView, items: &[&Value], known: &Known) -> Group {
    let of =
        |action: &str| -> Vec<&Value> { items.iter().copied().filter(|item| text(item, "action") == action).collect() };
    let updated = of("updated");
    let expanded = known.expanded(kind);
    let changed = updated.iter().take(SHOWN).map(|item| changed(context, kind, item, (known, &expanded)));
    Group {
        id: format!("of-{}", kind.collection),
        title: context.t.get(&format!("collection-{}", kind.collection)),
        created: named(context, asks, kind, &of("created"), known),
        deleted: named(context, asks, kind, &of("deleted"), known),
        changed: changed.collect(),
        more: more(context, updated.len()),
    }
}

fn more(context: &Context, all: usize) -> Option<String> {
    let left = i64::try_from(all.saturating_sub(SHOWN)).unwrap_or(i64::MAX);
    (left > 0).then(|| context.t.n("changes-more", left))
}

fn named(context: &Context, asks: &Asks, kind: &KindView, items: &[&Value], known: &Known) -> Named {
    let link = |item: &&Value| {
        let links = match text(item, "action") {
            // A deleted record is shown as it was.
            "deleted" => &crate::pages::links::Links { as_of: Some(asks.from.clone()), ..context.links.clone() },
            _ => &context.links,
        };
        Part::link(called(context, kind, item, known), links.record(kind.collection, text(item, "code")))
    };
    Named { links: items.iter().take(SHOWN).map(link).collect(), more: more(context, items.len()) }
}

/// Returns the name of a record; of a review its project and its day, where the differences have them.
fn called(context: &Context, kind: &KindView, item: &Value, known: &Known) -> String {
    if ["name", "title", "name_en"].iter().any(|name| kind.field(name).is_some()) {
        return text(item, "title").to_owned();
    }
    let (Some(project), Some(day)) = (value(item, "project"), value(item, "reviewed_on")) else {
        return text(item, "code").to_owned();
    };
    let name = known.get("projects", project).map_or_else(|| project.to_owned(), |one| title(context.t, one));
    format!("{name}, {}", context.t.date(day))
}

fn changed(context: &Context, kind: &'static KindView, item: &Value, (known, expanded): (&Known, &Value)) -> Changed {
    let fields = item.get("changed").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let actors = item.get("actors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let actors: Vec<&str> = actors.iter().filter_map(Value::as_str).collect();
    Changed {
        link: Part::link(called(context, kind, item, known), context.links.record(kind.collection, text(item, "code"))),
        actors: context.t.s("changes-by", actors.join(", ")),
        fields: fields
            .iter()
            .filter(|field| !QUIET.contains(&text(field, "field")))
            .map(|field| difference(context, kind, expanded, field))
            .collect(),
    }
}
