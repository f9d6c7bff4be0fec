-- The log of every write to the registry: versions, ETags, feed, audit, restore and time travel all read it.
CREATE TABLE changes (
    revision INTEGER NOT NULL PRIMARY KEY CHECK (revision > 0),
    at       TEXT NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL CHECK (action IN ('created', 'updated', 'deleted')),
    resource TEXT NOT NULL,
    key      TEXT NOT NULL,
    batch    TEXT,
    document TEXT NOT NULL,
    hash     TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
CREATE INDEX changes_by_record ON changes (resource, key, revision);

CREATE TRIGGER changes_are_not_updated BEFORE UPDATE ON changes
BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;
CREATE TRIGGER changes_are_not_deleted BEFORE DELETE ON changes
BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;
-- REPLACE deletes the row that is in its way without the trigger above, and a gap would look like a lost change.
CREATE TRIGGER changes_are_appended BEFORE INSERT ON changes
WHEN NEW.revision IS NOT (SELECT coalesce(max(revision), 0) + 1 FROM changes)
BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;
