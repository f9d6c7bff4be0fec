//! The CSV importer: every file is read to its end or refused, and what is read is a record's JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use partnership_registry::registry::Resource;
use partnership_registry::registry::{agreements::Agreement, nations::Nation, projects::Project};
use partnership_registry::transfer::{Format, Source};

fn all<R: Resource>(bytes: &[u8]) {
    let source = Source::open(Format::Csv, bytes.to_vec()).expect("a text is no workbook");
    let mut line = 0;
    for row in source.rows::<R>(true).flatten() {
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
