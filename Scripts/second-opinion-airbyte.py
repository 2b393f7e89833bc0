"""second-opinion-airbyte.py ENDPOINT

Airbyte's connector checks, discovers, and reads our stand-in for Dataverse, twice: what changed meanwhile, and only that, comes
the second time."""
import json, logging, sys, urllib.request
from airbyte_cdk.models import AirbyteStateMessage, ConfiguredAirbyteCatalog, Type
from source_microsoft_dataverse import dataverse, source

endpoint = sys.argv[1]
TAIL = "-71b4-ef11-a72f-6045bd905a01"
TABLES = {"opportunity": "opportunities", "contact": "contacts", "account": "accounts", "connection": "connections"}
COMPARED = ["name", "fullname", "statecode", "estimatedvalue", "_parentaccountid_value", "_record2id_value", "modifiedon"]
logger = logging.getLogger("airbyte")
passed = 0


def same(what, got, expected):
    global passed
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")
    passed += 1


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{endpoint}/sandbox{path}", data, method=method)) as answer:
        return json.load(answer)


def get_auth(config):
    return dataverse.MicrosoftOauth2Authenticator(
        token_refresh_endpoint=f'{config["url"]}/{config["tenant_id"]}/oauth2/v2.0/token',
        client_id=config["client_id"],
        client_secret=config["client_secret_value"],
        scopes=[f'{config["url"]}/.default'],
        refresh_token="",
    )


# It knows only Microsoft's own token host; and it asks for the kinds of dates with $batch, which the stand-in lacks.
dataverse.get_auth = source.get_auth = get_auth
source.get_all_datetime_behaviors = lambda config, names: {}

config = {
    "url": endpoint, "tenant_id": "tenant", "client_id": "sandbox", "client_secret_value": "sandbox-secret",
    "odata_maxpagesize": 4,
}


def streams():
    return {stream.name: stream for stream in source.SourceMicrosoftDataverse().discover(logger, config).streams}


def read(mode, state=None):
    """The rows of each table, and the state to go on from."""
    found = streams()
    catalog = ConfiguredAirbyteCatalog.parse_obj({
        "streams": [
            {
                "stream": json.loads(found[table].json()), "sync_mode": mode, "destination_sync_mode": "append",
                "cursor_field": ["modifiedon"], "primary_key": found[table].source_defined_primary_key,
            }
            for table in TABLES
        ]
    })
    rows, states = {table: [] for table in TABLES}, {}
    for message in source.SourceMicrosoftDataverse().read(logger, config, catalog, state):
        if message.type == Type.RECORD:
            rows[message.record.stream].append(message.record.data)
        elif message.type == Type.STATE:
            states[message.state.stream.stream_descriptor.name] = message.state
    return rows, list(states.values())


same("check", source.SourceMicrosoftDataverse().check_connection(logger, config), (True, None))
found = streams()
for table in TABLES:
    same(f"key of {table}", found[table].source_defined_primary_key, [[f"{table}id"]])
    same(f"tracking of {table}", len(found[table].supported_sync_modes), 2)
same("money", found["opportunity"].json_schema["properties"]["estimatedvalue"]["type"], ["null", "number"])
same("look-up", "_parentaccountid_value" in found["opportunity"].json_schema["properties"], True)

held = control("GET", "")["rows"]
rows, _ = read("full_refresh")
for table, path in TABLES.items():
    same(f"each {table} once", len({row[f"{table}id"] for row in rows[table]}), held[path])
    same(f"rows of {table}", len(rows[table]), held[path])
    for row in rows[table]:
        kept = control("GET", f'/{path}/{row[f"{table}id"]}')
        same(f"{table} {row[f'{table}id']}", [row.get(name) for name in COMPARED], [kept.get(name) for name in COMPARED])

rows, state = read("incremental")
same("all at first", [len(rows[table]) for table in TABLES], [held[path] for path in TABLES.values()])
control("PATCH", f"/accounts/20100001{TAIL}", {"name": "Contoso Harbour"})
control("DELETE", f"/opportunities/20120004{TAIL}")
later, _ = read("incremental", state)
same("one account", [row["name"] for row in later["account"]], ["Contoso Harbour"])
gone = [row["opportunityid"] for row in later["opportunity"] if row.get("_ab_cdc_deleted_at")]
same("one is gone", gone, [f"20120004{TAIL}"])
same("no contact", later["contact"], [])
print(f"second opinion on Dataverse, Airbyte's: {passed} checks passed")
