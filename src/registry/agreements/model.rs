//! The record of an agreement.

use crate::clock;
use crate::error::Defect;
use crate::registry::rules::not_before;
use crate::registry::table_record::table_record;
use crate::values::fold::sort_key;
use crate::values::{Code, NationCode, NoticeMonths, PartialDate, RenewalMonths, Text, Title, Url, text_enum};

text_enum! {
    /// The kind of an agreement.
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
    /// The reason why an agreement ended.
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
    /// The term of an agreement.
    pub enum AgreementTerm {
        /// For a time that was agreed.
        Fixed = "fixed",
        /// Until a party ends it.
        OpenEnded = "open_ended",
        /// As long as the projects under it last.
        LifeOfProjects = "life_of_projects",
    }
}

text_enum! {
    /// The renewal of an agreement when its term is over.
    pub enum Renewal {
        /// It does not.
        None = "none",
        /// If the parties say so.
        Express = "express",
        /// Unless a party objects in time.
        Tacit = "tacit",
    }
}

text_enum! {
    /// The status of an agreement on a day; it follows from its dates.
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

table_record! {
    /// An agreement.
    pub struct Agreement in agreements {
        /// Its key, a slug.
        pub code: Code,
        /// Its title.
        pub title: Title,
        /// The kind of agreement.
        pub kind: AgreementKind,
        links by agreement {
            /// The nations that signed; each once.
            pub nations: Vec<NationCode> => expand "nations" in agreement_nations(nation),
            /// The organisations that signed; each once.
            pub organisations: Vec<Code> => expand "organisations" in agreement_organisations(organisation),
            /// Its areas, codes of cooperation-areas; each once.
            pub areas: Vec<Code> => expand "cooperation-areas" in agreement_areas(area),
            /// The projects under it; each once.
            pub projects: Vec<Code> => expand "projects" in agreement_projects(project),
        }
        /// When it was signed.
        pub signed_on: Option<PartialDate>,
        /// When it entered into force.
        pub effective_on: Option<PartialDate>,
        /// When its time is over: the end of its first period, where it is renewed tacitly.
        pub expires_on: Option<PartialDate>,
        /// Its term; null where that is not known.
        pub term: Option<AgreementTerm>,
        /// Its renewal then; null where that is not known.
        pub renewal: Option<Renewal>,
        /// By how many months a renewal prolongs it; a tacit one needs it.
        pub renewal_months: Option<RenewalMonths>,
        /// The number of months before an end by which a party must speak; null where that is not known.
        pub notice_months: Option<NoticeMonths>,
        /// When it ended.
        pub ended_on: Option<PartialDate>,
        /// The reason why it ended.
        pub end_reason: Option<EndReason>,
        /// The agreement that it replaced.
        pub supersedes: Option<Code> => "agreements",
        /// The organisation of the agency that answers for it.
        pub responsible: Option<Code> => expand "organisations",
        /// Its content in short.
        pub summary: Option<Text>,
        /// Its address on the web.
        pub url: Option<Url>,
        /// Where the facts come from.
        pub source: Option<Text>,
    }
    computed |agreement| where decides = agreement.decides(clock::today()); {
        title_sort = sort_key(agreement.title.as_str()),
        decide_by_asc = decides.asc,
        decide_by_desc = decides.desc,
        decide_by_from = decides.from,
        decide_by_until = decides.until,
    }
}

impl Agreement {
    pub(super) fn check_rules(&self, defects: &mut Vec<Defect>) {
        for (field, end) in [("expires_on", &self.expires_on), ("ended_on", &self.ended_on)] {
            not_before(field, end, "signed_on", &self.signed_on, defects);
            not_before(field, end, "effective_on", &self.effective_on, defects);
        }
        if let (Some(term @ (AgreementTerm::OpenEnded | AgreementTerm::LifeOfProjects)), Some(_)) =
            (self.term, &self.expires_on)
        {
            let detail = format!("an agreement whose term is {term} expires on no day: leave it empty, or say fixed");
            defects.push(Defect::pointer("/expires_on", "not_with_term", detail));
        }
        if self.renewal == Some(Renewal::Tacit) && self.renewal_months.is_none() {
            let detail = "a tacit renewal prolongs the agreement by a number of months, which is wanted";
            defects.push(Defect::pointer("/renewal_months", "required", detail));
        }
        if self.supersedes.as_ref() == Some(&self.code) {
            defects.push(Defect::pointer("/supersedes", "self_reference", "an agreement cannot supersede itself"));
        }
    }
}
