//! How many connections there are, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::files::room;
use crate::auth::address_key;
use crate::config::ServeConfig;
use crate::http::traffic::Traffic;
use crate::measure::Present;
use crate::values::Network;

/// How often the log tells of connections that were turned away.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Everybody who is connected.
#[derive(Clone, Debug)]
pub(super) struct Crowd(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    most_of_one: usize,
    /// Who may have any number of connections: proxies, which bring those of many, and the machine itself.
    many: Vec<Network>,
    here: Mutex<Here>,
    traffic: Traffic,
}

#[derive(Debug, Default)]
struct Here {
    all: usize,
    by_address: HashMap<String, usize>,
    turned_away: u64,
    told: Option<Instant>,
}

impl Crowd {
    pub(super) fn new(config: &ServeConfig, traffic: Traffic) -> Self {
        let most = room(config.max_connections);
        Self(Arc::new(Inner {
            most,
            most_of_one: config.max_connections_per_address.unwrap_or(most.div_ceil(2)),
            many: [config.trusted_proxies.as_slice(), &config.own_addresses].concat(),
            here: Mutex::default(),
            traffic,
        }))
    }

    /// A place for one more connection from this address, if there is one.
    pub(super) fn enter(&self, address: IpAddr) -> Option<Place> {
        let counts = !self.0.many.iter().any(|network| network.contains(address));
        let address = counts.then(|| address_key(Some(address)));
        let mut here = self.here();
        let of_one = address.as_ref().and_then(|address| here.by_address.get(address)).copied().unwrap_or_default();
        if here.all >= self.0.most || of_one >= self.0.most_of_one {
            here.turned_away += 1;
            self.0.traffic.refuse();
            here.tell(address.as_deref().filter(|_| of_one >= self.0.most_of_one));
            return None;
        }
        here.all += 1;
        if let Some(address) = &address {
            here.by_address.insert(address.clone(), of_one + 1);
        }
        drop(here);
        let present = self.0.traffic.connections.enter();
        Some(Place { crowd: self.clone(), address, _present: present })
    }

    fn here(&self) -> MutexGuard<'_, Here> {
        self.0.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Here {
    /// Says once in a while how many were turned away since it was last said.
    fn tell(&mut self, address: Option<&str>) {
        if self.told.is_some_and(|told| told.elapsed() < TOLD_EVERY) {
            return;
        }
        let why = address.map_or_else(|| "in all".to_owned(), |address| format!("from {address}"));
        log::warn!("{} connections turned away: there are as many {why} as may be", self.turned_away);
        (self.told, self.turned_away) = (Some(Instant::now()), 0);
    }
}

/// The place of a connection, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Crowd,
    address: Option<String>,
    _present: Present,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut here = self.crowd.here();
        here.all = here.all.saturating_sub(1);
        let Some(address) = &self.address else { return };
        match here.by_address.get_mut(address) {
            Some(count) if *count > 1 => *count -= 1,
            // Who has none is not remembered, or the addresses of a year would be.
            _ => drop(here.by_address.remove(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(most: usize, most_of_one: usize) -> Crowd {
        let mut config = ServeConfig::new(([127, 0, 0, 1], 0).into(), ".".into());
        (config.max_connections, config.max_connections_per_address) = (most, Some(most_of_one));
        config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        Crowd::new(&config, Traffic::default())
    }

    fn enter(crowd: &Crowd, address: &str) -> Option<Place> {
        crowd.enter(address.parse().unwrap())
    }

    #[test]
    fn one_address_leaves_room_for_others_and_places_come_free() {
        let crowd = crowd(6, 2);
        let mut first = vec![enter(&crowd, "192.0.2.1").unwrap(), enter(&crowd, "::ffff:192.0.2.1").unwrap()];
        assert!(enter(&crowd, "192.0.2.1").is_none());
        let _others = [enter(&crowd, "2001:db8::1").unwrap(), enter(&crowd, "2001:db8::2").unwrap()];
        assert!(enter(&crowd, "2001:db8::3").is_none(), "one customer");
        let _another = enter(&crowd, "2001:db8:0:1::1").unwrap();
        first.pop();
        let _again = enter(&crowd, "192.0.2.1").unwrap();
        assert!(enter(&crowd, "192.0.2.1").is_none());
    }

    #[test]
    fn a_proxy_and_the_machine_itself_are_many_and_nobody_is_all() {
        let crowd = crowd(5, 1);
        let places: Vec<Place> =
            ["10.0.0.1", "10.0.0.1", "127.0.0.1", "127.0.0.1", "::1"].map(|from| enter(&crowd, from).unwrap()).into();
        assert!(enter(&crowd, "192.0.2.1").is_none() && enter(&crowd, "127.0.0.1").is_none());
        drop(places);
        assert!(enter(&crowd, "192.0.2.1").is_some());
        // One lock at a time: two in one expression would wait for each other for ever.
        let here = crowd.here();
        assert_eq!((here.all, here.by_address.len()), (0, 0), "nothing is left of those who went");
    }
}
