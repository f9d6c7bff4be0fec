//! temporary
use partnership_registry::{app, db};
fn main() {
    env_logger::init();
    let url: db::DatabaseUrl = std::env::args().nth(1).unwrap_or_default().parse().unwrap_or_else(|e| panic!("{e}"));
    db::Db::migrate(&url).unwrap_or_else(|e| panic!("{e}"));
    let db = db::Db::open(&url, db::Limits::default()).unwrap_or_else(|e| panic!("{e}"));
    let config = app::ServeConfig {
        bind: ([127, 0, 0, 1], 8099).into(),
        workers: 2,
        data_dir: ".".into(),
        require_if_match: false,
    };
    app::serve(&config, db, |_| {}).unwrap_or_else(|e| panic!("{e}"));
}
