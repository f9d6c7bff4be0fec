-- Addresses with a secret of their own, for programs that can send nothing but an address. Of the secret only a digest is
-- kept; `query` is the one question that it answers, path and query below /api/v1.
CREATE TABLE subscriptions (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    query      TEXT COLLATE "C" NOT NULL,
    owner      TEXT COLLATE "C" NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    digest     TEXT COLLATE "C" NOT NULL CHECK (length(digest) = 64),
    created_at TEXT COLLATE "C" NOT NULL,
    expires_at TEXT COLLATE "C" NOT NULL,
    revoked_at TEXT COLLATE "C"
);
CREATE INDEX subscriptions_by_owner ON subscriptions (owner, id);
