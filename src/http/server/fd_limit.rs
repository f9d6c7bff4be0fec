//! The limit of open connections that the limit of open files allows (`RLIMIT_NOFILE`): each connection is an open
//! file to the system, and the service needs other files, too.

/// The number of connections that the service may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Capacity {
    /// The limit of connections that are served.
    pub(super) served: usize,
    /// The limit of open connections, with those that are about to be refused. More wait to be accepted: accepting one
    /// without a free file would fail, and actix-server then accepts nothing for half a second.
    pub(super) open: usize,
}

/// The number of files reserved for other uses than connections: databases, past states, exports in progress.
const RESERVED_FDS: u64 = 256;

/// The limit of open connections that are about to be refused.
const MAX_REFUSED: u64 = 256;

impl Capacity {
    /// Returns the capacity of a process that may open `files` files.
    fn of(wanted: usize, files: Option<u64>) -> Self {
        let wanted_files = u64::try_from(wanted).unwrap_or(u64::MAX);
        let files = files.unwrap_or(u64::MAX);
        // Where there are few files a quarter is for connections, and an eighth for those that are refused.
        let served = files.saturating_sub(RESERVED_FDS).max(files / 4).min(wanted_files);
        let open = served.saturating_add(((files - served) / 6).clamp(1, MAX_REFUSED));
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Self { served: number(served), open: number(open) }
    }
}

/// Returns the capacity for the `wanted` connections, or for as many as the system lets this process have. Raises the
/// limit of open files first, as far as the system allows (it begins at 1,024 for the sake of old programs). If files
/// ran out before connections did, the service could not open its other files any more.
pub(super) fn cap_by_nofile(wanted: usize) -> Capacity {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = current != maximum && setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    let files = if raised { maximum } else { current };
    let capacity = Capacity::of(wanted, files);
    if let Some(files) = files
        && capacity.served < wanted
    {
        let served = capacity.served;
        log::warn!("{served} connections at most, not {wanted}: this process may open {files} files (RLIMIT_NOFILE)");
    }
    capacity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_left_for_what_is_no_connection() {
        let of = |wanted, files| {
            let Capacity { served, open } = Capacity::of(wanted, files);
            (served, open)
        };
        assert_eq!(of(16_000, None), (16_000, 16_256));
        assert_eq!(of(16_000, Some(1_048_576)), (16_000, 16_256));
        assert_eq!(of(16_000, Some(1_024)), (768, 810));
        assert_eq!(of(16_000, Some(64)), (16, 24));
        assert_eq!(of(1, Some(64)), (1, 11));
        assert_eq!(of(16_000, Some(0)), (0, 1));
    }
}
