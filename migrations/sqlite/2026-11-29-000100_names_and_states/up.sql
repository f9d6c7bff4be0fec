-- The names that people use, separated by `;`, which none of them holds. They are found through `search_index`.
ALTER TABLE nations ADD COLUMN other_names TEXT NOT NULL DEFAULT '';
ALTER TABLE organisations ADD COLUMN other_names TEXT NOT NULL DEFAULT '';

-- Former states, with what came after them.
ALTER TABLE nations ADD COLUMN ended_on TEXT;
CREATE TABLE nation_successors (
    nation    TEXT NOT NULL REFERENCES nations (code) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    successor TEXT NOT NULL REFERENCES nations (code) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (nation, position),
    UNIQUE (nation, successor)
) STRICT;
CREATE INDEX nation_successors_by_successor ON nation_successors (successor, nation);

ALTER TABLE reviews ADD COLUMN source TEXT;

-- What is searched has changed: the program fills the index again.
DELETE FROM search_index;
