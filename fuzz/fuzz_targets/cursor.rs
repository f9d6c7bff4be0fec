//! Cursors: nothing that a client writes opens but what was sealed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| partnership_registry::http::fuzz::cursor(text));
