//! Partner types: the relation of the agency to a nation.

super::vocabulary::vocabulary! {
    /// The relation of the agency to a nation: an established partner, an emerging one.
    PartnerType in partner_types, "partner-types", "partner_type",
    "The relation of the agency to a nation: established or emerging. Written by administrators.",
    example: "established", "Established partner", "Partenaire historique",
    "Leading space nations with which cooperation is historic and foundational."
}
