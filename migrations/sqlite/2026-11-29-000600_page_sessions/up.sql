-- Sessions of browsers: a cookie holds a secret, and only its digest is kept. A user's belongs to one of `sessions`, and ends
-- with it; of a person whom the identity provider vouches for, `subject` says who it is (JSON).
CREATE TABLE page_sessions (
    digest     TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
    session    TEXT REFERENCES sessions (id) ON DELETE CASCADE,
    subject    TEXT,
    expires_at TEXT NOT NULL,
    CHECK ((session IS NULL) <> (subject IS NULL))
) STRICT;
CREATE INDEX page_sessions_by_session ON page_sessions (session);
CREATE INDEX page_sessions_by_expires_at ON page_sessions (expires_at);

-- Links that sign a user in, once.
CREATE TABLE sign_in_links (
    digest     TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
    username   TEXT NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_links_by_username ON sign_in_links (username);
