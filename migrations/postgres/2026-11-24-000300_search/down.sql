DROP FUNCTION search_words(text);
DROP TABLE search_index;
