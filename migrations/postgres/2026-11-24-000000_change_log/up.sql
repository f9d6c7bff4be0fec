-- The log of every write to the registry: versions, ETags, feed, audit, restore and time travel all read it.
CREATE TABLE changes (
    revision BIGINT NOT NULL PRIMARY KEY CHECK (revision > 0),
    at       TEXT COLLATE "C" NOT NULL,
    actor    TEXT COLLATE "C" NOT NULL,
    action   TEXT COLLATE "C" NOT NULL CHECK (action IN ('created', 'updated', 'deleted')),
    resource TEXT COLLATE "C" NOT NULL,
    key      TEXT COLLATE "C" NOT NULL,
    batch    TEXT COLLATE "C",
    document TEXT COLLATE "C" NOT NULL,
    hash     TEXT COLLATE "C" NOT NULL CHECK (length(hash) = 64)
);
CREATE INDEX changes_by_record ON changes (resource, key, revision);

CREATE FUNCTION changes_are_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the change log is append-only'; END $$;
CREATE TRIGGER changes_are_append_only BEFORE UPDATE OR DELETE ON changes
    FOR EACH ROW EXECUTE FUNCTION changes_are_append_only();
CREATE TRIGGER changes_are_not_truncated BEFORE TRUNCATE ON changes
    FOR EACH STATEMENT EXECUTE FUNCTION changes_are_append_only();
-- A gap would look like a lost change.
CREATE FUNCTION changes_are_appended() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.revision IS DISTINCT FROM (SELECT coalesce(max(revision), 0) + 1 FROM changes) THEN
        RAISE EXCEPTION 'the change log is append-only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER changes_are_appended BEFORE INSERT ON changes
    FOR EACH ROW EXECUTE FUNCTION changes_are_appended();
