//! The merge patch (RFC 7396): whatever two documents are, the same patch twice is the same as once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use partnership_registry::values::json::{merge, parse};

fuzz_target!(|bytes: &[u8]| {
    // A document and a patch, a NUL between them.
    let Some(at) = bytes.iter().position(|byte| *byte == 0) else { return };
    let (Ok(document), Ok(patch)) = (parse(&bytes[..at]), parse(&bytes[at + 1..])) else { return };
    let mut once = document;
    merge(&mut once, patch.clone());
    let mut twice = once.clone();
    merge(&mut twice, patch);
    assert_eq!(once, twice);
});
