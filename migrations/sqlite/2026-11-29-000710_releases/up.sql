-- Revisions of the log that have a name, for citations. A name is given once and never taken away.
CREATE TABLE releases (
    name       TEXT NOT NULL PRIMARY KEY,
    revision   INTEGER NOT NULL REFERENCES changes (revision),
    hash       TEXT NOT NULL CHECK (length(hash) = 64),
    note       TEXT,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
) STRICT;
