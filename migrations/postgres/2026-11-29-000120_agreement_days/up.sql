-- What the rules on an agreement's life compare (`registry/agreements/days.rs`): days as whole numbers,
-- (12 × year + month - 1) × 32 + day, so that months can be added. An end that is known to the month or the year is its last day.
-- 9999999 is after every day.
-- `end_day`: the end of the first period. `ended_day`: when the agreement was ended. `expiry_day`: when its time is over for good.
-- `period_day`: the end of the first period of those renewed tacitly whose notice is known. `decision_day`: by when a party must
-- speak, of all others.
CREATE FUNCTION last_day_number(day text) RETURNS bigint IMMUTABLE LANGUAGE sql RETURN
    (CAST(substr(day, 1, 4) AS bigint) * 12 + CAST(substr(day || '-12', 6, 2) AS bigint) - 1) * 32 + CASE length(day)
        WHEN 10 THEN CAST(substr(day, 9, 2) AS bigint)
        WHEN 4 THEN 31
        ELSE CASE
            WHEN substr(day, 6, 2) IN ('04', '06', '09', '11') THEN 30
            WHEN substr(day, 6, 2) <> '02' THEN 31
            WHEN CAST(substr(day, 1, 4) AS bigint) % 400 = 0 THEN 29
            WHEN CAST(substr(day, 1, 4) AS bigint) % 4 = 0 AND substr(day, 3, 2) <> '00' THEN 29
            ELSE 28
        END
    END;
CREATE FUNCTION days_in_month(month bigint) RETURNS bigint IMMUTABLE LANGUAGE sql RETURN
            CASE
                WHEN (month) % 12 IN (3, 5, 8, 10) THEN 30
                WHEN (month) % 12 <> 1 THEN 31
                WHEN (month) / 12 % 400 = 0 OR ((month) / 12 % 4 = 0 AND (month) / 12 % 100 <> 0) THEN 29
                ELSE 28
            END;

ALTER TABLE agreements ADD COLUMN end_day BIGINT GENERATED ALWAYS AS (last_day_number(expires_on)) STORED;
ALTER TABLE agreements ADD COLUMN ended_day BIGINT GENERATED ALWAYS AS (CASE
    WHEN ended_on IS NULL AND end_reason IS NULL THEN 9999999
    WHEN ended_on IS NULL THEN 0
    ELSE last_day_number(ended_on)
END) STORED;
ALTER TABLE agreements ADD COLUMN expiry_day BIGINT GENERATED ALWAYS AS (
    CASE WHEN renewal = 'tacit' AND renewal_months IS NOT NULL THEN 9999999 ELSE coalesce(last_day_number(expires_on), 9999999) END
) STORED;
ALTER TABLE agreements ADD COLUMN period_day BIGINT GENERATED ALWAYS AS (
    CASE WHEN renewal = 'tacit' AND renewal_months IS NOT NULL AND notice_months IS NOT NULL THEN last_day_number(expires_on) END
) STORED;
ALTER TABLE agreements ADD COLUMN decision_day BIGINT GENERATED ALWAYS AS (CASE
    WHEN renewal = 'tacit' AND renewal_months IS NOT NULL THEN NULL
    WHEN last_day_number(expires_on) / 32 - notice_months >= 12 THEN
        (last_day_number(expires_on) / 32 - notice_months) * 32
        + least(last_day_number(expires_on) % 32, days_in_month(last_day_number(expires_on) / 32 - notice_months))
END) STORED;
CREATE INDEX agreements_by_ended_day ON agreements (ended_day, expiry_day, effective_on_asc, code);
CREATE INDEX agreements_by_expiry_day ON agreements (expiry_day, code);
CREATE INDEX agreements_by_period_day ON agreements (period_day, code);
CREATE INDEX agreements_by_decision_day ON agreements (decision_day, code);
