//! Dates as precise as they are known: EDTF level 0 (ISO 8601-2), `1992`, `1992-08`, `1992-08-10`.

use chrono::{Datelike as _, Months, NaiveDate};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::cell_format::CellFormat;
use super::field::{FromText, ParseError};
use super::quote::quote;
use super::text_enum::text_newtype;

text_newtype!(
    /// A year, a month or a day. It orders as its first day.
    PartialDate
);

impl PartialDate {
    /// Returns the first day that the date may mean.
    pub fn first_day(&self) -> NaiveDate {
        first_day(&self.0).unwrap_or(NaiveDate::MIN)
    }

    /// Returns the last day that the date may mean.
    pub fn last_day(&self) -> NaiveDate {
        let first = self.first_day();
        let months = match self.0.len() {
            4 => 12,
            7 => 1,
            _ => return first,
        };
        first.checked_add_months(Months::new(months)).and_then(|next| next.pred_opt()).unwrap_or(first)
    }

    /// Tells whether this is before `other` as far as both are known: 2020 is not before 2020-03.
    pub fn is_before(&self, other: &Self) -> bool {
        self.last_day() < other.first_day()
    }

    /// Makes a day.
    pub fn day(day: NaiveDate) -> Self {
        Self(day.to_string())
    }
}

/// `None` unless the text is a date; the year 0000 does not exist in the calendar that people use.
fn first_day(text: &str) -> Option<NaiveDate> {
    let digits = |part: &str, length: usize| -> Option<u32> {
        (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    if parts.next().is_some() || year == 0 {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// The date of a day; a day after the year 9999, which no date can be, is its last.
impl From<NaiveDate> for PartialDate {
    fn from(day: NaiveDate) -> Self {
        let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(day);
        Self(day.min(last).to_string())
    }
}

impl FromText for PartialDate {
    const SHAPE: CellFormat = CellFormat::Date;

    fn parse(text: &str) -> Result<Self, ParseError> {
        match first_day(text) {
            Some(day) if day.year() > 0 => Ok(Self(text.to_owned())),
            _ => {
                let detail = format!("{} is not a date: 1992, 1992-08 or 1992-08-10 is wanted", quote(text));
                Err(ParseError::new("bad_date", detail))
            }
        }
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> PartialDate {
        PartialDate::parse(text).unwrap()
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for bad in
            ["", "92", "1992-8", "1992-13", "1992-02-30", "10/08/1992", "1992-08-10T00:00", "0000", "+1992", "1992-"]
        {
            assert!(PartialDate::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dates_compare_as_far_as_both_are_known() {
        assert!(!date("2020").is_before(&date("2020-03")));
        assert!(!date("2020-03").is_before(&date("2020")));
        assert!(date("2019").is_before(&date("2020-03")));
        assert!(date("2020-02").is_before(&date("2020-03-01")));
        assert_eq!(date("2024-02").last_day().to_string(), "2024-02-29");
    }

    proptest! {
        #[test]
        fn parse_and_print_are_inverse(days in 1i32..3_000_000, length in prop_oneof![Just(4usize), Just(7), Just(10)]) {
            let day = NaiveDate::from_num_days_from_ce_opt(days).unwrap();
            let text = day.to_string()[..length].to_owned();
            let date = date(&text);
            prop_assert_eq!(date.as_str(), &text);
            prop_assert!(date.first_day() <= day && day <= date.last_day());
            // The generated columns of the database append these, and must mean the same.
            let first = format!("{text}-01-01")[..10].to_owned();
            prop_assert_eq!(first, date.first_day().to_string());
            let last = format!("{text}{}", &"-12-31"[length - 4..]);
            prop_assert!(last >= date.last_day().to_string());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,12}") {
            let _ = PartialDate::parse(&text);
        }
    }
}
