-- Schema 6: changes that come late are of the revision that they were seen from, of which a service may have several.

CREATE TABLE all_events (
    seq         INTEGER NOT NULL PRIMARY KEY, -- the order in which they were committed
    target      TEXT    NOT NULL REFERENCES targets (name),
    revision    INTEGER NOT NULL,
    key         TEXT    NOT NULL,
    service     TEXT    NOT NULL,
    dimensions  TEXT    NOT NULL, -- JSON
    from_status TEXT,
    to_status   TEXT,
    source_at   INTEGER,
    at          INTEGER NOT NULL,
    until       INTEGER NOT NULL, -- when the next event of the service followed; the largest number: not yet
    UNIQUE (target, revision, key, at)
) STRICT;

INSERT INTO all_events
SELECT seq, target, revision, key, service, dimensions, from_status, to_status, source_at, at, until
FROM events ORDER BY seq;

DROP TABLE events;
ALTER TABLE all_events RENAME TO events;

CREATE INDEX events_newest ON events (at DESC, target, revision DESC, key);
CREATE INDEX events_of_target ON events (target, at DESC, revision DESC, key);
CREATE INDEX events_by_end ON events (until, at);
-- The last one of each service, which the next one ends.
CREATE INDEX events_standing ON events (target, key) WHERE until = 9223372036854775807;
