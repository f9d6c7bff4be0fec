-- An e-mail address can be a user name: 254 characters at most (RFC 5321).
-- SQLite cannot change a CHECK, and a table that others refer to with ON DELETE CASCADE cannot be made anew under them. What is
-- stored does not change with the CHECK, so its text is (https://www.sqlite.org/lang_altertable.html, the simpler procedure).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'length(username) BETWEEN 1 AND 64', 'length(username) BETWEEN 1 AND 254')
    WHERE type = 'table' AND name = 'users';
PRAGMA writable_schema = RESET;
