DROP INDEX agreements_by_decision_day;
DROP INDEX agreements_by_period_day;
DROP INDEX agreements_by_expiry_day;
DROP INDEX agreements_by_ended_day;
ALTER TABLE agreements DROP COLUMN decision_day;
ALTER TABLE agreements DROP COLUMN period_day;
ALTER TABLE agreements DROP COLUMN expiry_day;
ALTER TABLE agreements DROP COLUMN ended_day;
ALTER TABLE agreements DROP COLUMN end_day;
