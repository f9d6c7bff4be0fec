//! The settings of webhooks: where they may go, and how patient the service is.

use std::time::Duration;

use super::target::Allowed;

/// Where webhooks may go, and how often what fails is tried again.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The receivers that the operator allows; without any, webhooks are off.
    pub allowed: Vec<Allowed>,
    /// How patient the service is.
    pub pace: Pace,
}

/// How patient the service is with a receiver.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long one request may take, all in all.
    pub deadline: Duration,
    /// How long to wait after the first failure, at most; twice as long after each one that follows.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// After how long without a success it is given up.
    pub give_up: Duration,
    /// How often what other processes have written, and what is to be tried again, is looked for.
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
