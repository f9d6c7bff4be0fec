//! Folders for a while, in the system's temporary folder (`TMPDIR`): readable to their owner alone, gone with their owner.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A temporary folder. Its name is new each time: what a process left that could not clean up is never taken for one's own.
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
            .map_err(|error| Error::internal(format!("the folder {} cannot be made", path.display()), error))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_goes() {
        let folder = TemporaryFolder::make("test").unwrap();
        let path = folder.path().to_owned();
        std::fs::write(path.join("file"), "x").unwrap();
        drop(folder);
        assert!(!path.exists());
    }
}
