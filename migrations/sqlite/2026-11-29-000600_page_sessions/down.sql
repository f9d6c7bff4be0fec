DROP TABLE sign_in_links;
DROP TABLE page_sessions;
