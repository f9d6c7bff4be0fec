//! The sample registry: the international partnerships of CNES, gathered from public pages, in the CSV files of
//! `sample/`. They are read by the same code as any import.

use crate::db::Db;
use crate::error::Result;
use crate::registry::Author;
use crate::transfer::{Options, Package, Report, import_package};

/// The files, by name.
pub const SAMPLE: [(&str, &str); 7] = [
    ("partner_types.csv", include_str!("sample/partner_types.csv")),
    ("cooperation_areas.csv", include_str!("sample/cooperation_areas.csv")),
    ("nations.csv", include_str!("sample/nations.csv")),
    ("organisations.csv", include_str!("sample/organisations.csv")),
    ("projects.csv", include_str!("sample/projects.csv")),
    ("agreements.csv", include_str!("sample/agreements.csv")),
    ("reviews.csv", include_str!("sample/reviews.csv")),
];

/// Fills a migrated registry with the sample; tells how many records of each file it wrote.
///
/// # Errors
/// Errors of the database.
pub fn load(db: &Db) -> Result<Vec<(String, Report)>> {
    let mut package = Package::default();
    for (name, text) in SAMPLE {
        package.add(name, text.as_bytes().to_vec())?;
    }
    import_package(db, Author::command_line(), &package, Options::default(), |_, _| {})
}
