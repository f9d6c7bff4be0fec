//! Counts of requests and connections, for the metrics. A request is counted by the pattern of its route, never by its
//! path: there are as many numbers as there are routes, whatever clients ask for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use actix_web::http::{Method, StatusCode};

use crate::measure::{Distribution, Gauge, Histogram};

/// The methods that are counted separately.
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
/// The name of all others: a method is whatever word a client sends.
const OTHER: &str = "other";
/// The route of a request that no route is for.
const UNMATCHED: &str = "none";
/// The first status that there is, and how many there are.
const FIRST_STATUS: u16 = 100;
const STATUSES: usize = 500;
/// The bounds between which durations are counted, in microseconds: 0.25 ms to 10 s.
const DURATIONS: [u64; 15] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
];

/// The counters since the service started. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    routes: Arc<RwLock<BTreeMap<String, Route>>>,
    /// The requests that are being answered now.
    pub(in crate::http) requests: Gauge,
    /// The connections that there are now.
    pub(in crate::http) connections: Gauge,
    refused: Arc<AtomicU64>,
}

/// The numbers of one route.
#[derive(Debug)]
struct Route {
    /// For each method that was ever used, and for the others together, how often each status was answered.
    statuses: [OnceLock<Box<[AtomicU64]>>; METHODS.len() + 1],
    /// The durations of answers, in microseconds.
    durations: Histogram,
}

/// The number of times that a route answered a method with a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The pattern of the route.
    pub route: String,
    /// The method.
    pub method: &'static str,
    /// The status.
    pub status: u16,
    /// The number of times.
    pub count: u64,
}

impl Traffic {
    /// Counts a request that has been answered, up to the head of its answer.
    pub(in crate::http) fn count(&self, pattern: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        let pattern = pattern.unwrap_or(UNMATCHED);
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = routes.get(pattern) {
            return route.count(method, status, took);
        }
        drop(routes);
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        routes.entry(pattern.to_owned()).or_default().count(method, status, took);
    }

    /// Counts a connection that was closed as it came.
    pub(in crate::http) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of connections that were refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Returns the number of connections now.
    pub fn connections_now(&self) -> usize {
        self.connections.now()
    }

    /// Returns the number of requests that are being answered now, until the last byte of their answers.
    pub fn requests_now(&self) -> usize {
        self.requests.now()
    }

    /// Returns every answer so far.
    pub fn answers(&self) -> Vec<Answers> {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let of_route = |(pattern, route): (&String, &Route)| {
            let answers = route.answers();
            let named =
                answers.map(|(method, status, count)| Answers { route: pattern.clone(), method, status, count });
            named.collect::<Vec<_>>()
        };
        routes.iter().flat_map(of_route).collect()
    }

    /// Returns the durations of the answers of each route, in microseconds.
    pub fn durations(&self) -> Vec<(String, Distribution)> {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        routes.iter().map(|(pattern, route)| (pattern.clone(), route.durations.read())).collect()
    }
}

impl Default for Route {
    fn default() -> Self {
        Self { statuses: Default::default(), durations: Histogram::new(&DURATIONS) }
    }
}

impl Route {
    fn count(&self, method: &Method, status: StatusCode, took: Duration) {
        let method = METHODS.iter().position(|known| known == method).unwrap_or(METHODS.len());
        let none = || std::iter::repeat_with(AtomicU64::default).take(STATUSES).collect();
        let statuses = self.statuses.get(method).map(|statuses| statuses.get_or_init(none));
        let place = usize::from(status.as_u16().saturating_sub(FIRST_STATUS));
        if let Some(count) = statuses.and_then(|statuses| statuses.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.durations.observe(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    fn answers(&self) -> impl Iterator<Item = (&'static str, u16, u64)> {
        let names = KNOWN.iter().copied().chain([OTHER]);
        names.zip(&self.statuses).flat_map(|(method, statuses)| {
            let counts = statuses.get().into_iter().flatten().map(|count| count.load(Ordering::Relaxed));
            (FIRST_STATUS..)
                .zip(counts)
                .filter(|(_, count)| *count > 0)
                .map(move |(status, count)| (method, status, count))
        })
    }
}

/// The names of [`METHODS`].
const KNOWN: [&str; METHODS.len()] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

#[cfg(test)]
mod tests {
    use super::*;

    fn count(traffic: &Traffic, pattern: Option<&str>, method: &Method, status: u16) {
        traffic.count(pattern, method, StatusCode::from_u16(status).unwrap(), Duration::from_millis(1));
    }

    #[test]
    fn each_method_has_its_name() {
        assert_eq!(METHODS.map(|method| method.to_string()), KNOWN);
    }

    #[test]
    fn requests_are_counted_by_route_method_and_status() {
        let traffic = Traffic::default();
        for (method, status) in [(Method::GET, 200), (Method::GET, 200), (Method::GET, 304), (Method::DELETE, 204)] {
            count(&traffic, Some("/a/{b}"), &method, status);
        }
        let answer = |method, status, count| Answers { route: "/a/{b}".to_owned(), method, status, count };
        assert_eq!(traffic.answers(), [answer("GET", 200, 2), answer("GET", 304, 1), answer("DELETE", 204, 1)]);
        let [(route, durations)] = traffic.durations().try_into().unwrap();
        assert_eq!((route.as_str(), durations.count(), durations.sum), ("/a/{b}", 4, 4_000));
    }

    #[test]
    fn unknown_methods_and_requests_without_a_route_have_one_name_each() {
        let traffic = Traffic::default();
        for number in 0..100 {
            count(&traffic, None, &Method::from_bytes(format!("M{number}").as_bytes()).unwrap(), 404);
        }
        let all = Answers { route: "none".to_owned(), method: "other", status: 404, count: 100 };
        assert_eq!(traffic.answers(), [all]);
    }
}
