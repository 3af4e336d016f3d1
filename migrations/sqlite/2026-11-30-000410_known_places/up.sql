-- From which networks somebody got in before: others' failures keep nobody out there.
CREATE TABLE known_place (
    place_hash TEXT NOT NULL PRIMARY KEY,
    last_at TIMESTAMP NOT NULL
);
CREATE INDEX known_place_last ON known_place (last_at);
