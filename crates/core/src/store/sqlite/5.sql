-- Schema 5: the collectors that share the targets, and who asks what.

-- The right to ask for one request.
ALTER TABLE leases RENAME TO turns;

CREATE TABLE collectors (
    id    TEXT    NOT NULL PRIMARY KEY,
    load  INTEGER NOT NULL, -- in asks an hour
    until INTEGER NOT NULL -- when its time is over
) STRICT, WITHOUT ROWID;

-- Who asks a target. Whoever is on the roll no more holds nothing.
CREATE TABLE leases (
    target TEXT    NOT NULL PRIMARY KEY,
    holder TEXT    REFERENCES collectors (id) ON DELETE SET NULL, -- null: it is vacant
    token  INTEGER NOT NULL -- the one that was given with it last; 0: none was
) STRICT, WITHOUT ROWID;
CREATE INDEX leases_by_holder ON leases (holder);

-- The last token that was given.
CREATE TABLE tokens (
    last INTEGER NOT NULL
) STRICT;
INSERT INTO tokens VALUES (0);

-- The token of whoever took the target's lease last: what is committed under an earlier one is refused.
ALTER TABLE health ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
