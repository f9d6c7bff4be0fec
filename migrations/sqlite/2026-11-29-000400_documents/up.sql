-- The papers behind agreements and projects. The files themselves are elsewhere: a document is known by its address and its hash.
CREATE TABLE documents (
    code       TEXT NOT NULL PRIMARY KEY,
    agreement  TEXT REFERENCES agreements (code),
    project    TEXT REFERENCES projects (code),
    title      TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('signed_text', 'translation', 'amendment', 'annex', 'minutes', 'other')),
    language   TEXT,
    dated_on   TEXT,
    url        TEXT,
    sha256     TEXT,
    notes      TEXT,
    version    INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    dated_on_asc  TEXT NOT NULL GENERATED ALWAYS AS (coalesce(substr(dated_on || '-01-01', 1, 10), '~')) STORED,
    dated_on_desc TEXT NOT NULL GENERATED ALWAYS AS (coalesce(substr(dated_on || '-01-01', 1, 10), '')) STORED,
    CHECK (agreement IS NOT NULL OR project IS NOT NULL)
) STRICT;
CREATE INDEX documents_by_agreement ON documents (agreement, code);
CREATE INDEX documents_by_project ON documents (project, code);
CREATE INDEX documents_by_dated_on_asc ON documents (dated_on_asc, code);
CREATE INDEX documents_by_dated_on_desc ON documents (dated_on_desc DESC, code);
CREATE INDEX documents_by_updated_at ON documents (updated_at, code);
