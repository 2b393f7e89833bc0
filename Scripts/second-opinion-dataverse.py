"""second-opinion-dataverse.py ENDPOINT

Microsoft's own client reads, pages, and registers in the stand-in for Dataverse."""
import json, sys, urllib.parse, urllib.request
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.filters import col

endpoint = sys.argv[1]
TAIL = "-71b4-ef11-a72f-6045bd905a01"
ACCOUNT, OPPORTUNITY, NOBODY = f"20100001{TAIL}", f"20120002{TAIL}", f"20100099{TAIL}"
passed = 0


def same(what, got, expected):
    global passed
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")
    passed += 1


class Credential:
    def get_token(self, *scopes, **_):
        form = {
            "grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox-secret", "scope": scopes[0],
        }
        url = f"{endpoint}/tenant/oauth2/v2.0/token"
        with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode()) as answer:
            token = json.load(answer)
        return AccessToken(token["access_token"], token["expires_in"])


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{endpoint}/sandbox{path}", data, method=method)) as answer:
        return json.load(answer)


def refused(what, status, call):
    try:
        call()
    except HttpError as error:
        same(what, error.status_code, status)
        return error
    sys.exit(f"{what}: not refused")


# It insists on https; the stand-in has none.
client = DataverseClient("https://localhost", Credential())
client._base_url = endpoint

# What there is.
table = client.tables.get("opportunity")
same("set", table["entity_set_name"], "opportunities")
same("tracked", len(client.tables.list(filter="ChangeTrackingEnabled eq true", select=["LogicalName"])), 5)
texts = client.tables.list_columns("account", select=["LogicalName", "AttributeType"], filter="AttributeType eq 'String'")
same("text column", any(column["LogicalName"] == "name" for column in texts), True)

# Rows.
row = client.records.retrieve("opportunity", OPPORTUNITY, select=["name", "_customerid_value"], include_annotations="*")
same("name", row["name"], "Quay lighting")
same("customer", row["_customerid_value@OData.Community.Display.V1.FormattedValue"], "Fabrikam")
same("nobody", client.records.retrieve("account", NOBODY), None)
pages = list(client.records.list_pages("contact", select=["fullname"], orderby=["fullname asc"], page_size=4, count=True))
same("pages", [len(page) for page in pages], [4, 4, 2])
names = [row["fullname"] for page in pages for row in page]
same("each once", len(set(names)), 10)
same("top", len(client.records.list("contact", select=["fullname"], top=3)), 3)
for what, condition, count in [
    ("equal", col("statecode") == 0, 7), ("and", (col("statecode") == 0) & (col("estimatedvalue") > 50000), 2),
    ("contains", col("name").contains("ROAST"), 1), ("starts", col("name").startswith("Home"), 1),
    ("not", ~(col("statecode") == 0), 3), ("in", col("name").in_(["Trail signs", "Turtle pond"]), 2),
    ("null", col("parentaccountid/name").is_null(), 1), ("between", col("estimatedvalue").between(1000, 3100), 3),
]:
    same(what, len(client.records.list("opportunity", select=["name"], filter=condition)), count)

# Registering, then a change, then what was sent.
webhook = client.records.create(
    "serviceendpoint",
    {"name": "opinion", "url": "http://localhost:9/hook", "contract": 8, "authtype": 4, "authvalue": "a-key"},
)
message = list(client.records.list("sdkmessage", select=["sdkmessageid"], filter="name eq 'Update'"))[0]["sdkmessageid"]
filters = client.records.list(
    "sdkmessagefilter",
    select=["sdkmessagefilterid"],
    filter=f"primaryobjecttypecode eq 'account' and _sdkmessageid_value eq {message} and iscustomprocessingstepallowed eq true",
)
step = {
    "name": "opinion", "stage": 40, "mode": 1, "rank": 1, "supporteddeployment": 0, "asyncautodelete": True,
    "filteringattributes": "name", "eventhandler_serviceendpoint@odata.bind": f"/serviceendpoints({webhook})",
    "sdkmessageid@odata.bind": f"/sdkmessages({message})",
    "sdkmessagefilterid@odata.bind": f"/sdkmessagefilters({filters[0]['sdkmessagefilterid']})",
}
step = client.records.create("sdkmessageprocessingstep", step)
image = client.records.create(
    "sdkmessageprocessingstepimage",
    {
        "name": "post", "entityalias": "post", "imagetype": 1, "messagepropertyname": "Target", "attributes": "name",
        "sdkmessageprocessingstepid@odata.bind": f"/sdkmessageprocessingsteps({step})",
    },
)
control("PATCH", f"/accounts/{ACCOUNT}", {"name": "Contoso"})
control("PATCH", f"/accounts/{ACCOUNT}", {"telephone1": "1"})
same("renamed", client.records.retrieve("account", ACCOUNT, select=["name"])["name"], "Contoso")
sent = control("GET", "/webhooks")
same("one was due", len(sent["sent"]) + sent["waiting"], 1)
client.records.update("sdkmessageprocessingstep", step, {"statecode": 1, "statuscode": 2})
same("off", client.records.retrieve("sdkmessageprocessingstep", step)["statecode"], 1)

# What is refused.
refused("in use", 400, lambda: client.records.delete("serviceendpoint", webhook))
refused("not for us", 403, lambda: client.records.create("opportunity", {"name": "Mine"}))
refused("no such column", 400, lambda: client.records.list("account", select=["nme"]))
refused("wrong case", 400, lambda: client.records.create("sdkmessageprocessingstep", {"SdkMessageId@odata.bind": "/sdkmessages(1)"}))
control("POST", "/faults", {"fault": "error", "code": "0x80072322", "path": "accounts"})
same("limited", refused("too many", 429, lambda: client.records.list("account")).details["retry_after"], 1)

for kind, id in [("sdkmessageprocessingstepimage", image), ("sdkmessageprocessingstep", step), ("serviceendpoint", webhook)]:
    client.records.delete(kind, id)
same("gone", len(client.records.list("sdkmessageprocessingstep")), 0)
print(f"second opinion on Dataverse: {passed} checks passed")
