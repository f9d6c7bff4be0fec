//! The registry as one SQLite file for analysts: a table a collection, a table for each list of a record, views that
//! answer what is asked most. Nothing else is in it: it is filled from the records alone, and so knows no user and no
//! token.
//!
//! Beside a date `d`, which is as precise as it is known, are `d_from` and `d_to`: its first and its last day.

use std::path::Path;

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde_json::Value;

use super::stem::stem;
use crate::db::{DbBackend, DbConn, make_file};
use crate::error::{Error, Result};
use crate::registry::list::{ListParams, for_each_batch};
use crate::registry::query::FilterSet;
use crate::registry::{READ_ONLY, Resource, ResourceVisitor, View, visit_resources};
use crate::values::{CellFormat, FromText as _, PartialDate};

/// The description of the registry in the file.
#[derive(Clone, Debug)]
pub struct About {
    /// The last revision in it.
    pub revision: i64,
    /// Its hash.
    pub hash: String,
}

/// Views for analysts, over the tables.
const VIEWS: &str = include_str!("analysts.sql");

/// Writes the registry into the new file `path`. Call it in one read transaction.
///
/// # Errors
/// Errors of the databases or the file system; then there is no file.
pub fn write_sqlite(conn: &mut DbConn, filter_set: &FilterSet, about: &About, path: &Path) -> Result<()> {
    make_file(path, |out| {
        visit_resources(&mut Tables { conn, filter_set, out }).collect::<Result<()>>()?;
        out.batch_execute("CREATE TABLE registry (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT")?;
        let (revision, day) = (about.revision.to_string(), filter_set.today.to_string());
        let said = [("revision", revision), ("hash", about.hash.clone()), ("day", day)];
        let version = ("program", env!("CARGO_PKG_VERSION").to_owned());
        for (key, value) in said.into_iter().chain([version]) {
            let insert = diesel::sql_query("INSERT INTO registry (key, value) VALUES (?, ?)");
            insert.bind::<Text, _>(key).bind::<Text, _>(value).execute(out)?;
        }
        Ok(out.batch_execute(VIEWS)?)
    })
}

/// A field as the file has it.
struct Column {
    name: &'static str,
    shape: CellFormat,
}

impl Column {
    /// Returns the columns of a record's own table that it fills; none for a list.
    fn names(&self) -> Vec<String> {
        let name = self.name;
        match self.shape {
            CellFormat::Text | CellFormat::Integer => vec![name.to_owned()],
            CellFormat::Date => ["", "_from", "_to"].map(|end| format!("{name}{end}")).into(),
            CellFormat::Pair { key, role } => vec![format!("{name}_{key}"), format!("{name}_{role}")],
            CellFormat::List | CellFormat::Pairs { .. } => Vec::new(),
        }
    }

    /// Returns the columns of the table of a list.
    fn of_list(&self) -> Option<Vec<&'static str>> {
        match self.shape {
            CellFormat::List => Some(vec!["value"]),
            CellFormat::Pairs { key, role } => Some(vec![key, role]),
            _ => None,
        }
    }

    /// Returns the cells of a record's own table.
    fn cells(&self, record: &Value) -> Vec<Cell> {
        let value = record.get(self.name).unwrap_or(&Value::Null);
        match self.shape {
            CellFormat::Date => {
                let date = value.as_str().and_then(|text| PartialDate::parse(text).ok());
                let days = date.map(|date| [date.first_day().to_string(), date.last_day().to_string()]);
                let [from, to] = days.map_or([None, None], |days| days.map(Some));
                vec![Cell::of(value), Cell::Text(from), Cell::Text(to)]
            }
            CellFormat::Pair { key, role } => {
                [key, role].map(|name| Cell::of(value.get(name).unwrap_or(&Value::Null))).into()
            }
            CellFormat::List | CellFormat::Pairs { .. } => Vec::new(),
            CellFormat::Text | CellFormat::Integer => vec![Cell::of(value)],
        }
    }
}

/// A value in a cell.
enum Cell {
    Text(Option<String>),
    Integer(i64),
}

impl Cell {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Text(None),
            Value::String(text) => Self::Text(Some(text.clone())),
            other => other.as_i64().map_or_else(|| Self::Text(Some(other.to_string())), Self::Integer),
        }
    }
}

fn columns<R: Resource>() -> Vec<Column> {
    let [version, ..] = READ_ONLY;
    let own = R::FIELDS.iter().map(|field| Column { name: field.name, shape: field.shape });
    let derived = R::DERIVED.iter().map(|derived| Column { name: derived.name, shape: CellFormat::Text });
    let read_only = READ_ONLY.into_iter().map(|name| {
        let shape = if name == version { CellFormat::Integer } else { CellFormat::Text };
        Column { name, shape }
    });
    own.chain(derived).chain(read_only).collect()
}

struct Tables<'a> {
    conn: &'a mut DbConn,
    filter_set: &'a FilterSet,
    out: &'a mut DbConn,
}

impl ResourceVisitor for Tables<'_> {
    type Output = Result<()>;

    fn visit<R: Resource>(&mut self) -> Result<()> {
        table::<R>(self.conn, self.filter_set, self.out)
    }
}

/// Makes the tables of a kind, and fills them.
fn table<R: Resource>(conn: &mut DbConn, filter_set: &FilterSet, out: &mut DbConn) -> Result<()> {
    let (name, columns) = (stem(R::COLLECTION), columns::<R>());
    let mut own: Vec<String> = Vec::new();
    for column in &columns {
        let kind = if column.shape == CellFormat::Integer { "INTEGER" } else { "TEXT" };
        let key = if column.name == "code" { " NOT NULL PRIMARY KEY" } else { "" };
        own.extend(column.names().iter().map(|name| format!("\"{name}\" {kind}{key}")));
    }
    out.batch_execute(&format!("CREATE TABLE {name} ({}) STRICT", own.join(", ")))?;
    for column in &columns {
        if let Some(fields) = column.of_list() {
            let fields: Vec<String> = fields.iter().map(|field| format!("\"{field}\" TEXT")).collect();
            out.batch_execute(&format!(
                "CREATE TABLE {name}_{} (code TEXT NOT NULL, position INTEGER NOT NULL, {}, PRIMARY KEY (code, position)) STRICT",
                column.name,
                fields.join(", ")
            ))?;
        }
    }
    let day = R::day(filter_set);
    for_each_batch::<R>(conn, ListParams::all(filter_set.clone()), None, &mut |_, items| {
        for stored in items {
            let record = serde_json::to_value(View::full(stored, day))
                .map_err(|error| Error::internal("a record cannot be written as JSON", error))?;
            fill(out, &name, &columns, &record)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Writes a record and its lists.
fn fill(out: &mut DbConn, name: &str, columns: &[Column], record: &Value) -> Result<()> {
    insert(out, name, columns.iter().flat_map(|column| column.cells(record)).collect())?;
    let code = record.get("code").unwrap_or(&Value::Null);
    for column in columns {
        let Some(fields) = column.of_list() else { continue };
        let entries = record.get(column.name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (position, entry) in entries.iter().enumerate() {
            let mut cells = vec![Cell::of(code), Cell::Integer(i64::try_from(position).unwrap_or(i64::MAX))];
            match entry {
                Value::Object(values) => {
                    cells.extend(fields.iter().map(|field| Cell::of(values.get(*field).unwrap_or(&Value::Null))));
                }
                plain => cells.push(Cell::of(plain)),
            }
            insert(out, &format!("{name}_{}", column.name), cells)?;
        }
    }
    Ok(())
}

fn insert(out: &mut DbConn, table: &str, cells: Vec<Cell>) -> Result<()> {
    let marks = vec!["?"; cells.len()].join(", ");
    let mut query = diesel::sql_query(format!("INSERT INTO {table} VALUES ({marks})")).into_boxed::<DbBackend>();
    for cell in cells {
        query = match cell {
            Cell::Text(text) => query.bind::<Nullable<Text>, _>(text),
            Cell::Integer(number) => query.bind::<BigInt, _>(number),
        };
    }
    query.execute(out)?;
    Ok(())
}
