-- The last word of a person on each thing: what was decided before it is kept in reviews and has no effect.
CREATE OR REPLACE VIEW decisions AS
SELECT subject, subject_key, decision, decided_at, decided_by, reason
FROM reviews
QUALIFY row_number() OVER (PARTITION BY subject, subject_key ORDER BY decided_at DESC, decision_id DESC) = 1;
