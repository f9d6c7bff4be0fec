//! Files and folders for a while, in the system's temporary folder (`TMPDIR`): readable to their owner alone, gone with
//! their owner. That folder can be full, or gone: it is not the registry's, and what needs it works again as soon as it
//! does.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A temporary folder. Its name is new each time: what a process left that could not clean up is never taken for one's
/// own.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes a folder; its name says what it is for.
    ///
    /// # Errors
    /// What the file system says.
    pub fn make(purpose: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("partnership-registry-{purpose}-{}", uuid::Uuid::now_v7()));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&path)
            .map_err(|error| failed(format_args!("the folder {} cannot be made", path.display()), error))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Removes it now, whoever else holds it.
    pub fn remove(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            log::warn!("the folder {} cannot be removed: {error}", self.0.display());
        }
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        self.remove();
    }
}

/// What a failed operation on a temporary file is: never a fault of the service's own.
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
        let folder = TemporaryFolder::make("test").unwrap();
        let path = folder.path().to_owned();
        std::fs::write(path.join("file"), "x").unwrap();
        drop(folder);
        assert!(!path.exists());
    }
}
