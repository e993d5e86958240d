-- Schema 2: what is asked of the past, and what may be forgotten of it.

ALTER TABLE targets ADD COLUMN about TEXT NOT NULL DEFAULT '{}'; -- JSON

-- When the next event of the service followed; a removal ends with itself. The largest number: not yet.
ALTER TABLE events ADD COLUMN until INTEGER NOT NULL DEFAULT 9223372036854775807;

UPDATE events SET until = CASE WHEN to_status IS NULL THEN at ELSE max(at, ends.until) END
FROM (
    SELECT seq AS of, lead(at, 1, 9223372036854775807) OVER (PARTITION BY target, key ORDER BY revision) AS until
    FROM events
) AS ends
WHERE seq = ends.of;

CREATE INDEX events_newest ON events (at DESC, target, revision DESC, key);
CREATE INDEX events_of_target ON events (target, at DESC, revision DESC, key);
CREATE INDEX events_by_end ON events (until, at);
-- The last one of each service, which the next one ends.
CREATE INDEX events_standing ON events (target, key) WHERE until = 9223372036854775807;

-- The highest number of an event that was forgotten. The one with the highest number of all never is, so that no number
-- is given twice.
CREATE TABLE forgotten (
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO forgotten VALUES (0);

-- What incidents are asked for by, from their JSON.
ALTER TABLE incidents ADD COLUMN kind TEXT NOT NULL DEFAULT 'incident';
ALTER TABLE incidents ADD COLUMN is_open INTEGER NOT NULL DEFAULT 1;
ALTER TABLE incidents ADD COLUMN ended_at INTEGER; -- of a closed one, as far as it is known

UPDATE incidents SET kind = incident ->> 'kind', is_open = incident ->> 'state' NOT IN ('resolved', 'completed');
UPDATE incidents SET ended_at = coalesce(
    CAST(round(unixepoch(coalesce(incident ->> 'resolvedAt', incident ->> 'updatedAt'), 'subsec') * 1000) AS INTEGER),
    started_at
)
WHERE NOT is_open;

CREATE INDEX incidents_newest ON incidents (started_at DESC, target, key);
CREATE INDEX incidents_of_target ON incidents (target, started_at DESC, key);
CREATE INDEX incidents_open ON incidents (started_at DESC, target, key) WHERE is_open;
CREATE INDEX incidents_by_end ON incidents (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE gaps (
    target   TEXT    NOT NULL REFERENCES targets (name),
    from_at  INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    PRIMARY KEY (target, from_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX gaps_by_end ON gaps (until_at);

-- When the ask was that led to the commit; of those that are here already it is known that it was not later than this.
ALTER TABLE commits ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
UPDATE commits SET at = health.last_attempt FROM health WHERE health.target = commits.target;
CREATE INDEX commits_by_age ON commits (at);
