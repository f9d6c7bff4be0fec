//! The times at which the provider's keys are read again.

use std::time::Duration;

/// The times between two requests to a provider for its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshPolicy {
    /// The shortest time between two readings after the first one.
    pub reread: Duration,
    /// The same as long as there are no keys at all.
    pub retry: Duration,
    /// The age at which keys are read again though all are known.
    pub fresh: Duration,
    /// The age beyond which keys are not believed any more, when the provider cannot be asked.
    pub stale: Duration,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            reread: Duration::from_mins(1),
            retry: Duration::from_secs(5),
            fresh: Duration::from_mins(10),
            stale: Duration::from_hours(24),
        }
    }
}
