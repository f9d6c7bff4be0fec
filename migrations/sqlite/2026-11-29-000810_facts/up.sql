-- What follows for a record from others, kept beside it by the program: the rules of findings look for it in an index instead of
-- comparing whole tables (`facts` in src/registry/findings/). The search index is emptied: the program then writes every record
-- again.
ALTER TABLE projects ADD COLUMN covered_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE projects ADD COLUMN first_review TEXT NOT NULL DEFAULT '~';
ALTER TABLE projects ADD COLUMN last_review TEXT NOT NULL DEFAULT '';
ALTER TABLE projects ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agreements ADD COLUMN outlives INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agreements ADD COLUMN mismatched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE search_index ADD COLUMN twice INTEGER NOT NULL DEFAULT 0;
CREATE INDEX projects_by_covered_until ON projects (status, covered_until, code);
CREATE INDEX projects_by_first_review ON projects (status, first_review, code);
CREATE INDEX projects_by_last_review ON projects (status, last_review, code);
CREATE INDEX projects_left_out ON projects (status, code) WHERE left_out = 1;
CREATE INDEX projects_by_responsible_and_status ON projects (responsible, status, code);
CREATE INDEX projects_after_end ON projects (end_date_last, code) WHERE status NOT IN ('completed', 'cancelled');
CREATE INDEX agreements_that_outlive ON agreements (ended_day, expiry_day, code) WHERE outlives = 1;
CREATE INDEX agreements_mismatched ON agreements (code) WHERE mismatched = 1;
CREATE INDEX agreements_without_end ON agreements (ended_day, expiry_day, code) WHERE expires_on IS NULL AND term IS NULL;
CREATE INDEX agreements_by_responsible_and_life ON agreements (responsible, ended_day, expiry_day, effective_on_asc, code);
CREATE INDEX reviews_without_source ON reviews (code) WHERE source IS NULL;
CREATE INDEX search_index_twice ON search_index (resource, key) WHERE twice = 1;
DROP INDEX projects_by_planned_end;
DELETE FROM search_index;
