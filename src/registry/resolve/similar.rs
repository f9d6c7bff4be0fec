//! The likeness of two folded texts.

use std::collections::HashSet;

/// Returns the pieces of three characters that a text has, its ends included.
pub(super) fn grams(text: &str) -> HashSet<String> {
    let padded: Vec<char> = format!("  {text} ").chars().collect();
    padded.windows(3).map(|piece| piece.iter().collect()).collect()
}

/// Returns the numbers in a text, in their order.
pub(super) fn numbers(text: &str) -> Vec<String> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.map(str::to_owned).collect()
}

/// From 0 to 1: one less the share of characters that must be changed, left out, put in or swapped with the next one.
pub(super) fn similarity(one: &str, other: &str) -> f64 {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let longest = one.len().max(other.len());
    if longest == 0 {
        return 1.0;
    }
    1.0 - distance(&one, &other) as f64 / longest as f64
}

/// Returns the distance of Damerau and Levenshtein, in the restricted form (optimal string alignment), row by row.
fn distance(one: &[char], other: &[char]) -> usize {
    let width = other.len() + 1;
    let mut before_last: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
    for (i, a) in one.iter().enumerate() {
        let mut row = Vec::with_capacity(width);
        row.push(i + 1);
        for (j, b) in other.iter().enumerate() {
            let change = at(&last, j) + usize::from(a != b);
            let mut least = change.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a);
            if swapped {
                least = least.min(at(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    at(&last, other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_is_one_change() {
        let changes = |one: &str, other: &str| {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            distance(&chars(one), &chars(other))
        };
        for (one, other, count) in
            [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("ca", "abc", 3), ("kitten", "sitting", 3)]
        {
            assert_eq!(changes(one, other), count, "{one} {other}");
            assert_eq!(changes(other, one), count, "{other} {one}");
        }
        assert!((similarity("abcd", "abdc") - 0.75).abs() < f64::EPSILON);
        assert!((similarity("", "") - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn numbers_are_those_that_stand_there() {
        assert_eq!(numbers("sentinel 6b 2020"), ["6", "2020"]);
        assert!(numbers("swot").is_empty());
    }
}
