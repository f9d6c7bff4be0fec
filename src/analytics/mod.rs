//! Questions about many records at once: read-only, a handful of queries each however many records there are, over the
//! same filters as the lists.

pub mod activity;
mod count;
pub mod difference;
pub mod graphml;
mod home;
pub mod labels;
pub mod network;
pub mod partnerships;
pub mod summaries;

pub use home::{Home, home};
pub use labels::Label;
