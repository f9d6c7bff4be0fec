-- What the rules on an agreement's life compare (`registry/agreements/days.rs`): days as whole numbers,
-- (12 × year + month - 1) × 32 + day, so that months can be added. An end that is known to the month or the year is its last day.
-- 9999999 is after every day.
-- `end_day`: the end of the first period. `ended_day`: when the agreement was ended. `expiry_day`: when its time is over for good.
-- `period_day`: the end of the first period of those renewed tacitly whose notice is known. `decision_day`: by when a party must
-- speak, of all others.
ALTER TABLE agreements ADD COLUMN end_day INTEGER GENERATED ALWAYS AS (
    (CAST(substr(expires_on, 1, 4) AS INTEGER) * 12 + CAST(substr(expires_on || '-12', 6, 2) AS INTEGER) - 1) * 32 + CASE length(expires_on)
        WHEN 10 THEN CAST(substr(expires_on, 9, 2) AS INTEGER)
        WHEN 4 THEN 31
        ELSE CASE
            WHEN substr(expires_on, 6, 2) IN ('04', '06', '09', '11') THEN 30
            WHEN substr(expires_on, 6, 2) <> '02' THEN 31
            WHEN CAST(substr(expires_on, 1, 4) AS INTEGER) % 400 = 0 THEN 29
            WHEN CAST(substr(expires_on, 1, 4) AS INTEGER) % 4 = 0 AND substr(expires_on, 3, 2) <> '00' THEN 29
            ELSE 28
        END
    END
) VIRTUAL;
ALTER TABLE agreements ADD COLUMN ended_day INTEGER GENERATED ALWAYS AS (CASE
    WHEN ended_on IS NULL AND end_reason IS NULL THEN 9999999
    WHEN ended_on IS NULL THEN 0
    ELSE (CAST(substr(ended_on, 1, 4) AS INTEGER) * 12 + CAST(substr(ended_on || '-12', 6, 2) AS INTEGER) - 1) * 32 + CASE length(ended_on)
        WHEN 10 THEN CAST(substr(ended_on, 9, 2) AS INTEGER)
        WHEN 4 THEN 31
        ELSE CASE
            WHEN substr(ended_on, 6, 2) IN ('04', '06', '09', '11') THEN 30
            WHEN substr(ended_on, 6, 2) <> '02' THEN 31
            WHEN CAST(substr(ended_on, 1, 4) AS INTEGER) % 400 = 0 THEN 29
            WHEN CAST(substr(ended_on, 1, 4) AS INTEGER) % 4 = 0 AND substr(ended_on, 3, 2) <> '00' THEN 29
            ELSE 28
        END
    END
END) VIRTUAL;
ALTER TABLE agreements ADD COLUMN expiry_day INTEGER GENERATED ALWAYS AS (
    CASE WHEN renewal = 'tacit' AND renewal_months IS NOT NULL THEN 9999999 ELSE coalesce(end_day, 9999999) END
) VIRTUAL;
ALTER TABLE agreements ADD COLUMN period_day INTEGER GENERATED ALWAYS AS (
    CASE WHEN renewal = 'tacit' AND renewal_months IS NOT NULL AND notice_months IS NOT NULL THEN end_day END
) VIRTUAL;
ALTER TABLE agreements ADD COLUMN decision_day INTEGER GENERATED ALWAYS AS (CASE
    WHEN renewal = 'tacit' AND renewal_months IS NOT NULL THEN NULL
    WHEN end_day / 32 - notice_months >= 12 THEN (end_day / 32 - notice_months) * 32 + min(
            end_day % 32,
            CASE
                WHEN (end_day / 32 - notice_months) % 12 IN (3, 5, 8, 10) THEN 30
                WHEN (end_day / 32 - notice_months) % 12 <> 1 THEN 31
                WHEN (end_day / 32 - notice_months) / 12 % 400 = 0 OR ((end_day / 32 - notice_months) / 12 % 4 = 0 AND (end_day / 32 - notice_months) / 12 % 100 <> 0) THEN 29
                ELSE 28
            END
        )
END) VIRTUAL;
CREATE INDEX agreements_by_ended_day ON agreements (ended_day, expiry_day, effective_on_asc, code);
CREATE INDEX agreements_by_expiry_day ON agreements (expiry_day, code);
CREATE INDEX agreements_by_period_day ON agreements (period_day, code);
CREATE INDEX agreements_by_decision_day ON agreements (decision_day, code);
