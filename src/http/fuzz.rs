//! What the fuzz targets (`fuzz/`) need of this module's private parts; no part of the interface.

use super::{cursor, query};

/// Opens a text as a cursor. Whatever opens is what its keys are sealed to.
pub fn cursor(text: &str) {
    const SHAPE: &str = "projects";
    let opened = cursor::open(SHAPE, text);
    // What was sealed to a list opens in it; every text may be a key.
    let sealed = cursor::seal(SHAPE, &[text.to_owned()]);
    let again = cursor::open(SHAPE, &sealed);
    let fits = sealed.len() <= super::limits::CURSOR;
    assert_eq!(again.ok(), fits.then(|| vec![text.to_owned()]));
    if let Ok(keys) = opened {
        assert_eq!(cursor::open(SHAPE, &cursor::seal(SHAPE, &keys)).ok(), Some(keys));
    }
}

/// Reads a text as a query string. What is read, written and read again is the same.
pub fn query(text: &str) {
    let values = query::split_list(text);
    assert_eq!(query::split_list(&query::join_list(&values)), values);
    let Ok(read) = query::Query::parse(text) else { return };
    let pairs: Vec<_> = read.pairs().collect();
    let again = query::Query::parse(&query::encode(pairs.iter().copied()));
    assert_eq!(again.ok().as_ref().map(|again| again.pairs().collect::<Vec<_>>()), Some(pairs));
    drop(read.finish(&[]));
}
