//! What an agreement is, and how it stands on a day.

use chrono::NaiveDate;

use crate::error::Defect;
use crate::registry::rules::not_before;
use crate::values::{Code, NationCode, PartialDate, Text, Title, Url, record, text_enum};

text_enum! {
    /// What sort of agreement it is.
    pub enum AgreementKind {
        /// The frame for a whole cooperation.
        FrameworkAgreement = "framework_agreement",
        /// A memorandum of understanding.
        MemorandumOfUnderstanding = "memorandum_of_understanding",
        /// The details of one project under a frame.
        ImplementingArrangement = "implementing_arrangement",
        /// A letter of intent.
        LetterOfIntent = "letter_of_intent",
        /// A joint statement.
        JointStatement = "joint_statement",
    }
}

text_enum! {
    /// Why an agreement ended.
    pub enum EndReason {
        /// Its time was over.
        Expired = "expired",
        /// A party ended it.
        Terminated = "terminated",
        /// Another took its place.
        Superseded = "superseded",
    }
}

text_enum! {
    /// How an agreement stands on a day; it follows from its dates.
    pub enum AgreementStatus {
        /// Signed, and nothing known of its entry into force.
        Signed = "signed",
        /// In force.
        InForce = "in_force",
        /// Its time is over.
        Expired = "expired",
        /// A party ended it.
        Terminated = "terminated",
        /// Another took its place.
        Superseded = "superseded",
    }
}

record! {
    /// An agreement.
    pub struct Agreement {
        /// Its key, a slug.
        pub code: Code,
        /// Its title.
        pub title: Title,
        /// What sort of agreement it is.
        pub kind: AgreementKind,
        /// The nations that signed; each once.
        pub nations: Vec<NationCode>,
        /// The organisations that signed; each once.
        pub organisations: Vec<Code>,
        /// What it is about, codes of cooperation-areas; each once.
        pub areas: Vec<Code>,
        /// The projects under it; each once.
        pub projects: Vec<Code>,
        /// When it was signed.
        pub signed_on: Option<PartialDate>,
        /// When it entered into force.
        pub effective_on: Option<PartialDate>,
        /// When its time is over.
        pub expires_on: Option<PartialDate>,
        /// When it ended.
        pub ended_on: Option<PartialDate>,
        /// Why it ended.
        pub end_reason: Option<EndReason>,
        /// The agreement whose place it took.
        pub supersedes: Option<Code>,
        /// What it says.
        pub summary: Option<Text>,
        /// Its address on the web.
        pub url: Option<Url>,
        /// Where the facts come from.
        pub source: Option<Text>,
    }
}

impl Agreement {
    /// How the agreement stands on a day. The same rule is SQL in `filters.rs`; a test compares the two.
    pub fn status_on(&self, day: NaiveDate) -> AgreementStatus {
        let by = |date: &Option<PartialDate>| date.as_ref().map(PartialDate::first_day);
        match self.end_reason {
            Some(reason) if by(&self.ended_on).is_none_or(|ended| ended <= day) => match reason {
                EndReason::Expired => AgreementStatus::Expired,
                EndReason::Terminated => AgreementStatus::Terminated,
                EndReason::Superseded => AgreementStatus::Superseded,
            },
            _ if by(&self.expires_on).is_some_and(|expires| expires < day) => AgreementStatus::Expired,
            _ if by(&self.effective_on).is_some_and(|effective| effective <= day) => AgreementStatus::InForce,
            _ => AgreementStatus::Signed,
        }
    }

    pub(super) fn check_rules(&self, defects: &mut Vec<Defect>) {
        for (field, end) in [("expires_on", &self.expires_on), ("ended_on", &self.ended_on)] {
            not_before(field, end, "signed_on", &self.signed_on, defects);
            not_before(field, end, "effective_on", &self.effective_on, defects);
        }
        if self.supersedes.as_ref() == Some(&self.code) {
            defects.push(Defect::pointer("/supersedes", "self_reference", "an agreement cannot supersede itself"));
        }
    }

    pub(super) fn sample() -> Self {
        use crate::values::{Parsed as _, sample};
        Self {
            code: sample("in-2018-vision"),
            title: sample("India-France Joint Vision for Space Cooperation"),
            kind: AgreementKind::JointStatement,
            nations: vec![sample("IN")],
            organisations: vec![sample("isro")],
            areas: vec![sample("climate")],
            projects: vec![sample("trishna")],
            signed_on: PartialDate::parse("2018-03-10").ok(),
            effective_on: None,
            expires_on: None,
            ended_on: None,
            end_reason: None,
            supersedes: None,
            summary: Text::parse("Guides the cooperation on Earth observation, exploration and innovation.").ok(),
            url: Url::parse("https://presse.cnes.fr").ok(),
            source: None,
        }
    }
}
