"""Sends requests whose answer needs no body, with bodies of 1 to 5 MB, through each proxy, and prints a table of the
answers. Exits with 1 if any of them is not the service's own.
usage: proxies.py TRIES KEY NAME=PORT...
"""
import collections
import http.client
import json
import sys
import uuid

tries, key = int(sys.argv[1]), sys.argv[2]
megabytes = [1, 2, 3, 5]


def notification(size):
    """A notification as Dynamics sends it, with a column that gives it the size."""
    record = str(uuid.uuid4())
    pairs = [{"key": "name", "value": "Pumps"}, {"key": "new_notes", "value": "x" * size}]
    target = {"Attributes": pairs, "Id": record, "LogicalName": "opportunity"}
    return json.dumps({
        "MessageName": "Update", "PrimaryEntityName": "opportunity", "PrimaryEntityId": record, "Mode": 1, "Stage": 40,
        "OperationId": str(uuid.uuid4()), "InputParameters": [{"key": "Target", "value": target}],
    }).encode()


# Words, path, sizes in megabytes, the service's status.
requests = [
    ("wrong key", "/dynamics/notifications?code=wrong", megabytes, 401),
    ("too large", f"/dynamics/notifications?code={key}", [5], 413),
    ("guard, too large", f"/dynamics/guard?code={key}", [5], 202),
    ("guard", f"/dynamics/guard?code={key}", [1, 2, 3], 202),
    ("Marketo", "/marketo/opportunities", megabytes, 403),
    ("no such path", "/nowhere", megabytes, 404),
    ("accepted", f"/dynamics/notifications?code={key}", [1, 2, 3], 202),
]


def answer(port, path, body):
    """The status of the answer. The whole body is sent before anything is read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


wrong = 0
print()
print(f"  {'proxy':18} {'request':18} answers of {tries} tries")
for name, port in (argument.rsplit("=", 1) for argument in sys.argv[3:]):
    for words, path, sizes, expected in requests:
        answers = collections.Counter(
            answer(int(port), path, notification((sizes[number % len(sizes)] << 20) - 1000)) for number in range(tries)
        )
        wrong += sum(count for status, count in answers.items() if status != expected)
        print(f"  {name:18} {words:18} {', '.join(f'{status}: {count}' for status, count in answers.most_common())}")
print(f"  {wrong} answers that were not the service's own")
sys.exit(1 if wrong else 0)
