-- Who may sign in, and what keeps them signed in. None of this is ever in the change log or in an answer: password hashes
-- stay here, and of tokens only digests are kept, so that a stolen copy of the database opens nothing.

-- `epoch` is in every access token; whatever must end all of a user's tokens at once raises it. It begins with the time
-- of creation, so that a token of a deleted user is none of a later user with the same name.
CREATE TABLE users (
    username      TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(username) BETWEEN 1 AND 64),
    display_name  TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C" NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    disabled      BIGINT NOT NULL CHECK (disabled IN (0, 1)),
    password_hash TEXT COLLATE "C" NOT NULL,
    epoch         BIGINT NOT NULL,
    created_at    TEXT COLLATE "C" NOT NULL,
    updated_at    TEXT COLLATE "C" NOT NULL
);

-- One sign-in and everything refreshed from it (a family of tokens). A session that ends is deleted, its tokens with it.
CREATE TABLE sessions (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    username   TEXT COLLATE "C" NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    created_at TEXT COLLATE "C" NOT NULL,
    expires_at TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sessions_by_username ON sessions (username, created_at);
CREATE INDEX sessions_by_expires_at ON sessions (expires_at);

-- A used token is kept until it would have expired: only so is its second use seen.
CREATE TABLE refresh_tokens (
    digest     TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
    session    TEXT COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at TEXT COLLATE "C" NOT NULL,
    used_at    TEXT COLLATE "C"
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session, expires_at);

-- Long-lived access tokens for programs. `kid` is the key that signed it, which is kept until no token needs it.
CREATE TABLE named_tokens (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    owner      TEXT COLLATE "C" NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    role       TEXT COLLATE "C" NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    kid        TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    expires_at TEXT COLLATE "C" NOT NULL,
    revoked_at TEXT COLLATE "C"
);
CREATE INDEX named_tokens_by_owner ON named_tokens (owner, id);

-- Attempts to sign in that have not succeeded, for 15 minutes. `name` is a digest of what was sent as the user name, as
-- people type passwords there; it is null once the user has signed in, and the attempt counts for its address alone.
CREATE TABLE login_attempts (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name    TEXT COLLATE "C",
    address TEXT COLLATE "C" NOT NULL,
    at      TEXT COLLATE "C" NOT NULL
);
CREATE INDEX login_attempts_by_name ON login_attempts (name, at);
CREATE INDEX login_attempts_by_address ON login_attempts (address, at);
CREATE INDEX login_attempts_by_at ON login_attempts (at);
