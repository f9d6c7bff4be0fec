-- What was answered to requests with an Idempotency-Key, for a day. Of the key only a digest is kept, of the request a
-- keyed one. Without a body the answer was not kept: it held a secret, or was too long.
CREATE TABLE idempotency_keys (
    caller      TEXT NOT NULL,
    key         TEXT NOT NULL CHECK (length(key) = 64),
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
    at          TEXT NOT NULL,
    status      INTEGER NOT NULL,
    location    TEXT,
    etag        TEXT,
    body        TEXT,
    PRIMARY KEY (caller, key)
) STRICT;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (at);
