//! A connection is an open file to the system, and so is much else that the service needs.

/// How many files are kept for what is no connection: databases, past states, exports under way.
#[cfg(unix)]
const OTHERS: u64 = 256;

/// So many connections, or as many as the system lets this process have; it is asked for all that it gives (systems begin
/// with 1,024 for the sake of old programs). Where files run out before connections do, nothing can be opened any more.
#[cfg(unix)]
pub(super) fn room(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = current != maximum && setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    let Some(files) = (if raised { maximum } else { current }) else { return wanted };
    let most = usize::try_from(files.saturating_sub(OTHERS).max(files / 2)).unwrap_or(usize::MAX);
    if most < wanted {
        log::warn!("{most} connections at most, not {wanted}: this process may open {files} files (RLIMIT_NOFILE)");
    }
    most.min(wanted)
}

#[cfg(not(unix))]
pub(super) fn room(wanted: usize) -> usize {
    wanted
}
