//! Rotation of the signing keys: gradual, while tokens of the old keys stay valid, and at once, after a restore.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::keys::{make, read_all};
use crate::clock;
use crate::db::schema::named_tokens;
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::secret_files;

/// The time that an old key is kept after a new one was made. Access tokens live 15 minutes; the rest is for clocks
/// and for instances that have not seen the new key yet.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// Adds a key, which signs from now on (in a running service: from the next second), and deletes those that no token
/// needs any more. Answers with the new key's id and those of the deleted ones.
///
/// # Errors
/// [`Error::Internal`] when the directory cannot be written, and what the database says.
pub fn rotate(db: &Db, data_dir: &Path) -> Result<(String, Vec<String>)> {
    rotate_at(db, data_dir, clock::now())
}

fn rotate_at(db: &Db, data_dir: &Path, now: DateTime<Utc>) -> Result<(String, Vec<String>)> {
    let directory = data_dir.join("keys");
    secret_files::make_directory(&directory)?;
    let kid = make(&directory, &read_all(&directory)?)?;
    let keys = read_all(&directory)?;
    let needed = db.read_blocking(|conn| needed_by_named_tokens(conn, now))?;
    let mut deleted = Vec::new();
    for (key, successor) in keys.iter().zip(keys.iter().skip(1)) {
        if successor.born_at + OVERLAP < now && !needed.contains(&key.kid) {
            std::fs::remove_file(&key.path).map_err(|error| {
                Error::internal(format!("the old key {} cannot be deleted", key.path.display()), error)
            })?;
            deleted.push(key.kid.clone());
        }
    }
    log::info!(target: "auth", "the signing key was rotated: {kid} signs now, {} old keys were deleted", deleted.len());
    Ok((kid, deleted))
}

/// Adds a key that is to take the place of all others.
///
/// # Errors
/// [`Error::Internal`] when the directory cannot be written.
pub fn replace_keys(data_dir: &Path) -> Result<Replaced> {
    let directory = data_dir.join("keys");
    secret_files::make_directory(&directory)?;
    let older = read_all(&directory)?;
    make(&directory, &older)?;
    Ok(Replaced { older: older.into_iter().map(|key| key.path).collect() })
}

/// The keys that a new one replaces.
#[must_use]
#[derive(Debug)]
pub struct Replaced {
    older: Vec<PathBuf>,
}

impl Replaced {
    /// Deletes them, and whatever they have signed is worth nothing.
    ///
    /// # Errors
    /// [`Error::Internal`] that names the one that cannot be deleted.
    pub fn delete_others(self) -> Result<()> {
        self.older.iter().try_for_each(|path| {
            std::fs::remove_file(path)
                .map_err(|error| Error::internal(format!("delete the old key {} yourself", path.display()), error))
        })
    }
}

fn needed_by_named_tokens(conn: &mut DbConn, now: DateTime<Utc>) -> Result<Vec<String>> {
    Ok(named_tokens::table
        .filter(named_tokens::revoked_at.is_null())
        .filter(named_tokens::expires_at.gt(clock::stamp(now)))
        .select(named_tokens::kid)
        .distinct()
        .load(conn)?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::keys::KeyRing;
    use super::*;
    use crate::db::{DatabaseUrl, Limits};

    #[test]
    fn keys_that_are_replaced_verify_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::open_with(folder.path(), Duration::ZERO).unwrap();
        let first = ring.signing().kid.clone();
        let replaced = replace_keys(folder.path()).unwrap();
        assert!(ring.signing().kid != first && ring.find(&first).is_some(), "both, until it is done");
        replaced.delete_others().unwrap();
        let keys: Vec<_> = ring.jwks().keys.into_iter().map(|key| key.kid).collect();
        assert_eq!(keys, [ring.signing().kid.clone()]);
        assert!(ring.find(&first).is_none());
    }

    #[test]
    fn a_running_ring_sees_a_rotation_and_old_keys_go_when_nothing_needs_them() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        Db::migrate(&url).unwrap();
        let db = Db::open(&url, Limits::default()).unwrap();
        let ring = KeyRing::open_with(folder.path(), Duration::ZERO).unwrap();
        let first = ring.signing().kid.clone();

        let (second, deleted) = rotate(&db, folder.path()).unwrap();
        assert_eq!(deleted, Vec::<String>::new());
        assert_eq!(ring.signing().kid, second);
        assert!(ring.find(&first).is_some());
        assert_eq!(
            ring.jwks().keys.iter().map(|key| key.kid.clone()).collect::<Vec<_>>(),
            [second.clone(), first.clone()]
        );

        let later = clock::now() + TimeDelta::hours(2);
        let (third, deleted) = rotate_at(&db, folder.path(), later).unwrap();
        assert_eq!(deleted, [first.as_str(), second.as_str()]);
        assert_eq!(ring.signing().kid, third);
        assert!(ring.find(&first).is_none());
    }

    #[test]
    fn a_key_stays_as_long_as_a_named_token_needs_it() {
        use super::super::named_tokens::{NewNamedToken, insert, revoke_all};
        use super::super::{Role, Username, users};
        use crate::values::{FromText as _, Name};

        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        Db::migrate(&url).unwrap();
        let db = Db::open(&url, Limits::default()).unwrap();
        users::add(&db, "ada", Role::Viewer, None, "heron beside a slow canal").unwrap();
        let first = KeyRing::open(folder.path()).unwrap().signing().kid.clone();
        let (ada, now, kid) = (Username::parse("ada").unwrap(), clock::now(), first.clone());
        let name = ada.clone();
        let new = NewNamedToken {
            name: Name::parse("export").unwrap(),
            role: Role::Viewer,
            expires_at: now + TimeDelta::days(30),
        };
        db.write_blocking(move |conn| insert(conn, "a-token", &name, &new, &kid, now)).unwrap();

        let (second, _) = rotate_at(&db, folder.path(), now).unwrap();
        let (_, deleted) = rotate_at(&db, folder.path(), now + TimeDelta::days(2)).unwrap();
        assert_eq!(deleted, [second], "the first is needed still");
        db.write_blocking(move |conn| revoke_all(conn, &ada, clock::now())).unwrap();
        let (_, deleted) = rotate_at(&db, folder.path(), now + TimeDelta::days(2)).unwrap();
        assert!(deleted.contains(&first));
    }
}
