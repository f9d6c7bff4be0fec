DROP INDEX agreements_by_decide_by_asc;
DROP INDEX agreements_by_decide_by_desc;
DROP INDEX agreements_by_decide_by_from;
DROP INDEX agreements_by_decide_by_until;
ALTER TABLE agreements DROP COLUMN decide_by_asc;
ALTER TABLE agreements DROP COLUMN decide_by_desc;
ALTER TABLE agreements DROP COLUMN decide_by_from;
ALTER TABLE agreements DROP COLUMN decide_by_until;
