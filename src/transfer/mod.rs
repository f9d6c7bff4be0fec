//! Whole collections in and out of the registry: CSV, NDJSON, JSON, XLSX, iCalendar, the data package. No HTTP and no
//! command line here: both are thin layers over this.

mod calendar;
pub mod cells;
mod collection_out;
mod column;
mod csv_in;
mod datapackage;
mod export;
mod grid;
mod import;
mod json_in;
mod package;
#[cfg(feature = "parquet")]
mod parquet;
mod release_out;
mod rows;
mod scan;
mod source;
mod sqlite_out;
mod stem;
mod table;
mod workbook_in;
mod xlsx;

pub use calendar::Calendar;
pub use collection_out::{columns, row, table_fields, write_collection};
pub use column::{Column, Table};
pub use export::{Exported, export};
pub use import::{FieldReport, Mode, Options, Prepared, Progress, Report};
pub use package::{Package, import_package};
pub use release_out::write_release;
pub use rows::{Format, ReadError, Row, Rows};
pub use source::Source;
pub use sqlite_out::{About, write_sqlite};
pub use stem::stem;
pub use table::{FormatInfo, TableFormat, WITHOUT_PARQUET};
