-- Schema 3: what probes measured, the servers that were added, and who may do what.

-- With checks there is a write every moment: what changed must be found without reading the health of all targets.
CREATE INDEX health_by_change ON health (changed);

-- The numbers under which checks and roll-ups are kept. One without a name was that of a server that is removed: nobody
-- finds what is left under it, which is deleted little by little.
CREATE TABLE probes (
    number INTEGER NOT NULL PRIMARY KEY,
    name   TEXT UNIQUE
) STRICT;

-- The probe is a number of `probes`. Without a foreign key, which would be looked up once more for each check.
CREATE TABLE checks (
    probe   INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    status  INTEGER NOT NULL, -- 0 OK, 1 Unknown, 2 Degraded, 3 Outage
    latency INTEGER, -- in microseconds
    sent    INTEGER NOT NULL,
    lost    INTEGER NOT NULL,
    PRIMARY KEY (probe, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollups (
    probe   INTEGER NOT NULL,
    hour    INTEGER NOT NULL,
    checks  INTEGER NOT NULL,
    outages INTEGER NOT NULL,
    sent    INTEGER NOT NULL,
    lost    INTEGER NOT NULL,
    latency INTEGER NOT NULL, -- in microseconds
    classes TEXT    NOT NULL, -- JSON
    PRIMARY KEY (probe, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollups_by_hour ON rollups (hour);

CREATE TABLE servers (
    name     TEXT    NOT NULL PRIMARY KEY,
    id       TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    id           TEXT    NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL,
    scope        TEXT    NOT NULL,
    hash         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    name       TEXT    NOT NULL PRIMARY KEY,
    scope      TEXT    NOT NULL,
    password   TEXT    NOT NULL, -- its hash
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id         TEXT    NOT NULL PRIMARY KEY,
    user       TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (user);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- What all programs on this database share.
CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
