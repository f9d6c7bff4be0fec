-- Where changes are sent to. `position` is a cursor on the log: the last revision that was delivered, or need not be.
CREATE TABLE webhooks (
    id              TEXT NOT NULL PRIMARY KEY,
    address         TEXT NOT NULL,
    query           TEXT NOT NULL,
    position        INTEGER NOT NULL CHECK (position >= 0),
    created_at      TEXT NOT NULL,
    created_by      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    disabled_at     TEXT,
    disabled_reason TEXT CHECK (disabled_reason IN ('by_admin', 'failing', 'gone')),
    failing_since   TEXT,
    failures        INTEGER NOT NULL,
    next_attempt_at TEXT,
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
) STRICT;

-- What a webhook signs with. It must be read again, so it is sealed, with a key that is in no database.
CREATE TABLE webhook_keys (
    id         TEXT NOT NULL PRIMARY KEY,
    webhook    TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    sealed     TEXT NOT NULL,
    public_key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT
) STRICT;
CREATE INDEX webhook_keys_by_webhook ON webhook_keys (webhook, id);

-- The latest attempts to deliver, and what was answered.
CREATE TABLE webhook_deliveries (
    id           TEXT NOT NULL PRIMARY KEY,
    webhook      TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    message      TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    at           TEXT NOT NULL,
    milliseconds INTEGER NOT NULL,
    status       INTEGER,
    error        TEXT,
    answer       TEXT
) STRICT;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook, id);
