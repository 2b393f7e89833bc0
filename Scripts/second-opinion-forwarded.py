"""second-opinion-forwarded.py SETTINGS ONEWAY

Sends notifications to `oneway serve`, which forwards to `oneway sandbox`; marketorestpython then reads the records there."""
import http.client, json, os, subprocess, sys, tempfile, threading, time, urllib.request
from marketorestpython.client import MarketoClient

settings = json.load(open(sys.argv[1], encoding="utf-8"))
endpoint = settings["endpoint"]
client = MarketoClient("000-AAA-000", settings["clientId"], settings["clientSecret"])
client.host = endpoint
TAIL = "-71b4-ef11-a72f-6045bd905a01"
CRANES, QUAY, PUMPS = [f"5e6f000{number}{TAIL}" for number in (3, 1, 2)]
ACCOUNT, OTHER_ACCOUNT = [f"1a2b000{number}{TAIL}" for number in (1, 2)]
CUSTOMER, STAKEHOLDER = [f"3c4d000{number}{TAIL}" for number in (1, 3)]
passed = 0


def same(what, got, expected):
    global passed
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")
    passed += 1


def control(path, body):
    with urllib.request.urlopen(f"{endpoint}/sandbox{path}", json.dumps(body).encode()) as answer:
        return json.load(answer)


class Service:
    def __init__(self, folder):
        values = {
            "STORE": f"sqlite:{folder}/oneway.db", "PUBLIC_ADDRESS": "127.0.0.1", "PUBLIC_PORT": "0", "ADMIN_PORT": "0",
            "LOG_FORMAT": "json", "DYNAMICS_ANONYMOUS": "true", "MARKETO_ENDPOINT": endpoint,
            "MARKETO_CLIENT_ID": settings["clientId"], "MARKETO_CLIENT_SECRET": settings["clientSecret"],
            "MARKETO_FLUSH_AFTER_MILLISECONDS": "0",
        }
        environment = {**os.environ, **{f"ONEWAY_{name}": value for name, value in values.items()}}
        self.process = subprocess.Popen([sys.argv[2], "serve"], env=environment, stderr=subprocess.PIPE, text=True)
        self.ports = {}
        for line in self.process.stderr:
            entry = json.loads(line)
            if "listener" in entry:
                self.ports[entry["listener"]] = entry["port"]
            if len(self.ports) == 2:
                break
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def ask(self, listener, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[listener], timeout=30)
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def tell(self, name, change=lambda body: body, expected=202):
        with open(f"examples/notifications/{name}.json", "rb") as file:
            status, answer = self.ask("public", "POST", "/dynamics/notifications", change(file.read()))
        same(name, (status, answer if status != expected else b""), (expected, b""))

    def arrived(self):
        for _ in range(300):
            status = json.loads(self.ask("admin", "GET", "/api/status")[1])
            open_ends = [status["outbox"][stage] for stage in ("pending", "waiting", "parked")]
            if status["inbox"]["unapplied"] == 0 and open_ends == [0, 0, 0]:
                return
            time.sleep(0.1)
        sys.exit(f"not all arrived: {status}")


def opportunities():
    fields = "externalOpportunityId,name,stage,amount,isClosed,isWon,closeDate,externalCreatedDate,externalCompanyId"
    found = client.get_opportunities("externalOpportunityId", [CRANES, QUAY, PUMPS], fields)
    return {record["externalOpportunityId"]: record for record in found}


def roles(opportunity):
    found = client.get_opportunity_roles("externalOpportunityId", [opportunity], "leadId,role,isPrimary")
    return sorted((role["leadId"], role["role"], role["isPrimary"]) for role in found)


def values(record, *names):
    return [record.get(name) for name in names]


control("/reset", {})
control("/leads", [{"externalPersonId": CUSTOMER}, {"externalPersonId": STAKEHOLDER}])
leads = client.get_multiple_leads_by_filter_type("externalPersonId", [CUSTOMER, STAKEHOLDER], ["externalPersonId"])
lead = {found["externalPersonId"]: found["id"] for found in leads}
with tempfile.TemporaryDirectory() as folder:
    service = Service(folder)
    try:
        for name in [
            "opportunity-amount-updated", "opportunity-created-contact", "opportunity-amount-updated-late",
            "opportunity-created-both", "connection-created-stakeholder", "connection-created-mirror-row",
            "opportunity-created-account", "contact-created", "account-created", "opportunity-won",
        ]:
            service.tell(name)
        service.tell("opportunity-poison", expected=422)
        service.arrived()
        read = opportunities()
        same("opportunities", sorted(read), sorted([CRANES, QUAY, PUMPS]))
        same("R4", values(read[QUAY], "name", "amount", "isClosed", "externalCompanyId"), ["Quay lighting", 52500.0, False, ACCOUNT])
        same("R4, R6", roles(QUAY), sorted([(lead[CUSTOMER], "Customer", True), (lead[STAKEHOLDER], "Stakeholder", False)]))
        same("R5, R12", values(read[PUMPS], "amount", "isClosed", "isWon", "externalCompanyId"), [118000.0, True, True, OTHER_ACCOUNT])
        same("R5b", (read[CRANES]["externalCompanyId"], roles(CRANES)), (ACCOUNT, []))
        companies = client.get_companies("externalCompanyId", [ACCOUNT, OTHER_ACCOUNT], "externalCompanyId,company")
        same("companies", {company["externalCompanyId"]: company.get("company") for company in companies},
             {ACCOUNT: "Harbour Lights Ltd", OTHER_ACCOUNT: None})
        service.tell("connection-deleted")
        service.arrived()
        same("R10", roles(QUAY), [(lead[CUSTOMER], "Customer", True)])
        service.tell("opportunity-deleted", lambda body: body.replace(b"5e6f0007", b"5e6f0001"))
        service.arrived()
        same("R11", (sorted(opportunities()), roles(QUAY)), (sorted([CRANES, PUMPS]), []))
    finally:
        service.process.terminate()
        service.process.wait(30)
print(f"marketorestpython reads the records that Oneway forwarded: {passed} checks.")
