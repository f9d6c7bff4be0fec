//! The key figures, what they were at another day, and the sentence that they make.

use serde_json::Value;

use super::asks::{self, ACTIVE, Numbers, STANDING};
use super::row::Row;
use crate::error::Result;
use crate::http::State;
use crate::pages::frame::Context;
use crate::pages::links::NONE;
use crate::pages::pictures::bar::{Segment, segments};
use crate::pages::reading::{Answers, Nth, Reading};
use crate::pages::texts::Texts;

/// The ratings, in the order of the picture; the last are those never reviewed.
const RATINGS: [&str; 4] = ["on_track", "at_risk", "off_track", NONE];

/// The numbers of the panorama.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Partners with projects by kind, in the order of the kinds.
    pub(super) partners: Vec<i64>,
    /// Partners with projects under way.
    pub(super) active_partners: i64,
    /// Projects under way.
    pub(super) active: i64,
    /// All projects.
    pub(super) projects: i64,
    /// Agreements signed or in force.
    pub(super) standing: i64,
    /// Those of them whose end is not known.
    pub(super) end_unknown: i64,
    /// Projects under way by [`RATINGS`].
    pub(super) ratings: [i64; 4],
}

/// A figure.
pub(super) struct Figure {
    pub(super) numbers: Vec<Number>,
    pub(super) label: String,
    pub(super) change: Option<String>,
}

/// A number with its list.
pub(super) struct Number {
    pub(super) shown: String,
    /// The name of the number, where the figure has several.
    pub(super) of: Option<String>,
    pub(super) href: Option<String>,
    pub(super) count: i64,
}

/// The picture of the ratings.
pub(super) struct Ratings {
    pub(super) subtitle: String,
    pub(super) describes: String,
    pub(super) parts: Vec<Part>,
    pub(super) empty: bool,
}

/// A part of it.
pub(super) struct Part {
    pub(super) text: String,
    pub(super) count: i64,
    pub(super) shown: String,
    pub(super) class: String,
    pub(super) href: String,
    pub(super) segment: Segment,
}

impl Counts {
    /// Returns the counts in the answers.
    pub(super) fn of(asks: &Numbers, answers: &Answers) -> Self {
        let group = |nth: Nth, name: &str, word: Option<&str>| {
            let of = |group: &&Value| group.get("key").and_then(|key| key.get(name)?.as_str()) == word;
            let found = answers.items(nth).iter().find(of);
            found.and_then(|group| group.get("count")?.as_i64()).unwrap_or_default()
        };
        let rows = answers.items(asks.partnerships).iter().map(Row::of);
        let partners: Vec<Row<'_>> = rows.filter(|row| row.partner_type().is_some()).collect();
        let of_kind = |kind: &Value| {
            let code = kind.get("code").and_then(Value::as_str);
            let with = partners.iter().filter(|row| row.partner_type() == code && row.projects() > 0).count();
            i64::try_from(with).unwrap_or_default()
        };
        let sum =
            |nth: Nth, name: &str, words: &str| words.split(',').map(|word| group(nth, name, Some(word))).sum::<i64>();
        Self {
            partners: answers.items(asks.types).iter().map(of_kind).collect(),
            active_partners: i64::try_from(partners.iter().filter(|row| row.active() > 0).count()).unwrap_or_default(),
            active: sum(asks.status, "status", ACTIVE),
            projects: answers.total(asks.status),
            standing: sum(asks.agreements, "status", STANDING),
            end_unknown: answers.total(asks.end_unknown),
            ratings: RATINGS.map(|word| group(asks.ratings, "rating", Some(word).filter(|word| *word != NONE))),
        }
    }
}

/// Returns the counts of another day; `None` where the log begins later.
///
/// # Errors
/// Errors of the API about the day.
pub(super) async fn before(context: &Context, state: &State, day: &str) -> Result<Option<Counts>> {
    let mut reading = Reading::new(state, Some(day));
    if reading.head().await?.revision == 0 {
        return Ok(None);
    }
    let asks = Numbers::plan(context, &mut reading)?;
    let answers = reading.run().await?;
    Ok(Some(Counts::of(&asks, &answers)))
}

/// Sums the panorama up in one sentence.
pub(super) fn sentence(t: Texts, counts: &Counts) -> String {
    if counts.projects == 0 {
        return t.get("panorama-nothing");
    }
    let first = t.with(
        "panorama-sentence",
        &[("partners", &t.n("count-partners", counts.active_partners))],
        &[("n", counts.active)],
    );
    let second = t.with(
        "panorama-sentence-agreements",
        &[("all", &t.n("count-agreements", counts.standing))],
        &[("n", counts.end_unknown)],
    );
    if counts.standing == 0 { first } else { format!("{first} {second}") }
}

/// Returns the figures, with what they were.
pub(super) fn figures(context: &Context, counts: &Counts, before: Option<&Counts>, day: &str) -> Vec<Figure> {
    let t = context.t;
    let change = |of: fn(&Counts) -> i64| {
        let before = of(before?);
        let difference = of(counts) - before;
        let sign = if difference > 0 { "+" } else { "" };
        let shown = format!("{sign}{}", t.number(difference));
        let key = if difference == 0 { "figure-same" } else { "figure-change" };
        Some(t.with(key, &[("change", &shown), ("day", &t.date(day))], &[]))
    };
    let list = |path: &str, more: &[(&str, &str)]| Some(context.links.with(path, &asks::with(context, more).pairs()));
    let number =
        |count: i64, href: Option<String>, of: Option<String>| Number { shown: t.number(count), of, href, count };
    let partners = counts.partners.iter().map(|count| number(*count, None, None)).collect();
    let ratings = RATINGS.iter().zip(counts.ratings).take(3).map(|(rating, count)| {
        number(count, list("/projects", &[("status", ACTIVE), ("rating", rating)]), Some(t.word(rating)))
    });
    let [.., unreviewed] = counts.ratings;
    let one = |count, href| vec![number(count, href, None)];
    vec![
        Figure { numbers: partners, label: t.get("figure-partners"), change: change(|all| all.partners.iter().sum()) },
        Figure {
            numbers: one(counts.active, list("/projects", &[("status", ACTIVE)])),
            label: t.n("figure-active", counts.projects),
            change: change(|all| all.active),
        },
        Figure {
            numbers: one(counts.standing, list("/agreements", &[("status", STANDING)])),
            label: t.get("figure-agreements"),
            change: change(|all| all.standing),
        },
        Figure {
            numbers: ratings.collect(),
            label: t.get("figure-ratings"),
            change: change(|all| all.ratings.iter().take(1).sum())
                .map(|text| format!("{}: {text}", t.word("on_track"))),
        },
        Figure {
            numbers: one(unreviewed, list("/projects", &[("status", ACTIVE), ("rating", NONE)])),
            label: t.get("figure-unreviewed"),
            change: change(|all| all.ratings.iter().skip(3).sum()),
        },
    ]
}

/// Returns the picture of the ratings.
pub(super) fn ratings(context: &Context, counts: &Counts) -> Ratings {
    let t = context.t;
    let parts: Vec<Part> = RATINGS
        .iter()
        .zip(counts.ratings)
        .zip(segments(&counts.ratings))
        .map(|((&rating, count), segment)| {
            let params = asks::with(context, &[("status", ACTIVE), ("rating", rating)]);
            Part {
                text: if rating == NONE { t.get("ratings-none") } else { t.word(rating) },
                class: if rating == NONE { "never".to_owned() } else { rating.replace('_', "-") },
                href: context.links.with("/projects", &params.pairs()),
                shown: t.number(count),
                count,
                segment,
            }
        })
        .collect();
    let describes: Vec<String> = parts.iter().map(|part| format!("{} {}", part.text, part.shown)).collect();
    Ratings {
        subtitle: t.n("ratings-subtitle", counts.active),
        describes: describes.join(", "),
        empty: counts.active == 0,
        parts,
    }
}
