DELETE FROM search_index;
ALTER TABLE reviews DROP COLUMN source;
DROP TABLE nation_successors;
ALTER TABLE nations DROP COLUMN ended_on;
ALTER TABLE organisations DROP COLUMN other_names;
ALTER TABLE nations DROP COLUMN other_names;
