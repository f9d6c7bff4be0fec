-- What searching compares: the words of each record, folded by the program (values::fold), so that both databases find the
-- same. `names` and `texts` are fields between bars, words between single spaces: `| venus | etats unis |`.
CREATE TABLE search_index (
    id       INTEGER NOT NULL PRIMARY KEY,
    resource TEXT NOT NULL,
    key      TEXT NOT NULL,
    names    TEXT NOT NULL,
    texts    TEXT NOT NULL,
    UNIQUE (resource, key)
) STRICT;

-- Which rows hold a word: `SELECT rowid FROM search_words('venus etat*')`, all of them, the last as a beginning. The words are
-- folded already: the tokenizer has nothing to do but to split at spaces. Phrases are looked up in the row itself.
CREATE VIRTUAL TABLE search_words USING fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');

CREATE TRIGGER search_words_inserted AFTER INSERT ON search_index BEGIN
    INSERT INTO search_words (rowid, words) VALUES (new.id, new.names || new.texts);
END;
CREATE TRIGGER search_words_updated AFTER UPDATE OF names, texts ON search_index
WHEN old.names <> new.names OR old.texts <> new.texts BEGIN
    UPDATE search_words SET words = new.names || new.texts WHERE rowid = old.id;
END;
CREATE TRIGGER search_words_deleted AFTER DELETE ON search_index BEGIN
    DELETE FROM search_words WHERE rowid = old.id;
END;
