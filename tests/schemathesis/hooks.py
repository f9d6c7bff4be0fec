"""How schemathesis sends the bodies that are files."""
import urllib.parse

import schemathesis

# The HTTP library refuses a target that is longer with a bare 400 and closes the connection, before the service sees it.
LONGEST_TARGET = 65_000
# Undeclared headers are ignored (RFC 9110 §5.1): a request with one is not wrong.
UNKNOWN_HEADER = "x-schemathesis-unknown-property"


@schemathesis.hook
def filter_case(context, case):
    """Leaves out requests whose target no HTTP library takes, and those that are wrong by a header that is ignored."""
    query = urllib.parse.urlencode({name: str(value) for name, value in (case.query or {}).items()})
    return len(query) < LONGEST_TARGET and UNKNOWN_HEADER not in (case.headers or {})


@schemathesis.hook
def map_headers(context, headers):
    """Asks for no revision that is still to come: it would be the only thing that the answer is about."""
    name = "Registry-Min-Revision"
    if headers and str(headers.get(name, "")).isdigit():
        headers[name] = "0"
    return headers


@schemathesis.serializer("text/csv", "application/x-ndjson")
def file(context, value):
    """A text as it is; whatever else was made up, as text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
