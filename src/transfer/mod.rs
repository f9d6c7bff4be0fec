//! Whole collections in and out of the registry: CSV files, JSON, the data package. No HTTP and no command line here:
//! both are thin layers over this.

pub mod cells;
mod csv_in;
mod csv_out;
mod datapackage;
mod export;
mod import;
mod json_in;
mod package;
mod rows;
mod scan;

pub use csv_out::{CsvBatches, columns};
pub use export::{Exported, export};
pub use import::{DEFECT_LIMIT, Mode, Options, Prepared, Progress, Report};
pub use package::{Package, import_package};
pub use rows::{Format, Row, Rows, Unread, read};

use crate::registry::Resource;

/// The name of a collection's file, without what follows the dot: `partner_types`.
pub fn stem(collection: &str) -> String {
    collection.replace('-', "_")
}

/// The columns that a file may hold and an import ignores: what is derived, and what only the registry writes.
fn ignored<R: Resource>() -> impl Iterator<Item = &'static str> {
    R::DERIVED.iter().map(|field| field.name).chain(crate::registry::READ_ONLY)
}
