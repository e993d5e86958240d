-- Schema 7: who took the lease of a target last, also after it was given up.

ALTER TABLE leases ADD COLUMN taken_by TEXT; -- null: nobody did since there is this column
