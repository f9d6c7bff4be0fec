-- Findings that are meant to be so. `resource` and `key` name a record of any kind: that it exists is checked by the program,
-- and the names of the rules are the program's, too.
CREATE TABLE dismissals (
    code       TEXT NOT NULL PRIMARY KEY,
    rule       TEXT NOT NULL,
    resource   TEXT NOT NULL,
    key        TEXT NOT NULL,
    reason     TEXT NOT NULL,
    version    INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX dismissals_by_finding ON dismissals (rule, resource, key);
CREATE INDEX dismissals_by_record ON dismissals (resource, key, code);
CREATE INDEX dismissals_by_updated_at ON dismissals (updated_at, code);

-- The text by which likely duplicates are found (src/registry/likeness.rs). The program fills an empty index.
ALTER TABLE search_index ADD COLUMN likeness TEXT;
CREATE INDEX search_index_by_likeness ON search_index (resource, likeness, key) WHERE likeness IS NOT NULL;
DELETE FROM search_index;

-- What the findings look for is rare: they are found without reading whole tables.
CREATE INDEX nations_without_source ON nations (code) WHERE source IS NULL;
CREATE INDEX organisations_without_source ON organisations (code) WHERE source IS NULL;
CREATE INDEX projects_without_source ON projects (code) WHERE source IS NULL;
CREATE INDEX agreements_without_source ON agreements (code) WHERE source IS NULL;
CREATE INDEX projects_by_planned_launch ON projects (status, launch_date_asc, launch_date);
CREATE INDEX projects_by_planned_end ON projects (end_date_last, status);
