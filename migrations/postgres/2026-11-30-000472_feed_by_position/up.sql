-- A reader goes on from its position without looking at what it has read; old events go with their readers.
ALTER TABLE feed_reader ADD COLUMN position BIGINT;
UPDATE feed_reader SET position = (SELECT feed_event.position FROM feed_event WHERE feed_event.id = feed_reader.event_id);
CREATE INDEX feed_reader_position ON feed_reader (organisation_id, position);
CREATE INDEX feed_reader_event ON feed_reader (event_id);
