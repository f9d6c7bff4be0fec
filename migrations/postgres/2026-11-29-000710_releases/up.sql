-- Revisions of the log that have a name, for citations. A name is given once and never taken away.
CREATE TABLE releases (
    name       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    revision   BIGINT NOT NULL REFERENCES changes (revision),
    hash       TEXT COLLATE "C" NOT NULL CHECK (length(hash) = 64),
    note       TEXT COLLATE "C",
    created_at TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL
);
