//! A connection is an open file to the system, and so is much else that the service needs.

/// How many connections there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Capacity {
    /// How many are served.
    pub(super) served: usize,
    /// How many are open at most, with those that are about to be turned away. More wait to be accepted: to accept them
    /// without a file to be had would fail, and actix-server then accepts nothing for half a second.
    pub(super) open: usize,
}

/// How many files are kept for what is no connection: databases, past states, exports under way.
const RESERVED_FDS: u64 = 256;

/// How many connections are open at most that are about to be turned away.
const TURNED_AWAY: u64 = 256;

impl Capacity {
    /// That of a process which may open so many files.
    fn of(wanted: usize, files: Option<u64>) -> Self {
        let wanted_files = u64::try_from(wanted).unwrap_or(u64::MAX);
        let files = files.unwrap_or(u64::MAX);
        // Where there are few files a quarter is for connections, and an eighth for those that are turned away.
        let served = files.saturating_sub(RESERVED_FDS).max(files / 4).min(wanted_files);
        let open = served.saturating_add(((files - served) / 6).clamp(1, TURNED_AWAY));
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Self { served: number(served), open: number(open) }
    }
}

/// So many connections, or as many as the system lets this process have; it is asked for all that it gives (systems
/// begin with 1,024 for the sake of old programs). Where files run out before connections do, nothing can be opened
/// any more.
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
