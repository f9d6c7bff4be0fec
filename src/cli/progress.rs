//! A progress bar on a terminal, for what takes longer than a second.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Nothing is shown before.
const SHOW_AFTER: Duration = Duration::from_secs(1);

/// Shows how far something is.
pub(super) struct Bar {
    begun: Instant,
    terminal: bool,
    shown: Option<ProgressBar>,
    what: &'static str,
}

impl Bar {
    pub(super) fn new(what: &'static str) -> Self {
        Self { begun: Instant::now(), terminal: std::io::stderr().is_terminal(), shown: None, what }
    }

    pub(super) fn set(&mut self, done: u64, total: u64) {
        if !self.terminal || self.begun.elapsed() < SHOW_AFTER {
            return;
        }
        let what = self.what;
        let bar = self.shown.get_or_insert_with(|| {
            let bar = ProgressBar::new(total).with_message(what);
            match ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        bar.set_length(total);
        bar.set_position(done);
    }

    /// Does something that prints, without the bar in between.
    pub(super) fn aside<T>(&mut self, print: impl FnOnce() -> T) -> T {
        match &self.shown {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}
