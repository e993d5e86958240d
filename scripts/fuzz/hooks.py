"""What scripts/fuzz-api does not ask."""

from urllib.parse import quote

import schemathesis

# A head of 128 KiB is refused before it is a request: with the right status, and without a body.
LONGEST = 100_000


@schemathesis.hook
def filter_case(_context, case):
    """Whether the query of a case is short enough for a request."""
    values = (case.query or {}).values()
    return sum(len(quote(str(value))) for value in values) < LONGEST
