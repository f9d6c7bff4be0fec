//! `changes`: what is different between two moments, for people.

use clap::Args;
use serde_json::Value;

use super::database::open_existing;
use super::output::print;
use crate::analytics::difference::{ChangeScope, Count, Difference, differences, moments, moved_by_calendar};
use crate::config::DatabaseArgs;
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::Collection;
use crate::registry::fields::shape_of;
use crate::snapshots::AsOf;
use crate::transfer::cells;
use crate::values::FromText as _;

/// Tell what is different between two moments
///
/// Every record that was created, changed or deleted, field by field, and the agreements whose status the calendar
/// moved. A change there and back counts as nothing.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry changes --from 2026-01-01
  partnership-registry changes --from 2025 --to 2026-06-30 --nation IN
  partnership-registry changes --from r40 --to r42 --resource agreements")]
pub(super) struct Changes {
    /// The earlier moment: a date (its end, in UTC), a time with its offset, or a revision (r42)
    #[arg(long, env = "REGISTRY_CHANGES_FROM", value_name = "MOMENT", value_parser = moment)]
    from: AsOf,
    /// The later moment; now by default
    #[arg(long, env = "REGISTRY_CHANGES_TO", value_name = "MOMENT", value_parser = moment)]
    to: Option<AsOf>,
    /// Records of this collection
    #[arg(long, env = "REGISTRY_CHANGES_RESOURCE", value_name = "COLLECTION", value_parser = collection)]
    resource: Option<String>,
    /// Records that concern this nation
    #[arg(long, env = "REGISTRY_CHANGES_NATION", value_name = "CODE")]
    nation: Option<String>,
    /// Records in this area
    #[arg(long, env = "REGISTRY_CHANGES_AREA", value_name = "CODE")]
    area: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Changes {
    pub(super) fn run(self) -> Result<()> {
        let scope = ChangeScope { resource: self.resource, nation: self.nation, area: self.area };
        let (from, to) = (self.from, self.to);
        open_existing(&self.database)?.read_blocking(move |conn| tell(conn, &from, to.as_ref(), &scope))
    }
}

fn tell(conn: &mut DbConn, from: &AsOf, to: Option<&AsOf>, scope: &ChangeScope) -> Result<()> {
    let (from, to) = moments(conn, from, to)?;
    print(format_args!("From revision {} ({}) to revision {} ({})", from.revision, from.day, to.revision, to.day))?;
    let mut collection = String::new();
    let counts = differences(conn, (from, to), scope, &mut |difference| {
        if difference.resource != collection {
            collection.clone_from(&difference.resource);
            print(format_args!("\n{collection}"))?;
        }
        show(&difference)
    })?;
    let moved = moved_by_calendar(conn, (from, to), scope)?;
    if !moved.is_empty() {
        print("\nagreements whose status the calendar moved")?;
    }
    for one in &moved {
        print(format_args!("  {} ({}): {} -> {}", one.code, one.title, one.before, one.after))?;
    }
    print("")?;
    counts.iter().filter(|count| count.created + count.changed + count.deleted > 0).try_for_each(total)?;
    if moved.is_empty() && counts.iter().all(|count| count.created + count.changed + count.deleted == 0) {
        print("nothing is different")?;
    }
    Ok(())
}

fn total(count: &Count) -> Result<()> {
    print(format_args!(
        "{}: {} created, {} changed, {} deleted",
        count.resource, count.created, count.changed, count.deleted
    ))
}

/// Prints a record with its fields; of one that is gone, its name alone.
fn show(difference: &Difference) -> Result<()> {
    let Difference { resource, code, title, action, changed, actors, .. } = difference;
    print(format_args!("  {action} {code} ({title}), by {}", actors.join(", ")))?;
    if *action == "deleted" {
        return Ok(());
    }
    for change in changed {
        let field = change.get("field").and_then(Value::as_str).unwrap_or_default();
        let text = |name| match change.get(name).unwrap_or(&Value::Null) {
            Value::Null => "nothing".to_owned(),
            value => cells::text(shape_of(resource, field), value),
        };
        if *action == "created" {
            print(format_args!("    {field}: {}", text("after")))?;
        } else {
            print(format_args!("    {field}: {} -> {}", text("before"), text("after")))?;
        }
    }
    Ok(())
}

fn moment(text: &str) -> Result<AsOf, String> {
    AsOf::parse(text).map_err(|reason| reason.detail)
}

fn collection(text: &str) -> Result<String, String> {
    Collection::parse(text).map(|collection| collection.to_string()).map_err(|reason| reason.detail)
}
