DROP INDEX changes_by_batch;
DROP INDEX changes_by_actor;
DROP INDEX changes_by_resource;
ALTER TABLE changes DROP COLUMN restored_from;
