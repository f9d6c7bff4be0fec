//! The differences between two moments, from the log alone: records that were created, changed or deleted, and
//! agreements whose status the calendar moved. A change that was taken back is no difference.
//!
//! Law: applying the differences to the records at the earlier moment gives those at the later one, and the differences
//! from a to b followed by those from b to c are those from a to c.

mod about;
mod calendar;
mod differences;
mod document;
mod scope;
mod tally;

pub use about::Places;
pub use calendar::{Moved, moved_by_calendar};
pub use differences::{Count, Difference, differences};
pub use scope::{ChangeScope, Instant, moments};
pub use tally::Tally;
