-- What texts sort by, beside them: folded by the program (values::fold::sort_key), so that both databases sort alike and as
-- people do. The search index is emptied: the program then writes every record again, with both.
ALTER TABLE partner_types ADD COLUMN name_en_sort TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE partner_types ADD COLUMN name_fr_sort TEXT COLLATE "C";
ALTER TABLE cooperation_areas ADD COLUMN name_en_sort TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE cooperation_areas ADD COLUMN name_fr_sort TEXT COLLATE "C";
ALTER TABLE nations ADD COLUMN name_en_sort TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE nations ADD COLUMN name_fr_sort TEXT COLLATE "C";
ALTER TABLE organisations ADD COLUMN name_sort TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE projects ADD COLUMN name_sort TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE agreements ADD COLUMN title_sort TEXT COLLATE "C" NOT NULL DEFAULT '';
DROP INDEX organisations_by_name;
CREATE INDEX organisations_by_name_sort ON organisations (name_sort, code);
DROP INDEX projects_by_name;
CREATE INDEX projects_by_name_sort ON projects (name_sort, code);
DROP INDEX agreements_by_title;
CREATE INDEX agreements_by_title_sort ON agreements (title_sort, code);
DELETE FROM search_index;
