DROP INDEX projects_by_begins_on;
