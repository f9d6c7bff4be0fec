//! Many records written at once, all or nothing, with the first defects reported.
//!
//! Files are read twice, row by row, so that memory does not grow with the number of rows. [`Prepared::add`] reads
//! a file without a lock: it finds what is wrong with the rows themselves and notes their codes. [`Prepared::apply`]
//! reads it again in a transaction: it checks what depends on other records, and writes. References are asked for in
//! sets; rows may refer to rows that come with them, in any order.

mod codes;
mod file;
mod known;
mod options;
mod report;
mod row;

pub use options::{Mode, Options};
pub use report::{FieldReport, Report};

use file::{File, Loaded};
use known::Known;
use options::Defects;

use super::source::Source;
use crate::error::{Error, Result};
use crate::registry::{Resource, Tx};

/// Gets the number of rows that are done, and the number of all rows.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Files that have been read once, ready to be checked against the registry and written.
pub struct Prepared {
    options: Options,
    files: Vec<Box<dyn File>>,
    known: Known,
    /// True if a row was found to be wrong: then nothing will be written.
    wrong: bool,
}

impl Prepared {
    /// Nothing yet.
    pub fn new(options: Options) -> Self {
        Self { options, files: Vec::new(), known: Known::default(), wrong: false }
    }

    /// Reads the rows of a file. Files are added in the order of [`crate::registry::RESOURCES`]. `name` is
    /// in the file's defects. Reading ends soon after the last defect that is reported.
    pub fn add<R: Resource>(&mut self, name: Option<&str>, source: Source) {
        let (file, scan) = Loaded::<R>::read(name, source, self.options);
        self.wrong |= scan.wrong;
        self.known.also_created.insert(R::COLLECTION, scan.codes);
        if scan.unread {
            self.known.unread.insert(R::COLLECTION);
        }
        self.files.push(Box::new(file));
    }

    /// Checks what depends on other records, and writes; tells what it did with each file.
    ///
    /// # Errors
    /// [`Error::Import`] with the first defects, in the order of files and lines; then nothing is written.
    pub fn apply(self, tx: &mut Tx<'_>, progress: Progress<'_>) -> Result<Vec<(Option<String>, Report)>> {
        let Self { files, mut known, wrong, .. } = self;
        let total = files.iter().map(|file| file.count()).sum();
        let (mut defects, mut before) = (Defects::default(), 0);
        let mut reports = Vec::with_capacity(files.len());
        for file in files {
            let name = file.name();
            let mut done = |rows| progress(before + rows, total);
            let report = file.write(tx, wrong, &mut known, &mut defects, &mut done)?;
            if defects.more {
                break;
            }
            before += report.rows;
            reports.push((name, report));
        }
        match defects {
            Defects { first, more } if !first.is_empty() => Err(Error::Import { defects: first, more }),
            // A row that was wrong when it was read is still wrong.
            _ if wrong => Err(Error::internal("an import was refused", "its defects were not found again")),
            _ => Ok(reports),
        }
    }
}
