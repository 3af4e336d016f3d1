DROP INDEX feed_reader_event;
DROP INDEX feed_reader_position;
ALTER TABLE feed_reader DROP COLUMN position;
