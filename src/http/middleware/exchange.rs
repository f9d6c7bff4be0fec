//! One request and its answer, as the log, the metrics and the traces know them.

use std::net::IpAddr;
use std::time::Instant;

use actix_web::dev::RequestHead;
use actix_web::http::header::HeaderName;
use actix_web::http::{Method, StatusCode};

use crate::http::request::proxies::address_of;
use crate::http::request::request_id::RequestId;
use crate::http::state::State;
use crate::logging;
use crate::traces::{Answered, Trace};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A request that is being answered.
pub(in crate::http) struct Exchange {
    begun: Instant,
    /// The id.
    pub(in crate::http) id: RequestId,
    method: Method,
    /// The client's address, as far as that can be believed.
    address: Option<IpAddr>,
    /// The trace that it belongs to, where it belongs to one.
    trace: Option<Trace>,
}

impl Exchange {
    /// Begins with the head of a request.
    pub(in crate::http) fn begin(head: &RequestHead, state: Option<&State>) -> Self {
        let traceparents = head.headers().get_all(TRACEPARENT).filter_map(|value| value.to_str().ok());
        Self {
            begun: Instant::now(),
            id: RequestId::of(head.headers()),
            method: head.method.clone(),
            address: address_of(head, state.map(|state| &*state.trusted_proxies).unwrap_or_default()),
            trace: state.and_then(|state| state.tracer.follow(traceparents)),
        }
    }

    /// Returns the name of the request in lines of the log.
    pub(in crate::http) fn in_log(&self) -> logging::Request {
        logging::Request { id: self.id.0.clone(), address: self.address, trace: self.trace.map(|trace| trace.id()) }
    }

    /// Ends with the head of the answer. `route` is the pattern, not the path: no code, no secret of a subscription,
    /// and no query string with whatever a client put there.
    pub(in crate::http) fn end(
        self,
        state: Option<&State>,
        status: StatusCode,
        route: Option<&str>,
        caller: Option<&str>,
    ) {
        let took = self.begun.elapsed();
        if let Some(state) = state {
            state.traffic.count(route, &self.method, status, took);
            let (method, status, request_id) = (self.method.as_str(), status.as_u16(), self.id.0.as_str());
            state.tracer.record(self.trace, &Answered { method, route, status, request_id, took });
        }
        let (route, status, user) = (route.unwrap_or("-"), status.as_u16(), caller.unwrap_or("-"));
        let duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let (method, id, address) = (self.method.as_str(), self.id.0.as_str(), logging::place(self.address));
        let address = address.as_str();
        let Some(trace) = self.trace else {
            log::info!(
                target: "access", method, route, status, duration_us, request_id = id, address, user;
                "{method} {route} {status} {duration_us}us {id} {address} {user}"
            );
            return;
        };
        let trace = trace.id().to_string();
        let trace = trace.as_str();
        log::info!(
            target: "access", method, route, status, duration_us, request_id = id, address, user, trace_id = trace;
            "{method} {route} {status} {duration_us}us {id} {address} {user} {trace}"
        );
    }
}
