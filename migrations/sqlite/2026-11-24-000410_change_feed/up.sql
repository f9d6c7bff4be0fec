-- Which version a restore wrote again; null for every other change.
ALTER TABLE changes ADD COLUMN restored_from INTEGER CHECK (restored_from > 0 AND restored_from < revision);

-- The feed asks for the changes after a revision, of a collection, of somebody, of an import.
CREATE INDEX changes_by_resource ON changes (resource, revision);
CREATE INDEX changes_by_actor ON changes (actor, revision);
CREATE INDEX changes_by_batch ON changes (batch, revision) WHERE batch IS NOT NULL;
