-- Where changes are sent to. `position` is a cursor on the log: the last revision that was delivered, or need not be.
CREATE TABLE webhooks (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    address         TEXT COLLATE "C" NOT NULL,
    query           TEXT COLLATE "C" NOT NULL,
    position        BIGINT NOT NULL CHECK (position >= 0),
    created_at      TEXT COLLATE "C" NOT NULL,
    created_by      TEXT COLLATE "C" NOT NULL,
    updated_at      TEXT COLLATE "C" NOT NULL,
    disabled_at     TEXT COLLATE "C",
    disabled_reason TEXT COLLATE "C" CHECK (disabled_reason IN ('by_admin', 'failing', 'gone')),
    failing_since   TEXT COLLATE "C",
    failures        BIGINT NOT NULL,
    next_attempt_at TEXT COLLATE "C",
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);

-- What a webhook signs with. It must be read again, so it is sealed, with a key that is in no database.
CREATE TABLE webhook_keys (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    webhook    TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    sealed     TEXT COLLATE "C" NOT NULL,
    public_key TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    expires_at TEXT COLLATE "C"
);
CREATE INDEX webhook_keys_by_webhook ON webhook_keys (webhook, id);

-- The latest attempts to deliver, and what was answered.
CREATE TABLE webhook_deliveries (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    webhook      TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    message      TEXT COLLATE "C" NOT NULL,
    revision     BIGINT NOT NULL,
    attempt      BIGINT NOT NULL,
    at           TEXT COLLATE "C" NOT NULL,
    milliseconds BIGINT NOT NULL,
    status       BIGINT,
    error        TEXT COLLATE "C",
    answer       TEXT COLLATE "C"
);
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook, id);
