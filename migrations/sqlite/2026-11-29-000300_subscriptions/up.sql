-- Addresses with a secret of their own, for programs that can send nothing but an address. Of the secret only a digest is
-- kept; `query` is the one question that it answers, path and query below /api/v1.
CREATE TABLE subscriptions (
    id         TEXT NOT NULL PRIMARY KEY,
    query      TEXT NOT NULL,
    owner      TEXT NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    digest     TEXT NOT NULL CHECK (length(digest) = 64),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
CREATE INDEX subscriptions_by_owner ON subscriptions (owner, id);
