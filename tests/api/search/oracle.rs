//! Sixty questions to the sample registry, their whole answers in order, against a plain reading of what searching
//! promises. The suite runs on both databases: both agree with it, and so with each other.

use std::collections::BTreeMap;

use partnership_registry::registry::search::{SearchFields, SearchQuery, Term};
use partnership_registry::registry::{Resource, ResourceVisitor, visit_resources};
use partnership_registry::values::FromText as _;
use partnership_registry::values::fold::words;
use serde_json::Value;

use super::{ask, places, sample};
use crate::support::Client;

const QUESTIONS: [&str; 60] = [
    "venus",
    "VENµS",
    "Vénus",
    "venus -orbiter",
    "etats",
    "États-Unis",
    "l'espace",
    "L’ESPACE",
    "d'etudes spatiales",
    "space",
    "spa",
    "s",
    "in",
    "IN",
    "isro",
    "cnes",
    "cnes nasa",
    "nasa cnes",
    "\"cnes nasa\"",
    "CNES-NASA",
    "-cnes",
    "-cnes -space",
    "mars",
    "mars -rover",
    "-rover mars",
    "rover -mars",
    "earth observation",
    "\"earth observation\"",
    "\"observation earth\"",
    "\"earth obs",
    "\"earth obs\"",
    "earth-observ",
    "jason",
    "jason-3",
    "jason 3",
    "\"jason 3\"",
    "OSTM/Jason-2",
    "climat",
    "climate",
    "climate change",
    "change climate",
    "France China",
    "joint",
    "agreement mars",
    "cooperation agreement",
    "laboratoire",
    "laboratoire astrophysique",
    "\"laboratoire d'astrophysique\"",
    "oe",
    "œ",
    "µ",
    "2017",
    "the of and",
    "France -\"United States\"",
    "soviet",
    "Viêt",
    "corée",
    "saral/altika",
    "zzz",
    "!?",
];

struct Row {
    place: usize,
    code: String,
    name: String,
    names: Vec<Vec<String>>,
    texts: Vec<Vec<String>>,
}

/// Everything that can be found, read through the API.
fn rows(viewer: &Client) -> Vec<Row> {
    struct Read<'a>(&'a Client, Vec<Row>, usize);
    impl ResourceVisitor for Read<'_> {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            for item in everything(self.0, R::COLLECTION) {
                let SearchFields { names, texts, .. } = R::SEARCH_FIELDS;
                let fields = |fields: &[&str]| -> Vec<Vec<String>> {
                    let values = fields.iter().map(|field| &item[*field]);
                    let texts = values.flat_map(|value| match value {
                        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
                        value => Vec::from_iter(value.as_str()),
                    });
                    texts.map(|text| words(text).into_iter().map(|word| word.text).collect()).collect()
                };
                let code = item["code"].as_str().unwrap().to_owned();
                let name = format!("{}/{code}", R::COLLECTION);
                self.1.push(Row { place: self.2, code, name, names: fields(names), texts: fields(texts) });
            }
            self.2 += 1;
        }
    }
    let mut read = Read(viewer, Vec::new(), 0);
    visit_resources(&mut read).for_each(drop);
    read.1
}

fn everything(viewer: &Client, collection: &str) -> Vec<Value> {
    let page = viewer.get(&format!("/{collection}?limit=200")).expect(200).json();
    assert!(page["next_cursor"].is_null());
    page["items"].as_array().unwrap().clone()
}

fn at(field: &[String], term: &Term, place: usize) -> bool {
    let Some(window) = field.get(place..place + term.words.len()) else { return false };
    let (last, firsts) = window.split_last().unwrap();
    let (wanted, before) = term.words.split_last().unwrap();
    firsts == before && (last == wanted || (term.open && last.starts_with(wanted.as_str())))
}

fn holds(fields: &[Vec<String>], term: &Term) -> bool {
    fields.iter().any(|field| (0..field.len()).any(|place| at(field, term, place)))
}

fn matches(row: &Row, question: &SearchQuery) -> bool {
    let held = |term: &Term| holds(&row.names, term) || holds(&row.texts, term);
    let asked = !(question.wanted.is_empty() && question.unwanted.is_empty());
    asked && question.wanted.iter().all(held) && !question.unwanted.iter().any(held)
}

fn rank(row: &Row, question: &SearchQuery) -> u8 {
    let words: Vec<String> = question.wanted.iter().flat_map(|term| term.words.clone()).collect();
    let whole = Term { words, open: question.wanted.last().is_some_and(|term| term.open) };
    let begins = |name: &Vec<String>| !whole.words.is_empty() && at(name, &whole, 0);
    let in_names = |term: &Term| holds(&row.names, term);
    match () {
        () if question.wanted.is_empty() => 2,
        () if row.names.contains(&whole.words) => 1,
        () if row.names.iter().any(begins) => 2,
        () if question.wanted.iter().all(in_names) => 3,
        () if question.wanted.iter().any(in_names) => 4,
        () => 5,
    }
}

#[test]
fn sixty_questions_find_what_a_plain_reading_finds_in_its_order() {
    let app = sample();
    let viewer = app.viewer();
    let rows = rows(&viewer);
    let mut sizes = BTreeMap::new();
    for text in QUESTIONS {
        let question = SearchQuery::parse(text).unwrap();
        let mut expected: Vec<&Row> = rows.iter().filter(|row| matches(row, &question)).collect();
        expected.sort_by_key(|row| (rank(row, &question), row.place, &row.code));
        let expected: Vec<&str> = expected.into_iter().map(|row| row.name.as_str()).collect();
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = ask(&viewer, text, &format!("&limit=200{cursor}")).expect(200);
            assert_eq!(page.json()["total"], expected.len(), "{text}");
            found.extend(places(&page));
            let Some(next) = page.json()["next_cursor"].as_str().map(str::to_owned) else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, expected, "{text}");
        sizes.insert(text, found.len());
    }
    // The questions are not all trivial.
    assert!(sizes.values().filter(|size| **size > 0).count() > 50, "{sizes:?}");
    assert!(sizes["s"] > 100 && sizes["zzz"] == 0 && sizes["!?"] == 0, "{sizes:?}");
}
