//! What the fuzz targets (`fuzz/`) need of this module's private parts; no part of the interface.

use super::cursor::Sealer;
use super::query;

/// Opens a text as a cursor. Nothing opens but what was sealed, and that does, with whatever keys a record may have.
pub fn cursor(text: &str) {
    let list = Sealer::with(&[7; 32]).of("projects".to_owned());
    assert!(list.open(text).is_err(), "a forged cursor");
    let sealed = list.seal(&[text.to_owned()]);
    let fits = sealed.len() <= crate::limits::CURSOR && !text.contains('\0');
    assert_eq!(list.open(&sealed).ok(), fits.then(|| vec![text.to_owned()]));
    let elsewhere = Sealer::with(&[7; 32]).of("nations".to_owned());
    assert!(elsewhere.open(&sealed).is_err(), "a cursor of another list");
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
