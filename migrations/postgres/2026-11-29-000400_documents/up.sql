-- The papers behind agreements and projects. The files themselves are elsewhere: a document is known by its address and its hash.
CREATE TABLE documents (
    code       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    agreement  TEXT COLLATE "C" REFERENCES agreements (code),
    project    TEXT COLLATE "C" REFERENCES projects (code),
    title      TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL CHECK (kind IN ('signed_text', 'translation', 'amendment', 'annex', 'minutes', 'other')),
    language   TEXT COLLATE "C",
    dated_on   TEXT COLLATE "C",
    url        TEXT COLLATE "C",
    sha256     TEXT COLLATE "C",
    notes      TEXT COLLATE "C",
    version    BIGINT NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    dated_on_asc  TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(dated_on || '-01-01', 1, 10), '~')) STORED,
    dated_on_desc TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(dated_on || '-01-01', 1, 10), '')) STORED,
    CHECK (agreement IS NOT NULL OR project IS NOT NULL)
);
CREATE INDEX documents_by_agreement ON documents (agreement, code);
CREATE INDEX documents_by_project ON documents (project, code);
CREATE INDEX documents_by_dated_on_asc ON documents (dated_on_asc, code);
CREATE INDEX documents_by_dated_on_desc ON documents (dated_on_desc DESC, code);
CREATE INDEX documents_by_updated_at ON documents (updated_at, code);
