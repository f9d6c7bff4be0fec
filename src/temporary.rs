//! Files and folders for a while, in the system's temporary folder (`TMPDIR`): readable to their owner alone, gone with
//! their owner. That folder can be full, or gone: it is not the registry's, and what needs it works again as soon as it
//! does.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::error::{Error, Result};

/// A temporary folder, which goes with its owner. Its name is new each time: a folder that another process left behind
/// is never taken for one's own.
#[derive(Debug)]
pub struct TempDir(tempfile::TempDir);

impl TempDir {
    /// Makes a folder; its name says what it is for.
    ///
    /// # Errors
    /// Errors of the file system.
    pub fn make(purpose: &str) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        let prefix = format!("partnership-registry-{purpose}-");
        let made = builder.prefix(&prefix).permissions(Permissions::from_mode(0o700)).tempdir();
        Ok(Self(made.map_err(|error| failed(format_args!("a folder {prefix}… cannot be made"), error))?))
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Removes it now, although others still hold it.
    pub fn remove(&self) {
        if let Err(error) = std::fs::remove_dir_all(self.path())
            && error.kind() != std::io::ErrorKind::NotFound
        {
            log::warn!("the folder {} cannot be removed: {error}", self.path().display());
        }
    }

    /// Looks whether a temporary file can be made and written.
    ///
    /// # Errors
    /// The error that keeps it from being made.
    pub fn probe() -> std::io::Result<()> {
        use std::io::Write as _;
        tempfile::tempfile()?.write_all(&[0; 4096])
    }
}

impl Drop for TempDir {
    /// Says in the log when it cannot be removed, as `tempfile` does not.
    fn drop(&mut self) {
        self.remove();
    }
}

/// Turns a failed operation on a temporary file into an error: never a fault of the service's own.
pub fn failed(context: impl std::fmt::Display, error: std::io::Error) -> Error {
    match Error::file(context, error) {
        Error::Internal { context, source } => Error::not_now(context, source),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_file_that_fails_is_no_fault_of_the_service() {
        use std::io::{Error as Io, ErrorKind};
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            assert!(matches!(failed("it", kind.into()), Error::StorageFull), "{kind:?}");
        }
        // ENOENT, EMFILE, ENOSPC.
        for (number, full) in [(2, false), (24, false), (28, true)] {
            match failed("it", Io::from_raw_os_error(number)) {
                Error::StorageFull => assert!(full, "{number}"),
                Error::Unavailable(said) => assert!(!full && !said.contains("it:"), "{number}: {said}"),
                other => panic!("{number}: {other}"),
            }
        }
    }

    #[test]
    fn the_folder_goes() {
        let folder = TempDir::make("test").unwrap();
        let path = folder.path().to_owned();
        std::fs::write(path.join("file"), "x").unwrap();
        drop(folder);
        assert!(!path.exists());
    }
}
