//! Ratings over time: a point a review, joined by a line.

use super::{length, moment};

/// The size of a picture.
const SIZE: (f64, f64) = (640.0, 96.0);
/// The area of the points: beside the names of the ratings, above the years.
const LEFT: f64 = 110.0;
const RIGHT: f64 = 620.0;
/// The heights of the ratings, the best on top.
const LEVELS: [(&str, f64); 3] = [("on_track", 16.0), ("at_risk", 42.0), ("off_track", 68.0)];

/// A point.
pub(in crate::pages) struct Point {
    pub(in crate::pages) x: String,
    pub(in crate::pages) y: String,
    pub(in crate::pages) class: String,
}

/// The picture.
pub(in crate::pages) struct History {
    pub(in crate::pages) width: String,
    pub(in crate::pages) height: String,
    /// The line, as the points of an SVG polyline.
    pub(in crate::pages) line: String,
    pub(in crate::pages) points: Vec<Point>,
    /// The ratings, with their heights.
    pub(in crate::pages) levels: Vec<(&'static str, String)>,
    pub(in crate::pages) first: String,
    pub(in crate::pages) last: String,
}

/// Draws reviews (day and rating); fewer than two make no line.
pub(in crate::pages) fn history(mut reviews: Vec<(String, String)>) -> Option<History> {
    reviews.retain(|(day, rating)| moment(day).is_some() && LEVELS.iter().any(|(name, _)| name == rating));
    reviews.sort();
    let (first, last) = (reviews.first()?.0.clone(), reviews.last()?.0.clone());
    let (begin, end) = (moment(&first)?, moment(&last)?);
    if reviews.len() < 2 || end <= begin {
        return None;
    }
    let points: Vec<Point> = reviews
        .iter()
        .filter_map(|(day, rating)| {
            let (_, y) = LEVELS.iter().find(|(name, _)| name == rating)?;
            let x = LEFT + (moment(day)? - begin) / (end - begin) * (RIGHT - LEFT);
            Some(Point { x: length(x), y: length(*y), class: rating.replace('_', "-") })
        })
        .collect();
    Some(History {
        width: length(SIZE.0),
        height: length(SIZE.1),
        line: points.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" "),
        points,
        levels: LEVELS.map(|(name, y)| (name, length(y))).into(),
        first,
        last,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reviews_are_joined_in_the_order_of_their_days() {
        let review = |day: &str, rating: &str| (day.to_owned(), rating.to_owned());
        let picture =
            history(vec![review("2026-01-01", "off_track"), review("2024", "on_track"), review("2025", "at_risk")]);
        assert_eq!(picture.unwrap().line, "110.0,16.0 365.0,42.0 620.0,68.0");
        assert!(history(vec![review("2024", "on_track")]).is_none());
        assert!(history(vec![review("2024", "on_track"), review("2024", "at_risk")]).is_none());
    }
}
