//! Partial dates: what is one begins before it ends, and reads back as it was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use partnership_registry::values::{FromText as _, PartialDate};

fuzz_target!(|text: &str| {
    if let Ok(date) = PartialDate::parse(text) {
        assert!(date.first_day() <= date.last_day());
        assert!(!date.is_before(&date));
        assert!(date.first_day().to_string().starts_with(text));
        assert!(PartialDate::parse(&date.last_day().to_string()).is_ok());
    }
});
