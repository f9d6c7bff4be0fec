//! The classes of reads by their duration, which decides where a read runs.

/// The class of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadClass {
    /// Short and bounded: on SQLite it runs on the thread that asks, where that costs less than a hop.
    Inline,
    /// It may take long: it runs on a blocking thread, for half a minute at most.
    Pooled,
    /// As much as there is: it runs on a blocking thread, however long it takes. It comes with an
    /// [`ExportPermit`](super::ExportPermit).
    Unbounded,
}
