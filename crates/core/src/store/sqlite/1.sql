-- Schema 1. Times are milliseconds since the epoch; JSON is that of unistatus_core::schema.

CREATE TABLE targets (
    name     TEXT    NOT NULL PRIMARY KEY,
    endpoint TEXT    NOT NULL,
    type     TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    retired  INTEGER NOT NULL,
    services TEXT    NOT NULL -- JSON; last, so that reading the rest does not read it
) STRICT;

-- Apart from the targets, so that an ask that changes nothing rewrites some hundred bytes and no services.
CREATE TABLE health (
    target       TEXT    NOT NULL PRIMARY KEY REFERENCES targets (name),
    changed      INTEGER NOT NULL, -- rises with each write of this target, over all targets; what a watch looks at
    commit_id    TEXT    NOT NULL,
    last_attempt INTEGER NOT NULL,
    health       TEXT    NOT NULL -- JSON
) STRICT, WITHOUT ROWID;
-- `changed` has no index on purpose: a thousand rows are read faster than an index is kept with each write.

-- Which commit brought a revision: what makes writing it again harmless.
CREATE TABLE commits (
    target   TEXT    NOT NULL REFERENCES targets (name),
    revision INTEGER NOT NULL,
    id       TEXT    NOT NULL,
    PRIMARY KEY (target, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    seq        INTEGER NOT NULL PRIMARY KEY, -- the order inside a revision
    target     TEXT    NOT NULL REFERENCES targets (name),
    revision   INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    service    TEXT    NOT NULL,
    dimensions TEXT    NOT NULL, -- JSON
    from_status TEXT,
    to_status   TEXT,
    source_at  INTEGER,
    at         INTEGER NOT NULL,
    UNIQUE (target, revision, key)
) STRICT;

CREATE TABLE incidents (
    target     TEXT NOT NULL REFERENCES targets (name),
    key        TEXT NOT NULL,
    started_at INTEGER,
    incident   TEXT NOT NULL, -- JSON
    PRIMARY KEY (target, key)
) STRICT;
