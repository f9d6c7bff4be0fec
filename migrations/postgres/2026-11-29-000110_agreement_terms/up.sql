-- How long an agreement holds and how it goes on, as far as that is known.
ALTER TABLE agreements ADD COLUMN term TEXT COLLATE "C" CHECK (term IN ('fixed', 'open_ended', 'life_of_projects'));
ALTER TABLE agreements ADD COLUMN renewal TEXT COLLATE "C" CHECK (renewal IN ('none', 'express', 'tacit'));
ALTER TABLE agreements ADD COLUMN renewal_months BIGINT CHECK (renewal_months BETWEEN 1 AND 1200);
ALTER TABLE agreements ADD COLUMN notice_months BIGINT CHECK (notice_months BETWEEN 0 AND 120);

-- The organisation of the agency that answers for a record.
ALTER TABLE agreements ADD COLUMN responsible TEXT COLLATE "C" REFERENCES organisations (code);
CREATE INDEX agreements_by_responsible ON agreements (responsible, code);
ALTER TABLE projects ADD COLUMN responsible TEXT COLLATE "C" REFERENCES organisations (code);
CREATE INDEX projects_by_responsible ON projects (responsible, code);
