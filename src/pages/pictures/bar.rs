//! One bar in parts.

use super::{length, real};

/// The length of the bar.
pub(in crate::pages) const LENGTH: f64 = 600.0;

/// A part.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Segment {
    pub(in crate::pages) x: String,
    pub(in crate::pages) width: String,
    /// The place of its number, where there is room for it.
    pub(in crate::pages) middle: Option<String>,
}

/// Returns the parts of these counts.
pub(in crate::pages) fn segments(counts: &[i64]) -> Vec<Segment> {
    let total = real(counts.iter().sum::<i64>().max(1));
    let mut x = 0.0;
    counts
        .iter()
        .map(|count| {
            let width = LENGTH * real(*count) / total;
            let segment = Segment {
                x: length(x),
                width: length(width),
                middle: (width >= 24.0).then(|| length(x + width / 2.0)),
            };
            x += width;
            segment
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_fill_the_bar() {
        let parts = segments(&[3, 0, 1]);
        let shown: Vec<_> = parts.iter().map(|part| (part.x.as_str(), part.width.as_str())).collect();
        assert_eq!(shown, [("0.0", "450.0"), ("450.0", "0.0"), ("450.0", "150.0")]);
        assert!(parts[1].middle.is_none());
    }
}
