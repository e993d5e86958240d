-- Schema 4: who has the right to ask a target just now.
CREATE TABLE leases (
    target TEXT    NOT NULL PRIMARY KEY,
    holder TEXT    NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
