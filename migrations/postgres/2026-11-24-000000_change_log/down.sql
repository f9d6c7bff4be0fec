DROP TABLE changes;
DROP FUNCTION changes_are_append_only();
DROP FUNCTION changes_are_appended();
