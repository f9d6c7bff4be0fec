//! The limits on open connections, in total and per client address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::fd_limit::{Capacity, cap_by_nofile};
use crate::auth::address_key;
use crate::config::ServeConfig;
use crate::http::server::traffic::Traffic;
use crate::measure::GaugeGuard;
use crate::values::Network;

/// The time between two log lines about refused connections.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// Counts open connections, in total and per client address.
#[derive(Clone, Debug)]
pub(super) struct ConnectionLimiter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    max_total: usize,
    /// The limit of open connections, with those that are about to be refused.
    open: usize,
    max_per_ip: usize,
    /// The addresses without a limit on connections: proxies, which bring those of many, and the machine itself.
    exempt: Vec<Network>,
    counts: Mutex<Counts>,
    traffic: Traffic,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_address: HashMap<String, usize>,
    rejected: u64,
    last_logged: Option<Instant>,
}

impl ConnectionLimiter {
    pub(super) fn new(config: &ServeConfig, traffic: Traffic) -> Self {
        let Capacity { served: max_total, open } = cap_by_nofile(config.max_connections);
        Self(Arc::new(Inner {
            max_total,
            open,
            max_per_ip: config.max_connections_per_address.unwrap_or(max_total.div_ceil(2)),
            exempt: [config.trusted_proxies.as_slice(), &config.own_addresses].concat(),
            counts: Mutex::default(),
            traffic,
        }))
    }

    /// Returns the limit of open connections, with those that are about to be refused.
    pub(super) fn open(&self) -> usize {
        self.0.open
    }

    /// Takes a permit for one more connection from this address; `None` when a limit is reached.
    pub(super) fn try_acquire(&self, address: IpAddr) -> Option<ConnectionPermit> {
        let is_limited = !self.0.exempt.iter().any(|network| network.contains(address));
        let address = is_limited.then(|| address_key(Some(address)));
        let mut counts = self.counts();
        let of_one = address.as_ref().and_then(|address| counts.by_address.get(address)).copied().unwrap_or_default();
        if counts.all >= self.0.max_total || of_one >= self.0.max_per_ip {
            counts.rejected += 1;
            self.0.traffic.refuse();
            counts.log_rejections(address.as_deref().filter(|_| of_one >= self.0.max_per_ip));
            return None;
        }
        counts.all += 1;
        if let Some(address) = &address {
            counts.by_address.insert(address.clone(), of_one + 1);
        }
        drop(counts);
        let present = self.0.traffic.connections.increment();
        Some(ConnectionPermit { limiter: self.clone(), address, _present: present })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// Logs the number of refused connections since the last such line, at most once in [`LOG_INTERVAL`].
    fn log_rejections(&mut self, address: Option<&str>) {
        if self.last_logged.is_some_and(|last_logged| last_logged.elapsed() < LOG_INTERVAL) {
            return;
        }
        let why = address.map_or_else(|| "in all".to_owned(), |address| format!("from {address}"));
        log::warn!("{} connections turned away: there are as many {why} as may be", self.rejected);
        (self.last_logged, self.rejected) = (Some(Instant::now()), 0);
    }
}

/// The permit of a connection, released on drop.
#[derive(Debug)]
pub(super) struct ConnectionPermit {
    limiter: ConnectionLimiter,
    address: Option<String>,
    _present: GaugeGuard,
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut counts = self.limiter.counts();
        counts.all = counts.all.saturating_sub(1);
        let Some(address) = &self.address else { return };
        match counts.by_address.get_mut(address) {
            Some(count) if *count > 1 => *count -= 1,
            // An address without connections is removed, so that the map does not grow for ever.
            _ => drop(counts.by_address.remove(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(max_total: usize, max_per_ip: usize) -> ConnectionLimiter {
        let mut config = ServeConfig::new(([127, 0, 0, 1], 0).into(), ".".into()).unwrap();
        (config.max_connections, config.max_connections_per_address) = (max_total, Some(max_per_ip));
        config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        ConnectionLimiter::new(&config, Traffic::default())
    }

    fn try_acquire(limiter: &ConnectionLimiter, address: &str) -> Option<ConnectionPermit> {
        limiter.try_acquire(address.parse().unwrap())
    }

    #[test]
    fn one_address_leaves_connections_to_others_and_permits_are_released() {
        let limiter = limiter(6, 2);
        let mut first =
            vec![try_acquire(&limiter, "192.0.2.1").unwrap(), try_acquire(&limiter, "::ffff:192.0.2.1").unwrap()];
        assert!(try_acquire(&limiter, "192.0.2.1").is_none());
        let _others = [try_acquire(&limiter, "2001:db8::1").unwrap(), try_acquire(&limiter, "2001:db8::2").unwrap()];
        assert!(try_acquire(&limiter, "2001:db8::3").is_none(), "one customer");
        let _another = try_acquire(&limiter, "2001:db8:0:1::1").unwrap();
        first.pop();
        let _again = try_acquire(&limiter, "192.0.2.1").unwrap();
        assert!(try_acquire(&limiter, "192.0.2.1").is_none());
    }

    #[test]
    fn trusted_proxies_and_loopback_bypass_the_per_ip_limit() {
        let limiter = limiter(5, 1);
        let permits: Vec<ConnectionPermit> = ["10.0.0.1", "10.0.0.1", "127.0.0.1", "127.0.0.1", "::1"]
            .map(|from| try_acquire(&limiter, from).unwrap())
            .into();
        assert!(try_acquire(&limiter, "192.0.2.1").is_none() && try_acquire(&limiter, "127.0.0.1").is_none());
        drop(permits);
        assert!(try_acquire(&limiter, "192.0.2.1").is_some());
        // One lock at a time: two in one expression would wait for each other for ever.
        let counts = limiter.counts();
        assert_eq!((counts.all, counts.by_address.len()), (0, 0), "nothing is left of those who went");
    }
}
