"""What schemathesis has to be told to speak to the service."""
import json
import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """A list is a line for each; anything else is a line of its own, and as wrong there."""
    items = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(item) for item in items).encode()
