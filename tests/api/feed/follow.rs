//! A follower that copies the registry through the feed ends with the same registry, however often it is killed while
//! others write.

use futures_util::future::join_all;
use partnership_registry::changes;
use partnership_registry::db::{Db, ReadClass};
use partnership_registry::error::{Error, Result};
use partnership_registry::registry::cooperation_areas::CooperationArea;
use partnership_registry::registry::nations::Nation;
use partnership_registry::registry::projects::Project;
use partnership_registry::registry::{Author, Resource, Tx, write, write_batch};
use serde_json::{Value, json};

use super::page;
use crate::support::{EventStream, Replica, TestApp, registry};

const WRITERS: u64 = 32;
const REVISIONS: i64 = 10_000;
/// The last record to be written: then nothing more comes.
const END: &str = "the-end";

/// Numbers that look random and are the same in every run (SplitMix64).
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// Writes a record over what there is, or deletes what there is.
fn write_one<R: Resource>(tx: &mut Tx<'_>, document: Value, delete: bool) -> Result<()> {
    let record: R = tx.accept(document)?;
    match tx.find::<R>(record.code())? {
        Some(before) if delete => tx.delete(&before),
        before => tx.put(record, before).map(drop),
    }
}

/// Something done to one of a few records that all writers share.
fn do_something(tx: &mut Tx<'_>, dice: &mut Dice) -> Result<()> {
    let delete = dice.below(4) == 0;
    let (number, words) = (dice.below(40), format!("words {}", dice.below(1_000)));
    let nation = |number: u64| rust_iso3166::ALL[usize::try_from(number).unwrap()];
    let area = |number: u64| format!("area-{}", number % 8);
    match dice.below(10) {
        0 => write_one::<CooperationArea>(tx, json!({ "code": area(number), "name_en": words }), delete),
        1..=3 => {
            let nation = nation(number);
            let document =
                json!({ "code": nation.alpha2, "alpha3": nation.alpha3, "name_en": nation.name, "notes": words });
            write_one::<Nation>(tx, document, delete)
        }
        _ => {
            // Refused as long as there is no such nation or area.
            let nations = json!([{ "nation": nation(dice.below(40)).alpha2, "role": "partner" }]);
            let document = json!({
                "code": format!("project-{number}"), "name": words, "status": "proposed",
                "nations": if dice.below(2) == 0 { json!([]) } else { nations }, "areas": [area(number)],
            });
            write_one::<Project>(tx, document, delete)
        }
    }
}

/// Writes until the log is long enough: one change at a time, or an import of several.
async fn writer(db: &Db, number: u64) {
    let mut dice = Dice(number);
    let author = || Author::user(&format!("writer-{number}"));
    while db.read(ReadClass::Inline, changes::revision).await.unwrap() < REVISIONS {
        let (many, mut own) = (dice.below(4) == 0, Dice(dice.below(u64::MAX)));
        let written = if many {
            write_batch(db, author(), move |tx| (0..8).try_for_each(|_| do_something(tx, &mut own))).await
        } else {
            write(db, author(), move |tx| do_something(tx, &mut own)).await
        };
        assert!(matches!(written, Ok(()) | Err(Error::Validation(_) | Error::InUse { .. })), "{written:?}");
    }
}

/// A follower: what it has copied, and what of that survives when it is killed.
#[derive(Clone, Default)]
struct Follower {
    copy: Replica,
    last: i64,
}

fn is_end(item: &Value) -> bool {
    item["key"] == END
}

/// Follows by asking, after each commit; killed in the middle of pages.
fn ask(app: &TestApp) -> (Replica, usize) {
    let (mut dice, mut kills, mut commits) = (Dice(1), 0, 0);
    let mut saved = Follower::default();
    'killed: loop {
        let mut alive = saved.clone();
        let (items, last) = page(&app.viewer(), &format!("since={}&limit={}", alive.last, 1 + dice.below(200)));
        for item in &items {
            if dice.below(400) == 0 {
                kills += 1;
                continue 'killed;
            }
            alive.copy.apply(item);
        }
        alive.last = last;
        saved = alive;
        match items.last() {
            Some(last) if is_end(last) => return (saved.copy, kills),
            Some(_) => {}
            None => commits = app.db.commits().wait(commits, None),
        }
    }
}

/// Follows a stream; the connection is cut anywhere, and what has not been saved is lost.
fn listen(app: &TestApp) -> (Replica, usize) {
    let (mut dice, mut kills) = (Dice(2), 0);
    let mut saved = Follower::default();
    loop {
        let mut alive = saved.clone();
        let resume = format!("Last-Event-ID: {}", alive.last);
        let mut stream = EventStream::open(app.address(), app.viewer().token().unwrap(), "since=0", &[&resume]);
        for _ in 0..dice.below(600) {
            let item = stream.change().expect("the stream goes on");
            alive.copy.apply(&item);
            alive.last = item["revision"].as_i64().unwrap();
            if is_end(&item) {
                return (alive.copy, kills);
            }
            if dice.below(50) == 0 {
                saved = alive.clone();
            }
        }
        kills += 1;
    }
}

#[test]
fn a_follower_that_is_killed_again_and_again_copies_what_32_writers_make_of_the_registry() {
    let app = TestApp::spawn();
    let ((asked, ask_kills), (heard, listen_kills)) = std::thread::scope(|scope| {
        let (ask, listen) = (scope.spawn(|| ask(&app)), scope.spawn(|| listen(&app)));
        actix_web::rt::System::new().block_on(async {
            join_all((0..WRITERS).map(|number| writer(&app.db, number))).await;
        });
        app.admin().put(&format!("/cooperation-areas/{END}"), &json!({ "name_en": "The end" })).expect(201);
        (ask.join().unwrap(), listen.join().unwrap())
    });
    let registry = registry(&app);
    assert!(asked == registry, "what was copied by asking is not the registry");
    assert!(heard == registry, "what was copied from streams is not the registry");
    assert!(ask_kills >= 10 && listen_kills >= 10, "{ask_kills} and {listen_kills} kills");
    for action in ["created", "updated", "deleted"] {
        let (items, _) = page(&app.viewer(), &format!("action={action}&limit=200"));
        assert_eq!(items.len(), 200, "{action} happened often enough");
    }
}
