DROP INDEX projects_by_responsible;
ALTER TABLE projects DROP COLUMN responsible;
DROP INDEX agreements_by_responsible;
ALTER TABLE agreements DROP COLUMN responsible;
ALTER TABLE agreements DROP COLUMN notice_months;
ALTER TABLE agreements DROP COLUMN renewal_months;
ALTER TABLE agreements DROP COLUMN renewal;
ALTER TABLE agreements DROP COLUMN term;
