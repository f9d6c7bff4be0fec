//! The questions of the panorama to the API.

use chrono::{Days, Months, NaiveDate};
use serde_json::Value;

use super::row::Row;
use crate::error::{Error, Result};
use crate::pages::cells::title;
use crate::pages::frame::Context;
use crate::pages::links::NONE;
use crate::pages::params::Params;
use crate::pages::reading::{Answers, Nth, Reading};
use crate::values::{FromText as _, PartialDate};

/// The filters of the panorama: what partnerships, projects and agreements all have.
pub(super) const FILTERS: [&str; 3] = ["area", "partner_type", "region"];
/// Projects that are being built or work.
pub(super) const ACTIVE: &str = "in_development,operational";
/// Agreements that have not ended.
pub(super) const STANDING: &str = "signed,in_force";
/// The filter of agreements by the date of decision.
pub(super) const DECIDED: &str = "decide_by";
/// Agreements of which neither an expiry nor a term is known.
pub(super) const ENDLESS: [(&str, &str); 2] = [("expires_on__lte", NONE), ("term", NONE)];
/// The number of lines that the lists have.
const LINES: &str = "6";

/// The parameters that only the panorama has.
const OWN: [&str; 2] = ["compared", "order"];

/// The questions of the key figures, which are asked of another day, too.
pub(super) struct Numbers {
    pub(super) partnerships: Nth,
    pub(super) types: Nth,
    pub(super) status: Nth,
    pub(super) ratings: Nth,
    pub(super) agreements: Nth,
    pub(super) end_unknown: Nth,
}

/// The questions.
pub(super) struct Asks {
    pub(super) numbers: Numbers,
    pub(super) areas: Nth,
    pub(super) home: Nth,
    pub(super) activity: Nth,
    pub(super) reviews: Nth,
    pub(super) decisions: Nth,
    pub(super) findings: Nth,
}

/// A filter of the panorama as it is shown.
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) label: String,
    /// Value, text, whether it is chosen.
    pub(super) options: Vec<(String, String, bool)>,
}

/// The partners, with the areas and the types that are shown.
pub(super) struct Seen<'a> {
    /// The home nation is not among them.
    pub(super) partners: Vec<Row<'a>>,
    pub(super) areas: Vec<&'a Value>,
    pub(super) types: Vec<&'a Value>,
    pub(super) home: Option<String>,
}

/// Returns the filters that are set, as a query string of the API.
pub(super) fn query(context: &Context) -> String {
    filters(context).api()
}

fn filters(context: &Context) -> Params {
    let others: Vec<&str> =
        context.params.pairs().into_iter().map(|(name, _)| name).filter(|name| !FILTERS.contains(name)).collect();
    context.params.without(&others)
}

/// Returns the filters that are set, with more of the API's parameters.
pub(super) fn with(context: &Context, more: &[(&str, &str)]) -> Params {
    more.iter().fold(filters(context), |params, (name, value)| params.setting(name, value))
}

/// Tells whether the panorama is narrowed.
pub(super) fn is_narrowed(context: &Context) -> bool {
    context.params.pairs().iter().any(|(name, _)| *name != "lang")
}

/// Returns the parameters that the form of the filters keeps as they are.
pub(super) fn kept(context: &Context) -> Vec<(&'static str, String)> {
    let language = context.params.language.map(|language| ("lang", language.tag().to_owned()));
    language.into_iter().chain(context.params.get("order").map(|order| ("order", order.to_owned()))).collect()
}

/// Returns the day that the figures are compared with: a year before, where none is asked for.
///
/// # Errors
/// [`Error::BadRequest`] for a value that is not a date.
pub(super) fn compared(context: &Context, day: NaiveDate) -> Result<String> {
    let Some(asked) = context.params.get("compared") else {
        let year_before = day.checked_sub_months(Months::new(12)).or_else(|| day.checked_sub_days(Days::new(365)));
        return Ok(year_before.unwrap_or(day).to_string());
    };
    PartialDate::parse(asked)
        .map(|date| date.to_string())
        .map_err(|why| Error::bad_parameter("compared", why.code, why.detail))
}

impl Numbers {
    /// Asks the questions of the page.
    ///
    /// # Errors
    /// Errors of the API about the parameters.
    pub(super) fn plan(context: &Context, reading: &mut Reading<'_>) -> Result<Self> {
        let endless: Vec<(&str, &str)> = [("status", STANDING), ("limit", "1")].into_iter().chain(ENDLESS).collect();
        let mut ask = |path: &str, more: &[(&str, &str)]| reading.ask(path, &with(context, more).api());
        Ok(Self {
            partnerships: ask("/partnerships", &[])?,
            status: ask("/summaries/projects", &[("group_by", "status")])?,
            ratings: ask("/summaries/projects", &[("status", ACTIVE), ("group_by", "rating")])?,
            agreements: ask("/summaries/agreements", &[("group_by", "status")])?,
            end_unknown: ask("/agreements", &endless)?,
            types: reading.ask("/partner-types", "sort=position&limit=200")?,
        })
    }
}

impl Asks {
    /// Asks the questions of the page.
    ///
    /// # Errors
    /// Errors of the API about the parameters; [`Error::BadRequest`] for one that the panorama does not have.
    pub(super) fn plan(context: &Context, reading: &mut Reading<'_>) -> Result<Self> {
        for (name, _) in context.params.pairs() {
            if !FILTERS.contains(&name) && !OWN.contains(&name) && name != "as_of" {
                let valid: Vec<&str> = FILTERS.into_iter().chain(OWN).chain(["as_of", "lang"]).collect();
                let detail = format!("there is no such parameter here; there are {}", valid.join(", "));
                return Err(Error::bad_parameter(name, "unknown_parameter", detail));
            }
        }
        let numbers = Numbers::plan(context, reading)?;
        let mut ask = |path: &str, more: &[(&str, &str)]| reading.ask(path, &with(context, more).api());
        let activity = ask("/activity", &[])?;
        let decisions = ask("/agreements", &[("status", STANDING), ("sort", DECIDED), ("limit", LINES)])?;
        let findings = ask("/findings", &[("limit", "1")])?;
        let reviews = format!("sort=-reviewed_on&limit={LINES}&expand=project");
        Ok(Self {
            numbers,
            activity,
            decisions,
            findings,
            areas: reading.ask("/cooperation-areas", "sort=position&limit=200")?,
            home: reading.ask("/nations", "partner_type=&limit=200")?,
            reviews: reading.ask("/reviews", &reviews)?,
        })
    }

    /// Reads the partners out of the answers.
    pub(super) fn seen<'a>(&self, context: &Context, answers: &'a Answers) -> Seen<'a> {
        let t = context.t;
        let rows = answers.items(self.numbers.partnerships).iter().map(Row::of);
        let partners: Vec<Row<'a>> = rows.filter(|row| row.partner_type().is_some()).collect();
        let used = |area: &&Value| {
            let code = area.get("code").and_then(Value::as_str).unwrap_or_default();
            context.params.get("area").is_none_or(|asked| asked.split(',').any(|one| one == code))
        };
        let homes: Vec<String> = answers
            .items(self.home)
            .iter()
            .filter(|nation| nation.get("ended_on").is_none_or(Value::is_null))
            .map(|nation| title(t, nation))
            .collect();
        Seen {
            partners,
            areas: answers.items(self.areas).iter().filter(used).collect(),
            types: answers.items(self.numbers.types).iter().collect(),
            home: (!homes.is_empty()).then(|| homes.join(", ")),
        }
    }

    /// Returns the filters as they are shown.
    pub(super) fn choices(&self, context: &Context, answers: &Answers) -> Vec<Choice> {
        const REGIONS: [&str; 5] = ["Africa", "Americas", "Asia", "Europe", "Oceania"];
        let t = context.t;
        let named = |nth: Nth| -> Vec<(String, String)> {
            let code = |item: &Value| item.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
            answers.items(nth).iter().map(|item| (code(item), title(t, item))).collect()
        };
        let regions = REGIONS.iter().map(|region| ((*region).to_owned(), t.word(region))).collect();
        FILTERS
            .into_iter()
            .zip([named(self.areas), named(self.numbers.types), regions])
            .map(|(name, options)| {
                let asked = context.params.get(name).unwrap_or_default();
                let options = options.into_iter().map(|(value, text)| (value.clone(), text, value == asked)).collect();
                Choice { name, label: t.field(name), options }
            })
            .collect()
    }

    /// Returns the pictures as files.
    pub(super) fn files(&self, context: &Context, seen: &Seen<'_>) -> Vec<File> {
        let t = context.t;
        let query = |more: &[(&str, &str)]| {
            let params = with(context, more);
            params.setting("as_of", context.as_of().unwrap_or_default()).api()
        };
        let csv = |path: &str, more: &[(&str, &str)]| {
            let all: Vec<(&str, &str)> = more.iter().copied().chain([("format", "csv")]).collect();
            context.links.at(&format!("{}{path}?{}", crate::pages::paths::DATA, query(&all)))
        };
        let svg = |name: &str| {
            let pairs = filters(context);
            context.links.with(&format!("/pictures/{name}.svg"), &pairs.pairs())
        };
        let mut files = vec![
            File { text: t.get("matrix-title"), csv: csv("/partnerships", &[]), svg: None },
            File { text: t.get("map-title"), csv: csv("/partnerships", &[]), svg: Some(svg("map")) },
            File {
                text: t.get("ratings-title"),
                csv: csv("/summaries/projects", &[("status", ACTIVE), ("group_by", "rating")]),
                svg: Some(svg("ratings")),
            },
        ];
        files.extend(seen.areas.iter().map(|area| {
            let code = area.get("code").and_then(Value::as_str).unwrap_or_default();
            let text = format!("{}, {}", t.get("years-title"), title(t, area));
            File { text, csv: csv("/activity", &[("area", code)]), svg: Some(svg(&format!("years-{code}"))) }
        }));
        files
    }
}

/// A picture as files: its numbers, and itself.
pub(super) struct File {
    pub(super) text: String,
    pub(super) csv: String,
    pub(super) svg: Option<String>,
}
