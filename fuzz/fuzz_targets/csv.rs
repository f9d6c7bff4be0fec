//! The CSV importer: every file is read to its end or refused, and what is read is a record's JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use partnership_registry::registry::Resource;
use partnership_registry::registry::{agreements::Agreement, nations::Nation, projects::Project};
use partnership_registry::transfer::{Format, read};

fn all<R: Resource>(bytes: &[u8]) {
    let mut line = 0;
    for row in read::<R>(Format::Csv, bytes).flatten() {
        assert!(row.line > line, "lines go forward");
        line = row.line;
        assert!(row.document.is_object());
    }
}

fuzz_target!(|bytes: &[u8]| {
    all::<Nation>(bytes);
    all::<Project>(bytes);
    all::<Agreement>(bytes);
});
