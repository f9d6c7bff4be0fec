DROP INDEX projects_by_planned_end;
DROP INDEX projects_by_planned_launch;
DROP INDEX agreements_without_source;
DROP INDEX projects_without_source;
DROP INDEX organisations_without_source;
DROP INDEX nations_without_source;
DROP INDEX search_index_by_likeness;
ALTER TABLE search_index DROP COLUMN likeness;
DROP TABLE dismissals;
