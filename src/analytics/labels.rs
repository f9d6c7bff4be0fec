//! The names of codes and enumerations, in English and French.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use crate::db::schema::{cooperation_areas, nations, organisations, partner_types};
use crate::db::{DbConn, in_list};
use crate::error::Result;
use crate::registry::query::CHUNK;

/// A name in both languages; where only one is known it is used for both.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Label {
    /// In English.
    pub en: String,
    /// In French.
    pub fr: String,
}

impl Label {
    fn new(en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { en: en.into(), fr: fr.into() }
    }

    /// Returns the name of the group of records without a value.
    pub fn none() -> Self {
        Self::new("none", "aucun")
    }
}

/// The words of the enumerations (no word is in two of them with two meanings) and of the regions of UN M49.
const WORDS: [(&str, &str, &str); 42] = [
    ("proposed", "Proposed", "Proposé"),
    ("in_development", "In development", "En développement"),
    ("operational", "Operational", "Opérationnel"),
    ("completed", "Completed", "Terminé"),
    ("cancelled", "Cancelled", "Annulé"),
    ("signed", "Signed", "Signé"),
    ("in_force", "In force", "En vigueur"),
    ("expired", "Expired", "Expiré"),
    ("terminated", "Terminated", "Dénoncé"),
    ("superseded", "Superseded", "Remplacé"),
    ("framework_agreement", "Framework agreement", "Accord-cadre"),
    ("memorandum_of_understanding", "Memorandum of understanding", "Protocole d'accord"),
    ("implementing_arrangement", "Implementing arrangement", "Arrangement de mise en œuvre"),
    ("letter_of_intent", "Letter of intent", "Lettre d'intention"),
    ("joint_statement", "Joint statement", "Déclaration conjointe"),
    ("fixed", "Fixed", "À durée déterminée"),
    ("open_ended", "Open-ended", "À durée indéterminée"),
    ("life_of_projects", "Life of the projects", "Durée des projets"),
    ("none", "None", "Aucune"),
    ("express", "Express", "Expresse"),
    ("tacit", "Tacit", "Tacite"),
    ("space_agency", "Space agency", "Agence spatiale"),
    ("directorate", "Directorate", "Direction"),
    ("research_laboratory", "Research laboratory", "Laboratoire de recherche"),
    ("competitiveness_cluster", "Competitiveness cluster", "Pôle de compétitivité"),
    ("manufacturer", "Manufacturer", "Industriel"),
    ("government_body", "Government body", "Organisme public"),
    ("international_organisation", "International organisation", "Organisation internationale"),
    ("university", "University", "Université"),
    ("company", "Company", "Entreprise"),
    ("institutional", "Institutional", "Institutionnel"),
    ("commercial", "Commercial", "Commercial"),
    ("on_track", "On track", "En bonne voie"),
    ("at_risk", "At risk", "À risque"),
    ("off_track", "Off track", "En difficulté"),
    ("Africa", "Africa", "Afrique"),
    ("Americas", "Americas", "Amériques"),
    ("Antarctica", "Antarctica", "Antarctique"),
    ("Antarctic", "Antarctic", "Antarctique"),
    ("Asia", "Asia", "Asie"),
    ("Europe", "Europe", "Europe"),
    ("Oceania", "Oceania", "Océanie"),
];

/// Returns the name of a word of an enumeration, or of a region; an unknown one is its own name.
pub fn word(value: &str) -> Label {
    WORDS
        .iter()
        .find(|(word, _, _)| *word == value)
        .map_or_else(|| Label::new(value, value), |(_, en, fr)| Label::new(*en, *fr))
}

/// The names of these codes in a table: a query for each [`CHUNK`] of them.
macro_rules! names {
    ($conn:expr, $codes:expr, $table:ident, ($en:ident, $fr:expr)) => {{
        let mut found = Vec::new();
        let codes: Vec<String> = $codes.iter().map(|&code| code.to_owned()).collect();
        for codes in codes.chunks(CHUNK) {
            found.extend(
                $table::table.select(($table::code, $table::$en, $fr)).filter(in_list($table::code, codes)).load::<(
                    String,
                    String,
                    Option<String>,
                )>(
                    $conn
                )?,
            );
        }
        found
    }};
}

/// Returns the labels of values of a dimension.
///
/// # Errors
/// Errors of the database.
pub fn labels(conn: &mut DbConn, dimension: &str, values: &BTreeSet<&str>) -> Result<HashMap<String, Label>> {
    let named = match dimension {
        "nation" => names!(conn, values, nations, (name_en, nations::name_fr)),
        "partner_type" => names!(conn, values, partner_types, (name_en, partner_types::name_fr)),
        "area" => names!(conn, values, cooperation_areas, (name_en, cooperation_areas::name_fr)),
        "organisation" | "responsible" => names!(conn, values, organisations, (name, organisations::name.nullable())),
        _ => return Ok(values.iter().map(|&value| (value.to_owned(), word(value))).collect()),
    };
    Ok(named.into_iter().map(|(code, en, fr)| (code, Label { fr: fr.unwrap_or_else(|| en.clone()), en })).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::agreements::{AgreementKind, AgreementStatus, AgreementTerm, Renewal};
    use crate::registry::organisations::{OrganisationKind, Sector};
    use crate::registry::projects::ProjectStatus;
    use crate::registry::reviews::Rating;

    #[test]
    fn every_word_of_an_enumeration_has_a_name_in_both_languages() {
        let all = [
            ProjectStatus::TEXTS,
            AgreementStatus::TEXTS,
            AgreementKind::TEXTS,
            AgreementTerm::TEXTS,
            Renewal::TEXTS,
            OrganisationKind::TEXTS,
            Sector::TEXTS,
            Rating::TEXTS,
        ];
        for text in all.concat() {
            assert!(WORDS.iter().any(|(word, _, _)| *word == text), "{text}");
        }
    }
}
