"""second-opinion.py SETTINGS

Drives `oneway sandbox` with marketorestpython and compares the client's results with the sandbox's records."""
import json, sys, urllib.request
from marketorestpython.client import MarketoClient
from marketorestpython.helper.exceptions import MarketoException

settings = json.load(open(sys.argv[1], encoding="utf-8"))
endpoint = settings["endpoint"]


def connect(secret=settings["clientSecret"]):
    client = MarketoClient("000-AAA-000", settings["clientId"], secret)
    client.host = endpoint
    return client


def control(path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(endpoint + "/sandbox" + path, data, method=method)) as answer:
        return json.load(answer)


def held():
    return control("")


passed = 0


def same(what, got, expected):
    global passed
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")
    passed += 1


def statuses(result):
    return [record.get("reasons", [{}])[0].get("code", record["status"]) for record in result]


def refused(what, code, call):
    try:
        call()
    except MarketoException as error:
        return same(what, str(error.code), code)
    sys.exit(f"{what}: not refused")


client = connect()

# Describe
for kind, result, key in [
    ("opportunity", client.describe_opportunity(), ["externalOpportunityId"]),
    ("role", client.describe_opportunity_role(), ["externalOpportunityId", "leadId", "role"]),
    ("company", client.describe_company(), ["externalCompanyId"]),
    ("sales person", client.describe_sales_person(), ["externalSalesPersonId"]),
]:
    same(f"describe {kind}", result[0]["dedupeFields"], key)
same("describe leads", "email" in [field["rest"]["name"] for field in client.describe()], True)
same("describe2 leads", ["externalPersonId"] in client.describe2()[0]["searchableFields"], True)

# Leads
made = client.create_update_leads(
    [{"email": f"p{n}@example.com", "externalPersonId": f"person-{n}"} for n in range(3)], lookupField="email"
)
same("leads made", statuses(made), ["created"] * 3)
ids = [lead["id"] for lead in made]
same("leads again", statuses(client.create_update_leads([{"email": "p0@example.com", "firstName": "Ann"}])), ["updated"])
same("lead by id", client.get_lead_by_id(ids[0], "firstName")[0]["firstName"], "Ann")
same("duplicate", statuses(client.create_update_leads([{"email": "p2@example.com"}], action="createDuplicate")), ["created"])
same("several match", statuses(client.create_update_leads([{"email": "p2@example.com"}])), ["1007"])
found = client.get_multiple_leads_by_filter_type("externalPersonId", ["person-0", "person-1", "nobody"], ["externalPersonId"])
same("leads found", {lead["externalPersonId"]: lead["id"] for lead in found}, {"person-0": ids[0], "person-1": ids[1]})

# Companies
same("companies made", statuses(client.create_update_companies(
    [{"externalCompanyId": f"c{n}", "company": f"Company {n}"} for n in range(300)])), ["created"] * 300)
same("companies read", len(client.get_companies("externalCompanyId", [f"c{n}" for n in range(300)], batchSize=70)), 300)
same("companies held", len(held()["companies"]), 300)

# Opportunities
opportunities = [
    {"externalOpportunityId": f"o{n}", "name": f"Größe {n} 🎿", "externalCompanyId": f"c{n}", "amount": n + 0.25,
     "isClosed": n == 1, "closeDate": "2026-12-31", "externalCreatedDate": "2026-01-31T10:00:00+02:00"} for n in range(3)
]
same("opportunities made", statuses(client.create_update_opportunities(opportunities)), ["created"] * 3)
same("and changed", statuses(client.create_update_opportunities(
    [{"externalOpportunityId": "o0", "stage": "Develop", "externalCompanyId": None}], action="updateOnly")), ["updated"])
same("some are refused", statuses(client.create_update_opportunities([
    {"externalOpportunityId": "o1", "nosuch": 1}, {"externalOpportunityId": "o2", "amount": "much"},
    {"externalOpportunityId": "o3", "name": "x", "externalCompanyId": "nobody"}, {"externalOpportunityId": "o1", "name": None},
])), ["1006", "1001", "1013", "1036"])
same("created once only", statuses(client.create_update_opportunities([opportunities[0]], action="createOnly")), ["1017"])
refused("unknown owner", "718", lambda: client.create_update_opportunities(
    [{"externalOpportunityId": "o1", "externalSalesPersonId": "nobody"}]))
same("a sales person", statuses(client.create_update_sales_persons([{"externalSalesPersonId": "s"}])), ["created"])
same("a known owner", statuses(client.create_update_opportunities(
    [{"externalOpportunityId": "o1", "externalSalesPersonId": "s"}])), ["updated"])
read = client.get_opportunities(
    "externalOpportunityId", ["o0", "o1", "o2", "o9"],
    "externalOpportunityId,name,amount,isClosed,closeDate,externalCreatedDate,externalCompanyId,stage")
same("opportunities read", [record["name"] for record in read], [record["name"] for record in opportunities])
same("a cleared field is left out", ["externalCompanyId" in record for record in read], [False, True, True])
same("values", [read[1]["amount"], read[1]["isClosed"], read[1]["closeDate"], read[1]["externalCreatedDate"]],
     [1.25, True, "2026-12-31", "2026-01-31T08:00:00Z"])

# Roles
roles = [{"externalOpportunityId": "o1", "leadId": lead, "role": role, "isPrimary": role == "Customer"}
         for lead, role in [(ids[0], "Customer"), (ids[1], "Stakeholder")]]
same("roles made", statuses(client.create_update_opportunities_roles(roles)), ["created"] * 2)
same("roles refused", statuses(client.create_update_opportunities_roles(
    [dict(roles[0], leadId=999999), dict(roles[0], externalOpportunityId="o9")])), ["1004", "1013"])
read = client.get_opportunity_roles("externalOpportunityId", ["o1"], "leadId,role,isPrimary")
same("roles read", [(role["leadId"], role["role"], role["isPrimary"]) for role in read],
     [(ids[0], "Customer", True), (ids[1], "Stakeholder", False)])
same("roles of a lead", len(client.get_opportunity_roles("leadId", [str(ids[1])])), 1)
same("roles in the sandbox", len(control("/opportunities/o1")["roles"]), 2)

# Deleting
same("in use", statuses(client.delete_opportunities([{"externalOpportunityId": "o1"}])), ["1022"])
same("roles deleted", statuses(client.delete_opportunity_roles(
    [{key: role[key] for key in ("externalOpportunityId", "leadId", "role")} for role in roles])), ["deleted"] * 2)
same("opportunities deleted", statuses(client.delete_opportunities(
    [{"externalOpportunityId": name} for name in ("o0", "o1", "o2", "o9")])), ["deleted"] * 3 + ["1013"])
same("companies deleted", statuses(client.delete_companies([{"externalCompanyId": f"c{n}"} for n in range(300)])),
     ["deleted"] * 300)
same("leads deleted", statuses(client.delete_lead(ids)), ["deleted"] * 3)
same("nothing is left", [len(held()[kind]) for kind in ("opportunities", "roles", "companies", "leads")], [0, 0, 0, 1])

# Usage and errors
same("usage", client.get_daily_usage()[0]["total"] > 20, True)
same("daily errors", isinstance(client.get_daily_errors()[0]["errors"], list), True)
try:
    connect("wrong").describe_opportunity()
    sys.exit("a wrong secret was accepted")
except Exception as error:
    same("a wrong secret", str(error), "Bad client credentials")
control("/faults", {"fault": "error", "code": "611"})
refused("a system error", "611", client.describe_opportunity)
control("/mode", {"mode": "native-sync"})
refused("a native sync", "1018", lambda: client.create_update_opportunities([opportunities[0]]))
control("/faults", method="DELETE")
control("/expire-token", {})
refused("an expired token", "602", client.describe_opportunity)
refused("and used again", "601", client.describe_opportunity)
same("a new client", connect().describe_opportunity()[0]["name"], "opportunity")
same("codes counted", control("/calls")["codes"]["611"], 1)
print(f"marketorestpython and the sandbox agree: {passed} checks.")
