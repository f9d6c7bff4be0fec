//! The process of a PostgreSQL server that serves a connection.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use crate::error::Result;

/// The process of the server that serves a connection. Its number alone may be another's on another server, or later.
#[derive(Clone, Debug, QueryableByName)]
pub(super) struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
    #[diesel(sql_type = Text)]
    began: String,
}

impl Backend {
    /// Reads the process of a connection.
    pub(super) fn of(conn: &mut PgConnection) -> Result<Self> {
        let own = "SELECT pid, extract(epoch FROM backend_start)::text AS began FROM pg_stat_activity \
            WHERE pid = pg_backend_pid()";
        Ok(diesel::sql_query(own).get_result(conn)?)
    }

    /// Tells the server to end the statement that runs there.
    pub(super) fn cancel(&self, conn: &mut PgConnection) -> QueryResult<()> {
        let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
            WHERE pid = $1 AND extract(epoch FROM backend_start)::text = $2";
        diesel::sql_query(cancel).bind::<Integer, _>(self.pid).bind::<Text, _>(&self.began).execute(conn).map(drop)
    }
}
