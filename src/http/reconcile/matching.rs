//! Names of collections, kept in memory until the registry changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::db::{Db, ReadClass};
use crate::error::Result;
use crate::registry::resolve::{Names, names_of};

/// The names that were read, each with the generation of the log in which that was.
#[derive(Debug, Default)]
pub struct KnownNames(Mutex<HashMap<&'static str, (u64, Arc<Names>)>>);

impl KnownNames {
    /// Returns the names of a collection as it is now.
    ///
    /// # Errors
    /// Errors of the database.
    pub(in crate::http) async fn of(&self, db: &Db, collection: &'static str) -> Result<Arc<Names>> {
        let generation = db.log_generation()?;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(collection).cloned();
        if let Some((of, names)) = kept
            && of == generation
        {
            return Ok(names);
        }
        let names = Arc::new(db.read(ReadClass::Pooled, move |conn| names_of(conn, collection)).await?);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(collection, (generation, names.clone()));
        Ok(names)
    }
}
