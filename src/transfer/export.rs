//! The whole registry as a folder of CSV files with a `datapackage.json`: one snapshot, the same bytes for the same
//! content. Files are written beside their names and renamed when all are complete, so that a failed export leaves
//! what was there.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::collection_out::write_collection;
use super::datapackage;
use super::import::Progress;
use super::stem::stem;
use super::table::TableFormat;
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::registry::conditions::conditions;
use crate::registry::query::FilterSet;
use crate::registry::{Resource, ResourceVisitor, visit_resources};

/// The files that an export wrote: each file's name and how many records it holds.
pub type Exported = Vec<(String, u64)>;

/// Writes the data package into a folder, which is made where there is none. Files of the same names are replaced,
/// others left alone. Agreements have the status of the day that is asked about. Call it in one read transaction.
///
/// # Errors
/// Errors of the database or the file system; then no file has been replaced.
pub fn export(conn: &mut DbConn, folder: &Path, filter_set: &FilterSet, progress: Progress<'_>) -> Result<Exported> {
    fs::create_dir_all(folder).map_err(|error| Error::file(format!("{} cannot be made", folder.display()), error))?;
    let mut staged = Staged { folder: folder.to_owned(), files: Vec::new() };
    let total = visit_resources(&mut Count { conn, filter_set }).sum::<Result<u64>>()?;
    let mut files = Files { conn, filter_set, staged: &mut staged, progress, total, before: 0 };
    let rows = visit_resources(&mut files).collect::<Result<Exported>>()?;
    let mut description = serde_json::to_vec_pretty(&datapackage::describe())
        .map_err(|error| Error::internal("the description cannot be written as JSON", error))?;
    description.push(b'\n');
    staged.write(datapackage::FILE, |file| {
        file.write_all(&description).map_err(|error| Error::file("datapackage.json cannot be written", error))
    })?;
    staged.keep()?;
    Ok(rows)
}

struct Count<'a> {
    conn: &'a mut DbConn,
    filter_set: &'a FilterSet,
}

impl ResourceVisitor for Count<'_> {
    type Output = Result<u64>;

    fn visit<R: Resource>(&mut self) -> Result<u64> {
        let count = R::count(self.conn, conditions::<R>(self.filter_set))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

struct Files<'a> {
    conn: &'a mut DbConn,
    filter_set: &'a FilterSet,
    staged: &'a mut Staged,
    progress: Progress<'a>,
    total: u64,
    before: u64,
}

impl ResourceVisitor for Files<'_> {
    type Output = Result<(String, u64)>;

    fn visit<R: Resource>(&mut self) -> Result<(String, u64)> {
        let name = format!("{}.csv", stem(R::COLLECTION));
        let (conn, progress) = (&mut *self.conn, &mut *self.progress);
        let (before, total) = (self.before, self.total);
        let rows = self.staged.write(&name, |file| {
            write_collection::<R>(conn, self.filter_set, TableFormat::Csv, file, &mut |rows| {
                progress(before + rows, total)
            })
        })?;
        self.before += rows;
        Ok((name, rows))
    }
}

/// Files under temporary names, which go when they are not kept.
struct Staged {
    folder: PathBuf,
    files: Vec<(PathBuf, PathBuf)>,
}

impl Staged {
    fn write<T>(&mut self, name: &str, write: impl FnOnce(&mut BufWriter<File>) -> Result<T>) -> Result<T> {
        let temporary = self.folder.join(format!(".{name}.{}.part", std::process::id()));
        let failed = |error| Error::file(format!("{} cannot be written", self.folder.join(name).display()), error);
        let mut file = BufWriter::new(File::create(&temporary).map_err(failed)?);
        self.files.push((temporary, self.folder.join(name)));
        let value = write(&mut file)?;
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        Ok(value)
    }

    /// Gives every file its name; the description comes last.
    fn keep(mut self) -> Result<()> {
        for (temporary, name) in std::mem::take(&mut self.files) {
            fs::rename(&temporary, &name)
                .map_err(|error| Error::file(format!("{} cannot be replaced", name.display()), error))?;
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for (temporary, _) in &self.files {
            // A file that cannot be removed is left: the reason of the failed export is reported already.
            let _ = fs::remove_file(temporary);
        }
    }
}
