-- The answer stands beside the key: one row for a request, and one statement where the answer is known before.
ALTER TABLE idempotency ADD COLUMN status INTEGER;
ALTER TABLE idempotency ADD COLUMN answer TEXT;
UPDATE idempotency SET status = kept.status, answer = kept.answer
FROM idempotency_answer AS kept WHERE kept.id = idempotency.id;
DROP TABLE idempotency_answer;
