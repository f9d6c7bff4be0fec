DROP TABLE login_attempts;
DROP TABLE named_tokens;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE users;
