-- An e-mail address can be a user name: 254 characters at most (RFC 5321).
ALTER TABLE users DROP CONSTRAINT users_username_check;
ALTER TABLE users ADD CONSTRAINT users_username_check CHECK (length(username) BETWEEN 1 AND 254);
