//! The form in which each kind of record is shown: its columns and filters, and what follows from its declaration.

use std::sync::LazyLock;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::auth::Role;
use crate::registry::{Resource, ResourceVisitor, visit_resources};
use crate::values::{CellFormat, Field};

/// A field of a kind, as pages see it.
#[derive(Debug)]
pub(super) struct FieldView {
    /// Its name.
    pub(super) name: &'static str,
    /// Its form.
    pub(super) shape: CellFormat,
    /// True if a record is complete without it.
    pub(super) optional: bool,
    /// The collection that its codes are of.
    pub(super) refers: Option<&'static str>,
    /// The words that it can be.
    pub(super) words: Vec<String>,
    /// The words of the role, where it is a list of codes with roles.
    pub(super) roles: Vec<String>,
    /// True if it is worked out, not written.
    pub(super) derived: bool,
    /// True if it is a text of several lines.
    pub(super) long: bool,
}

/// A kind of record, as pages see it.
#[derive(Debug)]
pub(super) struct KindView {
    /// Its collection.
    pub(super) collection: &'static str,
    /// Its fields in order, derived ones last.
    pub(super) fields: Vec<FieldView>,
    /// The expansions that `expand` offers, and the collection each comes from.
    pub(super) expansions: Vec<(&'static str, &'static str)>,
    /// The fields that its lists sort by.
    pub(super) sorts: Vec<&'static str>,
    /// The filters of its lists.
    pub(super) filters: Vec<&'static str>,
    /// The dimensions that summaries count it by.
    pub(super) dimensions: Vec<&'static str>,
    /// The least role that writes it.
    pub(super) written_by: Role,
    look: Look,
}

/// The columns of a list.
#[derive(Clone, Copy, Debug)]
struct Look {
    columns: &'static [&'static str],
    filters: &'static [&'static str],
    sort: &'static str,
}

const OTHER: Look = Look { columns: &["code", "name_en", "name_fr", "description"], filters: &["q"], sort: "" };

fn look(collection: &str) -> Look {
    match collection {
        "nations" => Look {
            columns: &["name", "partner_type", "region", "agency", "cooperation_since"],
            filters: &["q", "partner_type", "region", "area"],
            sort: "name",
        },
        "organisations" => Look {
            columns: &["name", "short_name", "kind", "sector", "nation"],
            filters: &["q", "kind", "sector", "nation", "area"],
            sort: "name",
        },
        "projects" => Look {
            columns: &["name", "status", "nations", "areas", "start_date", "launch_date", "end_date", "rating"],
            filters: &["q", "status", "nation", "area", "partner_type", "rating", "active_on"],
            sort: "name",
        },
        "agreements" => Look {
            columns: &["title", "kind", "status", "nations", "areas", "signed_on", "expires_on", "decide_by"],
            filters: &["q", "kind", "status", "nation", "area", "partner_type", "term", "in_force_on"],
            sort: "-signed_on",
        },
        "reviews" => Look {
            columns: &["project", "reviewed_on", "rating", "summary", "reviewer"],
            filters: &["q", "nation", "rating", "reviewed_on__gte", "reviewed_on__lte"],
            sort: "-reviewed_on",
        },
        "documents" => Look {
            columns: &["title", "kind", "language", "dated_on", "agreement", "project", "url"],
            filters: &["q", "kind", "language"],
            sort: "-dated_on",
        },
        "dismissals" => Look { columns: &["rule", "resource", "key", "reason"], filters: &["q"], sort: "code" },
        _ => OTHER,
    }
}

impl KindView {
    fn of<R: Resource>() -> Self {
        let mut fields: Vec<FieldView> = R::FIELDS.iter().map(|field| view(field, R::OUTGOING_REFS)).collect();
        fields.extend(R::DERIVED.iter().map(|field| FieldView {
            name: field.name,
            shape: if field.name.ends_with("_by") || field.name.ends_with("_until") {
                CellFormat::Date
            } else {
                CellFormat::Text
            },
            optional: true,
            refers: None,
            words: Vec::new(),
            roles: Vec::new(),
            derived: true,
            long: false,
        }));
        Self {
            collection: R::COLLECTION,
            fields,
            expansions: R::expansions().map(|expansion| (expansion.name, expansion.from)).collect(),
            sorts: R::sorts().iter().map(|sort| sort.name).collect(),
            filters: R::filters().iter().map(|filter| filter.name).collect(),
            dimensions: R::dimensions().iter().map(|dimension| dimension.name).collect(),
            written_by: R::WRITTEN_BY,
            look: look(R::COLLECTION),
        }
    }

    /// Returns a field by its name.
    pub(super) fn field(&self, name: &str) -> Option<&FieldView> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Returns the columns of its lists. `name` is the name in the reader's language, `rating` that of the latest
    /// review.
    pub(super) fn columns(&self) -> Vec<&'static str> {
        let there = |name: &&'static str| ["name", "rating"].contains(name) || self.field(name).is_some();
        self.look.columns.iter().copied().filter(there).collect()
    }

    /// Returns the filters that its lists offer.
    pub(super) fn offered(&self) -> Vec<&'static str> {
        self.look.filters.iter().copied().filter(|name| self.filters.contains(name)).collect()
    }

    /// Returns the default order of its lists, for names in a field.
    pub(super) fn sort(&self, name_field: &str) -> String {
        let sort = self.look.sort;
        let named = if sort == "name" && !self.sorts.contains(&"name") { name_field } else { sort };
        if self.sorts.contains(&named.trim_start_matches('-')) { named.to_owned() } else { String::new() }
    }

    /// Returns the value of `expand` that adds every name.
    pub(super) fn expand(&self) -> String {
        self.expansions.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",")
    }
}

/// Fields that are texts of several lines.
const LONG: [&str; 5] = ["summary", "description", "notes", "source", "reason"];

fn view(field: &Field, references: &[(&'static str, &'static str)]) -> FieldView {
    let at = [format!("/{}", field.name), format!("/{}/*", field.name)];
    let pair = match field.shape {
        CellFormat::Pair { key, .. } | CellFormat::Pairs { key, .. } => format!("/{}/*/{key}", field.name),
        _ => String::new(),
    };
    let refers = references.iter().find(|(place, _)| at.iter().any(|at| at == place) || *place == pair);
    let mut components = Vec::new();
    (field.components)(&mut components);
    let named = |name: &str| components.iter().find(|(known, _)| known == name).map(|(_, schema)| schema.clone());
    let words = match (field.schema)("") {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default().to_owned();
            named(&name).map(|schema| words(&schema)).unwrap_or_default()
        }
        schema => words(&schema),
    };
    let roles = components.iter().find_map(|(_, schema)| match schema {
        RefOr::T(Schema::Object(object)) => {
            let role = object.properties.get("role")?;
            Some(match role {
                RefOr::Ref(reference) => {
                    let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
                    self::words(&named(name)?)
                }
                role => self::words(role),
            })
        }
        _ => None,
    });
    FieldView {
        name: field.name,
        shape: field.shape,
        optional: field.optional,
        refers: refers.map(|(_, to)| *to),
        words,
        roles: roles.unwrap_or_default(),
        derived: false,
        long: LONG.contains(&field.name),
    }
}

/// Returns the words of an enumeration.
fn words(schema: &RefOr<Schema>) -> Vec<String> {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            let values = object.enum_values.iter().flatten();
            values.filter_map(|value| value.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

static KINDS: LazyLock<Vec<KindView>> = LazyLock::new(|| {
    struct View;
    impl ResourceVisitor for View {
        type Output = KindView;

        fn visit<R: Resource>(&mut self) -> KindView {
            KindView::of::<R>()
        }
    }
    visit_resources(&mut View).collect()
});

/// Returns every kind.
#[cfg(test)]
pub(super) fn all() -> &'static [KindView] {
    &KINDS
}

/// Returns the kind of a collection.
pub(super) fn of(collection: &str) -> Option<&'static KindView> {
    KINDS.iter().find(|kind| kind.collection == collection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_field_can_be_follows_from_its_declaration() {
        let projects = of("projects").unwrap();
        assert_eq!(projects.field("status").unwrap().words.first().unwrap(), "proposed");
        let nations = projects.field("nations").unwrap();
        assert_eq!((nations.refers, nations.roles.first().map(String::as_str)), (Some("nations"), Some("lead")));
        assert_eq!(projects.field("areas").unwrap().refers, Some("cooperation-areas"));
        assert!(!projects.field("name").unwrap().optional && projects.field("url").unwrap().optional);
        assert!(of("agreements").unwrap().field("end_reason").unwrap().words.contains(&"expired".to_owned()));
    }

    #[test]
    fn every_kind_field_and_filter_has_a_name_in_both_languages() {
        use crate::pages::language::Language;
        use crate::pages::texts::says;
        for kind in all() {
            for name in kind.fields.iter().map(|field| field.name).chain(kind.offered()) {
                for language in Language::ALL {
                    let key = format!("field-{}", name.replace('_', "-"));
                    assert!(says(language.tag(), &key).is_some(), "{key} in {}", language.tag());
                }
            }
            for key in ["collection", "one"].map(|what| format!("{what}-{}", kind.collection)) {
                for language in Language::ALL {
                    assert!(says(language.tag(), &key).is_some(), "{key} in {}", language.tag());
                }
            }
        }
    }
}
