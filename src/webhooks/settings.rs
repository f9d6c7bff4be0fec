//! The settings of webhooks: where they may go, and how patient the service is.

use std::time::Duration;

use super::target::Allowed;

/// The receivers that webhooks may have, and the times of retries.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The receivers that the operator allows; without any, webhooks are off.
    pub allowed: Vec<Allowed>,
    /// The time limits and the retries.
    pub pace: Pace,
}

/// The time limits and the retries for a receiver.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The longest time of one request, all in all.
    pub deadline: Duration,
    /// The longest wait after the first failure; twice as long after each one that follows.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// The time without a success after which it is given up.
    pub give_up: Duration,
    /// The time between two looks for the changes of other processes and for deliveries to retry.
    pub tick: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(15),
            first: Duration::from_secs(5),
            longest: Duration::from_secs(3_600),
            give_up: Duration::from_secs(5 * 24 * 3_600),
            tick: Duration::from_secs(1),
        }
    }
}
