//! SQLite's file: made once, then opened by SQLite alone. By POSIX a process that closes any descriptor of a file loses
//! all its locks on it, those of SQLite too. The next program that closes the database then believes to be the last
//! one, and deletes the write-ahead log under the service (rules.md 11a). So nothing here, and nothing elsewhere in
//! this program, opens a database file, its `-wal` or its `-shm`; what has to be known of them is asked by path.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Makes the file, readable to its owner alone, where there is none: SQLite itself would follow the umask. It gives the
/// files beside it the same mode. One that is there is not touched, and not opened.
pub(super) fn create(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::file(format!("the database file {} cannot be made", path.display()), error)),
    }
}

/// Returns the address of a file for SQLite, <https://sqlite.org/uri.html>: what is neither letter nor digit could mean
/// something else there. `query` says how it is opened.
pub(super) fn address(path: &Path, query: &str) -> String {
    const ESCAPED: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-');
    let shown = path.to_string_lossy();
    // Two slashes begin the name of a host, which is empty here.
    let host = if path.is_absolute() { "//" } else { "" };
    format!("file:{host}{}?{query}", percent_encoding::utf8_percent_encode(&shown, ESCAPED))
}

/// Returns the write-ahead log of a database file.
pub(super) fn wal(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Watches that the database file and its write-ahead log are still those that this process has open. Where another
/// program has deleted or replaced one of them, SQLite goes on without an error, in files that no process can ever
/// read again.
#[derive(Debug)]
pub(super) struct Watch {
    files: Vec<(PathBuf, Identity)>,
}

/// The identity of a file: it tells a file from another one of the same name.
type Identity = Option<(u64, u64)>;

impl Watch {
    /// Notes down which files they are. A connection must have read from the database before: then its log is there,
    /// and no process may delete it as long as the connection lives.
    pub(super) fn begin(path: &Path) -> Self {
        let files = [path.to_owned(), wal(path)];
        Self { files: files.into_iter().map(|file| (file.clone(), identity(&file))).collect() }
    }

    /// Returns the first file that is not what it was, and what became of it.
    pub(super) fn lost(&self) -> Option<String> {
        self.files.iter().find_map(|(file, seen)| {
            let now = identity(file);
            let fate = if now.is_none() { "deleted" } else { "replaced" };
            (now != *seen).then(|| format!("{} has been {fate} by another program", file.display()))
        })
    }
}

fn identity(path: &Path) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_for_its_owner_alone_and_never_twice() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.db");
        create(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, "kept").unwrap();
        create(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"kept");
        create(&folder.path().join("nowhere/registry.db")).unwrap_err();
    }

    #[test]
    fn an_address_says_the_path_and_nothing_else() {
        assert_eq!(address(Path::new("registry.db"), "mode=rw"), "file:registry.db?mode=rw");
        assert_eq!(address(Path::new("/srv/a?b#c%.db"), "mode=ro"), "file:///srv/a%3Fb%23c%25.db?mode=ro");
        assert_eq!(address(Path::new("//srv/r.db"), "mode=rw"), "file:////srv/r.db?mode=rw");
    }

    #[test]
    fn a_file_that_was_deleted_or_replaced_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.db");
        let log = wal(&path);
        std::fs::write(&path, "").unwrap();
        std::fs::write(&log, "").unwrap();
        let watch = Watch::begin(&path);
        std::fs::write(&log, "more of it").unwrap();
        assert_eq!(watch.lost(), None);
        std::fs::rename(&log, folder.path().join("away")).unwrap();
        assert_eq!(watch.lost().unwrap(), format!("{} has been deleted by another program", log.display()));
        std::fs::write(&log, "").unwrap();
        assert_eq!(watch.lost().unwrap(), format!("{} has been replaced by another program", log.display()));
        std::fs::rename(folder.path().join("away"), &log).unwrap();
        assert_eq!(watch.lost(), None);
        std::fs::rename(&path, folder.path().join("away")).unwrap();
        assert!(watch.lost().unwrap().starts_with(&format!("{} has been deleted", path.display())));
    }
}
