"""Teaches schemathesis the service's media type."""
import json
import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """One line per item of a list; any other value becomes a single, equally invalid line."""
    items = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(item) for item in items).encode()
