-- What was answered to requests with an Idempotency-Key, for a day. Of the key only a digest is kept, of the request a
-- keyed one. Without a body the answer was not kept: it held a secret, or was too long.
CREATE TABLE idempotency_keys (
    caller      TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL CHECK (length(key) = 64),
    fingerprint TEXT COLLATE "C" NOT NULL CHECK (length(fingerprint) = 64),
    at          TEXT COLLATE "C" NOT NULL,
    status      BIGINT NOT NULL,
    location    TEXT COLLATE "C",
    etag        TEXT COLLATE "C",
    body        TEXT COLLATE "C",
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (at);
