//! Files that hold secrets, readable to their owner alone.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Error, Result};

/// The least length of a secret, in bytes (rules.md 18).
const SECRET: usize = 32;

/// Reads the secret in `<data_dir>/keys/<name>`, and makes it where there is none.
///
/// # Errors
/// [`Error::Internal`] when it can be neither read nor made.
pub(crate) fn secret(data_dir: &Path, name: &str) -> Result<Vec<u8>> {
    let directory = data_dir.join("keys");
    make_directory(&directory)?;
    let path = directory.join(name);
    let failed = |why: String| Error::internal(format!("the secret {}", path.display()), why);
    if !path.exists() {
        let mut secret = [0_u8; SECRET];
        aws_lc_rs::rand::fill(&mut secret).map_err(|error| failed(error.to_string()))?;
        write_new(&path, URL_SAFE_NO_PAD.encode(secret).as_bytes()).map_err(|error| failed(error.to_string()))?;
    }
    restrict_permissions(&path);
    let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
    let secret = URL_SAFE_NO_PAD.decode(text.trim_end()).ok().filter(|secret| secret.len() >= SECRET);
    secret.ok_or_else(|| failed(format!("is not {SECRET} bytes in base64url: delete it, and a new one is made")))
}

/// Makes a folder that only its owner may read, unless it is there already.
///
/// # Errors
/// [`Error::Internal`] when it cannot be made.
pub(crate) fn make_directory(directory: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(directory)
        .map_err(|error| Error::internal(format!("the directory {} cannot be made", directory.display()), error))
}

/// Writes a file whole, or leaves no trace of it: a reader sees all of it. One that is there already stays, and
/// is as good: of instances that start at once one makes it, and all read the same.
///
/// # Errors
/// Why it cannot be written.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let directory = path.parent().unwrap_or(Path::new("."));
    // Such a file is its owner's alone.
    let mut draft = tempfile::Builder::new().prefix(".new-").tempfile_in(directory)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(path) {
        Ok(_) => {}
        Err(there) if there.error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(other) => return Err(other.error),
    }
    std::fs::File::open(directory)?.sync_all()?;
    Ok(())
}

/// Takes a file away from others who could read it: copies and restored backups often lose their mode.
pub(crate) fn restrict_permissions(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let open = std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0);
    if open {
        log::warn!("the key file {} was open to others; it is not any more", path.display());
        if let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)) {
            log::error!("the key file {} stays open to others: {error}", path.display());
        }
    }
}
