-- By when a party must speak, as the program says (registry/agreements/life.rs), to sort and filter by: days as whole numbers, as in
-- the migration agreement_days. It holds from the day on which it was written up to another, and is then written anew.
-- `decide_by_asc`, `decide_by_desc`: the day; where there is none, what comes last in that direction.
-- The search index is emptied: the program then writes every record again.
ALTER TABLE agreements ADD COLUMN decide_by_asc INTEGER NOT NULL DEFAULT 9999999;
ALTER TABLE agreements ADD COLUMN decide_by_desc INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agreements ADD COLUMN decide_by_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agreements ADD COLUMN decide_by_until INTEGER NOT NULL DEFAULT 0;
CREATE INDEX agreements_by_decide_by_asc ON agreements (decide_by_asc, code);
CREATE INDEX agreements_by_decide_by_desc ON agreements (decide_by_desc DESC, code);
CREATE INDEX agreements_by_decide_by_from ON agreements (decide_by_from);
CREATE INDEX agreements_by_decide_by_until ON agreements (decide_by_until, code);
DELETE FROM search_index;
