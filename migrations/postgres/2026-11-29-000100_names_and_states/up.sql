-- The names that people use, separated by `;`, which none of them holds. They are found through `search_index`.
ALTER TABLE nations ADD COLUMN other_names TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE organisations ADD COLUMN other_names TEXT COLLATE "C" NOT NULL DEFAULT '';

-- Former states, with what came after them.
ALTER TABLE nations ADD COLUMN ended_on TEXT COLLATE "C";
CREATE TABLE nation_successors (
    nation    TEXT COLLATE "C" NOT NULL REFERENCES nations (code) ON DELETE CASCADE,
    position  BIGINT NOT NULL,
    successor TEXT COLLATE "C" NOT NULL REFERENCES nations (code) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (nation, position),
    UNIQUE (nation, successor)
);
CREATE INDEX nation_successors_by_successor ON nation_successors (successor, nation);

ALTER TABLE reviews ADD COLUMN source TEXT COLLATE "C";

-- What is searched has changed: the program fills the index again.
DELETE FROM search_index;
