CREATE TABLE idempotency_answer (
    id UUID NOT NULL PRIMARY KEY,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
INSERT INTO idempotency_answer (id, status, answer, created_at)
SELECT id, status, answer, created_at FROM idempotency WHERE answer IS NOT NULL;
ALTER TABLE idempotency DROP COLUMN answer;
ALTER TABLE idempotency DROP COLUMN status;
CREATE INDEX idempotency_answer_created ON idempotency_answer (created_at);
