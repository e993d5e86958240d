-- Schema 4: templates, reports, and who has the right to ask a target just now.

CREATE TABLE templates (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    content     TEXT    NOT NULL
) STRICT;
CREATE INDEX templates_by_age ON templates (created_at, id);

-- The body last: it may have megabytes, and what stands before it is read without it.
CREATE TABLE reports (
    id         TEXT    NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL,
    query      TEXT    NOT NULL,
    body       BLOB    NOT NULL
) STRICT;
CREATE INDEX reports_by_age ON reports (created_at, id);

CREATE TABLE leases (
    target TEXT    NOT NULL PRIMARY KEY,
    holder TEXT    NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
