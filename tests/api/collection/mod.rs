//! The uniform contract of a collection: writing, lists, history, formats, conditional requests and problems, checked
//! for every kind of record from what the kind says about itself: a new kind is tested without a new line.

mod bodies;
mod conditions;
mod formats;
mod history;
mod listing;
mod paging;
mod proxies;
mod writing;

use partnership_registry::registry::{Resource, ResourceVisitor, visit_resources};

use crate::support::{TestApp, records};

/// The whole uniform contract for one kind, on a service filled with the examples.
fn check_collection<R: Resource>(app: &TestApp) {
    writing::check::<R>(app);
    bodies::check::<R>(app);
    conditions::check::<R>(app);
    proxies::check::<R>(app);
    history::check::<R>(app);
    listing::check::<R>(app);
    paging::check::<R>(app);
    formats::check::<R>(app);
}

#[test]
fn every_kind_of_record_keeps_the_whole_contract_of_a_collection() {
    type Check = fn(&TestApp);
    struct Checks;
    impl ResourceVisitor for Checks {
        type Output = (&'static str, Check);

        fn visit<R: Resource>(&mut self) -> Self::Output {
            (R::COLLECTION, check_collection::<R>)
        }
    }
    let threads: Vec<_> = visit_resources(&mut Checks)
        .map(|(name, check)| {
            let run = move || {
                let app = TestApp::spawn();
                records::fill(&app);
                check(&app);
            };
            (name, std::thread::Builder::new().name(name.to_owned()).spawn(run).unwrap())
        })
        .collect();
    let failed: Vec<_> = threads.into_iter().filter_map(|(name, thread)| thread.join().err().map(|_| name)).collect();
    assert!(failed.is_empty(), "the contract is not kept by {failed:?}");
}
