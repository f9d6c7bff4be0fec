//! `doctor`: it finds what is wrong, says what to do, and makes nothing.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use super::service::Place;

/// The findings of `doctor` in JSON, and whether none of them fails.
fn diagnosed(place: &Place, args: &[&str]) -> (bool, Vec<(String, String, String)>) {
    let ran = place.run(&[&["doctor", "--format", "json"], args].concat());
    let said: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let text = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let checks = said["checks"].as_array().unwrap().iter();
    let checks = checks.map(|check| (text(check, "check"), text(check, "status"), text(check, "detail"))).collect();
    assert_eq!(ran.status.success(), said["status"] != "failed", "{said}");
    (ran.status.success(), checks)
}

fn has(found: &[(String, String, String)], check: &str, status: &str) -> bool {
    found.iter().any(|(name, how, _)| name == check && how == status)
}

/// Fails where the doctor makes something, or where what is wrong is not found.
#[test]
fn a_doctor_finds_defects_and_changes_nothing() {
    let place = Place::bare();
    let (well, found) = diagnosed(&place, &[]);
    assert!(well && has(&found, "database", "warning") && has(&found, "keys", "warning"), "{found:?}");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "nothing was made");
    place.run(&["migrate"]);
    let (well, found) = diagnosed(&place, &[]);
    assert!(well && has(&found, "database", "ok") && has(&found, "migrations", "ok"), "{found:?}");
    assert!(has(&found, "users", "warning") && has(&found, "log", "ok") && has(&found, "temporary", "ok"), "{found:?}");
    place.run(&["key", "rotate"]);
    let keys = place.path().join("keys");
    let key = std::fs::read_dir(&keys).unwrap().next().unwrap().unwrap().path();
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(&key, 0o644);
    let (well, found) = diagnosed(&place, &[]);
    assert!(!well && has(&found, "permissions", "failed"), "{found:?}");
    mode(&key, 0o600);
    assert!(diagnosed(&place, &[]).0);
    std::fs::write(&key, "no key").unwrap();
    assert!(has(&diagnosed(&place, &[]).1, "keys", "failed"));
    std::fs::remove_file(&key).unwrap();
    let (well, found) = diagnosed(&place, &["--bind", "0.0.0.0:8080"]);
    assert!(well && has(&found, "settings", "warning"), "{found:?}");
    std::fs::write(place.path().join("registry.db"), "no database at all").unwrap();
    let (well, found) = diagnosed(&place, &[]);
    assert!(!well && has(&found, "database", "failed"), "{found:?}");
    let text = place.run(&["doctor"]);
    let said = String::from_utf8_lossy(&text.stdout);
    assert!(!text.status.success() && said.contains("FAILED  database") && said.contains("-> "), "{text:?}");
}
