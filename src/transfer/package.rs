//! A folder of files, one a collection, or one such file: what `export` writes and `import` reads.

use std::path::Path;

use super::datapackage;
use super::import::{Options, Prepared, Report};
use super::rows::Format;
use super::source::Source;
use super::stem::stem;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::registry::{Author, Resource, ResourceInfo, ResourceVisitor, visit_resources, write_batch_blocking};

/// Files to import, each into the collection that its name says.
#[derive(Debug, Default)]
pub struct Package {
    files: Vec<File>,
    /// Files whose name is of no collection; they are ignored.
    pub ignored: Vec<String>,
}

#[derive(Debug)]
struct File {
    name: String,
    collection: &'static str,
    source: Source,
}

/// Recognises a file by its name.
fn recognise(name: &str) -> Option<(&'static str, Format)> {
    let (base, extension) = name.rsplit_once('.')?;
    let format = Format::of_extension(extension)?;
    let base = base.to_ascii_lowercase().replace('_', "-");
    let kind = ResourceInfo::find(&base)?;
    Some((kind.collection, format))
}

fn names() -> String {
    ResourceInfo::collections().map(|collection| format!("{}.csv", stem(collection))).collect::<Vec<_>>().join(", ")
}

impl Package {
    /// Opens a file, or all files of a folder.
    ///
    /// # Errors
    /// [`Error::BadRequest`] when it cannot be read or holds nothing to import, with the names that are wanted.
    pub fn open(path: &Path) -> Result<Self> {
        let unreadable = |path: &Path, error: &std::io::Error| {
            Error::bad_request(format!("{} cannot be read: {error}", path.display()))
        };
        let meta = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        let mut paths = Vec::new();
        if meta.is_dir() {
            for entry in std::fs::read_dir(path).map_err(|error| unreadable(path, &error))? {
                paths.push(entry.map_err(|error| unreadable(path, &error))?.path());
            }
            paths.retain(|path| path.is_file());
            paths.sort();
        } else {
            paths.push(path.to_owned());
        }
        let mut package = Self::default();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if recognise(&name).is_none() {
                if !(meta.is_dir() && name == datapackage::FILE) {
                    package.ignored.push(name);
                }
                continue;
            }
            let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            package.add(&name, bytes)?;
        }
        if package.files.is_empty() {
            let detail = format!("{}: there is nothing to import; the names of files are {}", path.display(), names());
            return Err(Error::bad_request(detail));
        }
        Ok(package)
    }

    /// Adds a file by its name.
    ///
    /// # Errors
    /// [`Error::BadRequest`] when its name says no collection, or one that another file holds already; as
    /// [`Source::open`].
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let Some((collection, format)) = recognise(name) else {
            let wanted = names();
            return Err(Error::bad_request(format!("{name}: the name is of no collection; the names are {wanted}")));
        };
        if let Some(other) = self.files.iter().find(|file| file.collection == collection) {
            let detail =
                format!("{} and {name} hold the same collection: only one of them can be imported", other.name);
            return Err(Error::bad_request(detail));
        }
        self.files.push(File { name: name.to_owned(), collection, source: Source::open(format, bytes)? });
        Ok(())
    }

    /// Reads the files, each kind after those it refers to.
    pub fn prepare(&self, options: Options) -> Prepared {
        struct Add<'a>(&'a Package, Prepared);
        impl ResourceVisitor for Add<'_> {
            type Output = ();

            fn visit<R: Resource>(&mut self) {
                for file in self.0.files.iter().filter(|file| file.collection == R::COLLECTION) {
                    self.1.add::<R>(Some(&file.name), file.source.clone());
                }
            }
        }
        let mut add = Add(self, Prepared::new(options));
        visit_resources(&mut add).for_each(drop);
        add.1
    }
}

/// Imports a package in one transaction and one batch; tells what it did with each file.
///
/// # Errors
/// [`Error::Import`] with the first defects of all files; then nothing is written.
pub fn import_package(
    db: &Db,
    author: Author,
    package: &Package,
    options: Options,
    mut progress: impl FnMut(u64, u64) + Send + 'static,
) -> Result<Vec<(String, Report)>> {
    let prepared = package.prepare(options);
    let reports = write_batch_blocking(db, author, move |tx| prepared.apply(tx, &mut progress))?;
    Ok(reports.into_iter().map(|(name, report)| (name.unwrap_or_default(), report)).collect())
}
