//! Whole collections in and out of the registry: CSV, NDJSON, JSON, XLSX, iCalendar, the data package. No HTTP and no command line here:
//! both are thin layers over this.

mod calendar;
pub mod cells;
mod collection_out;
mod csv_in;
mod datapackage;
mod export;
mod grid;
mod import;
mod json_in;
mod package;
mod rows;
mod scan;
mod table;
mod workbook_in;
mod xlsx;

pub use calendar::Calendar;
pub use collection_out::{columns, row, table_fields, write_collection};
pub use export::{Exported, export};
pub use import::{FieldReport, Mode, Options, Prepared, Progress, Report};
pub use package::{Package, import_package};
pub use rows::{Format, Row, Rows, Source, Unread};
pub use table::{Column, Table, TableFormat};

/// The name of a collection's file, without what follows the dot: `partner_types`.
pub fn stem(collection: &str) -> String {
    collection.replace('-', "_")
}
