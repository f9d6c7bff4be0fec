//! The file systems on which SQLite's file may be. Over a network neither its locks nor its syncs work: the file is
//! damaged sooner or later, with nothing to be seen before that (rules.md 4).

use std::path::Path;

use crate::error::{Error, Result};

/// A kind of file system: SQLite can rely on some and not on others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// As far as is known.
    Local,
    /// It depends on what is behind it.
    Unclear(&'static str),
    OverANetwork(&'static str),
}

impl Kind {
    /// Returns the kind by the number that statfs(2) tells.
    fn of(number: u32) -> Self {
        match number {
            0x6969 => Self::OverANetwork("NFS"),
            0x517B => Self::OverANetwork("SMB"),
            0xFF53_4D42 => Self::OverANetwork("CIFS"),
            0xFE53_4D42 => Self::OverANetwork("SMB 2"),
            0x00C3_6400 => Self::OverANetwork("Ceph"),
            0x5346_414F => Self::OverANetwork("AFS"),
            0x0BD0_0BD0 => Self::OverANetwork("Lustre"),
            0x4750_4653 => Self::OverANetwork("GPFS"),
            // How virtual machines and sandboxes reach their host's disk: SQLite itself refuses where it has no shared
            // memory.
            0x0102_1997 => Self::Unclear("9P"),
            0x6573_5546 => Self::Unclear("FUSE"),
            _ => Self::Local,
        }
    }

    fn check(self, path: &Path) -> Result<()> {
        let shown = path.display();
        match self {
            Self::Local => Ok(()),
            Self::Unclear(name) => {
                log::warn!("the database file {shown} is on {name}: it is safe only where a local disk is behind that");
                Ok(())
            }
            Self::OverANetwork(name) => Err(Error::internal(
                format!("the database file {shown} cannot be used"),
                format!(
                    "it is on {name}, a file system over a network, where SQLite is not safe: use a local disk, or PostgreSQL"
                ),
            )),
        }
    }
}

/// Refuses a file on a file system over a network.
///
/// # Errors
/// Then, and when the file system cannot be asked.
#[cfg(target_os = "linux")]
pub(super) fn refuse_network(path: &Path) -> Result<()> {
    let found = rustix::fs::statfs(path)
        .map_err(|error| Error::internal(format!("the file system of {} cannot be asked", path.display()), error))?;
    // Whatever its type is here, the number has 32 bits.
    Kind::of(found.f_type as u32).check(path)
}

/// Returns the number of bytes that this user may still write to the file system of a folder, if it is known.
#[cfg(target_os = "linux")]
pub(super) fn free_space(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

/// Returns `None`: the free space is read on Linux only.
#[cfg(not(target_os = "linux"))]
pub(super) fn free_space(_: &Path) -> Option<u64> {
    None
}

/// Refuses nothing: file systems are checked on Linux only.
#[cfg(not(target_os = "linux"))]
pub(super) fn refuse_network(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_over_a_network_is_refused() {
        let path = Path::new("/srv/registry.db");
        for number in [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x00C3_6400, 0x5346_414F, 0x0BD0_0BD0] {
            let refused = Kind::of(number).check(path).unwrap_err().to_string();
            assert!(refused.contains("/srv/registry.db") && refused.contains("over a network"), "{refused}");
        }
        for unclear in [0x6573_5546, 0x0102_1997] {
            assert!(Kind::of(unclear).check(path).is_ok(), "FUSE and 9P may be anything");
        }
        for (name, number) in [("ext4", 0xEF53), ("xfs", 0x5846_5342), ("btrfs", 0x9123_683E), ("tmpfs", 0x0102_1994)] {
            assert_eq!(Kind::of(number), Kind::Local, "{name}");
        }
    }

    #[test]
    fn a_local_folder_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        refuse_network(folder.path()).unwrap();
        refuse_network(&folder.path().join("nothing")).unwrap_err();
    }
}
