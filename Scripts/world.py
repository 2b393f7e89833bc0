"""Starts a service and a stand-in for Marketo on ports chosen by the kernel, and sends them notifications."""
import json, os, subprocess, tempfile, time, urllib.error, urllib.request

MARKETO_USER = "e7a05b13-52c8-ef11-b8e8-000d3a2b4c6d"
PERSON = "d41e6a90-3fb1-ef11-b8e8-000d3a2b4c6d"
CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts"


def guid(table, number):
    return f"{table:08x}-0000-4000-8000-{number:012x}"


def opportunity(number): return guid(0x0B0, number)
def contact(number): return guid(0xC0, number)
def account(number): return guid(0xACC, number)


def reference(entity, name):
    return {"__type": f"EntityReference:{CONTRACTS}", "Id": name, "KeyAttributes": [], "LogicalName": entity}


def money(value): return {"__type": f"Money:{CONTRACTS}", "Value": value}
def option(value): return {"__type": f"OptionSetValue:{CONTRACTS}", "Value": value}


class World:
    """`settings` are added to the service's default settings here; `headers` are sent with every request to it."""

    def __init__(self, binary, settings={}, headers={}):
        self.folder = tempfile.TemporaryDirectory()
        self.headers = headers
        self.operations = 0
        self.programs = []
        self.marketo = json.loads(self.start([binary, "sandbox", "--port", "0", "--json"], {}).stdout.readline())
        settings = {
            "ONEWAY_STORE": f"sqlite:{self.folder.name}/oneway.db",
            "ONEWAY_PUBLIC_ADDRESS": "127.0.0.1", "ONEWAY_PUBLIC_PORT": "0", "ONEWAY_ADMIN_PORT": "0",
            "ONEWAY_LOG_FORMAT": "json", "ONEWAY_DYNAMICS_ANONYMOUS": "true",
            "ONEWAY_DYNAMICS_MARKETO_USERS": json.dumps([MARKETO_USER]),
            "ONEWAY_MARKETO_ENDPOINT": self.marketo["endpoint"], "ONEWAY_MARKETO_CLIENT_ID": self.marketo["clientId"],
            "ONEWAY_MARKETO_CLIENT_SECRET": self.marketo["clientSecret"],
            "ONEWAY_MARKETO_FLUSH_AFTER_MILLISECONDS": "100", **settings,
        }
        config = os.path.join(self.folder.name, "oneway.yaml")
        open(config, "w").close()
        service = self.service = self.start([binary, "serve", "--config", config], settings)
        ports = {}
        while len(ports) < 2:
            line = service.stderr.readline()
            if not line:
                raise SystemExit("the service ended")
            entry = json.loads(line)
            if "listener" in entry:
                ports[entry["listener"]] = entry["port"]
        self.drain(service.stderr)
        self.door = f"http://127.0.0.1:{ports['public']}/dynamics/notifications"
        self.outside = f"http://127.0.0.1:{ports['public']}"
        self.admin = f"http://127.0.0.1:{ports['admin']}"

    def start(self, command, settings):
        program = subprocess.Popen(
            command, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.programs.append(program)
        return program

    @staticmethod
    def drain(pipe):
        import threading
        threading.Thread(target=lambda: [None for _ in pipe], daemon=True).start()

    def stop(self):
        for program in reversed(self.programs):
            program.terminate()
            program.wait(30)
        self.folder.cleanup()

    # Sending as Dynamics and as Marketo

    def notify(self, entity, name, attributes, message="Update", user=PERSON, second=None):
        self.operations += 1
        second = second or int(time.time())
        pairs = [*attributes.items(), ("modifiedon", f"/Date({second * 1000})/")]
        target = {"__type": f"Entity:{CONTRACTS}", "Id": name, "LogicalName": entity,
                  "Attributes": [{"key": key, "value": value} for key, value in pairs]}
        return self.send({
            "Depth": 1, "InitiatingUserId": user, "UserId": user, "MessageName": message, "Mode": 1, "Stage": 40,
            "InputParameters": [{"key": "Target", "value": target}], "OperationCreatedOn": f"/Date({second * 1000}+0000)/",
            "OperationId": guid(0x0F0F, self.operations), "OrganizationId": guid(0x0E, 1),
            "PrimaryEntityId": name, "PrimaryEntityName": entity})

    def send(self, body):
        return self.post(self.door, body if isinstance(body, bytes) else json.dumps(body).encode())

    def create(self, number, name, customer, **more):
        values = {"statecode": option(0), "estimatedvalue": money(1000.0 * number), "closeprobability": 40,
                  "stepname": "2-Develop", "customerid": customer, **more}
        if name is not None:
            values["name"] = name
        return self.notify("opportunity", opportunity(number), values, "Create")

    # Requests

    def post(self, address, body):
        request = urllib.request.Request(address, body, {"Content-Type": "application/json", **self.headers})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def sandbox(self, path, body):
        status = self.post(f"{self.marketo['endpoint']}/sandbox/{path}", json.dumps(body).encode())
        assert status == 200, (path, status)

    def get(self, path):
        with urllib.request.urlopen(urllib.request.Request(self.admin + path, headers=self.headers)) as answer:
            return json.load(answer)

    def until(self, what, is_so, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if is_so(self.get("/api/status")):
                return
            time.sleep(0.1)
        raise SystemExit(f"timed out waiting for: {what}; {self.get('/api/status')}")
