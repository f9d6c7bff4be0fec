//! Query strings: each is read or refused, and what is read can be written again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| partnership_registry::http::fuzz::query(text));
