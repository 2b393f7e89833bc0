#!/usr/bin/env python3
"""forward.py ONEWAY [OPPORTUNITIES [EDITS]]

While forwarding is paused, edits of many opportunities arrive over HTTP. After resuming, it checks the calls to the stand-in
for Marketo: full batches, nothing twice, no growth of memory, and no more time than the budget requires. Then it measures, at
the default setting and with flushAfterMilliseconds 0, how long one opportunity takes from its 202 to Marketo. Exits with 1 if
a bound is missed."""
import http.client, json, os, statistics, subprocess, sys, tempfile, threading, time

BINARY = sys.argv[1]
OPPORTUNITIES = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
EDITS = int(sys.argv[3]) if len(sys.argv) > 3 else 50_000
CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts"
missed = []


def body(number, edit):
    name = f"{number:08x}-0000-4000-8000-000000000001"
    second = 1_767_225_600 + edit
    target = {
        "__type": f"Entity:{CONTRACTS}", "LogicalName": "opportunity", "Id": name,
        "Attributes": [
            {"key": "opportunityid", "value": name}, {"key": "name", "value": f"Pumps {number}, edit {edit}"},
            {"key": "modifiedon", "value": f"/Date({second}000)/"},
        ],
    }
    return name, json.dumps({
        "MessageName": "Update", "PrimaryEntityName": "opportunity", "PrimaryEntityId": name, "Mode": 1, "Stage": 40,
        "Depth": 1, "OperationCreatedOn": f"/Date({second}000+0000)/", "OperationId": f"{edit:08x}-0000-4000-8000-{number:012x}",
        "InputParameters": [{"key": "Target", "value": target}],
    }).encode()


class Programs:
    def __init__(self, flush):
        self.folder = tempfile.TemporaryDirectory()
        self.sandbox = subprocess.Popen([BINARY, "sandbox", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True)
        marketo = json.loads(self.sandbox.stdout.readline())
        self.marketo = int(marketo["endpoint"].rsplit(":", 1)[1])
        settings = {
            "STORE": f"sqlite:{self.folder.name}/oneway.db", "PUBLIC_ADDRESS": "127.0.0.1", "PUBLIC_PORT": "0",
            "ADMIN_PORT": "0", "LOG_FORMAT": "json", "DYNAMICS_ANONYMOUS": "true", "MARKETO_ENDPOINT": marketo["endpoint"],
            "MARKETO_CLIENT_ID": marketo["clientId"], "MARKETO_CLIENT_SECRET": marketo["clientSecret"],
            "MARKETO_FLUSH_AFTER_MILLISECONDS": str(flush),
        }
        environment = {**os.environ, **{f"ONEWAY_{key}": value for key, value in settings.items()}}
        self.service = subprocess.Popen([BINARY, "serve"], env=environment, stderr=subprocess.PIPE, text=True)
        ports = {}
        for line in self.service.stderr:
            entry = json.loads(line)
            if "listener" in entry:
                ports[entry["listener"]] = entry["port"]
            if len(ports) == 2:
                break
        self.public, self.admin = ports["public"], ports["admin"]
        threading.Thread(target=self.service.stderr.read, daemon=True).start()

    def end(self):
        for program in (self.service, self.sandbox):
            program.terminate()
            program.wait(30)

    def ask(self, port, method, path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request(method, path)
        answer = connection.getresponse()
        text = answer.read()
        return json.loads(text) if answer.status < 300 else None

    def memory(self):
        lines = open(f"/proc/{self.service.pid}/status", encoding="ascii").read().splitlines()
        return {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))}

    def post(self, edits):
        connection = http.client.HTTPConnection("127.0.0.1", self.public, timeout=60)
        for number, edit in edits:
            connection.request("POST", "/dynamics/notifications", body(number, edit)[1], {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 202, answer.status


def check(what, is_so):
    print(f"{'ok  ' if is_so else 'MISS'} {what}", flush=True)
    if not is_so:
        missed.append(what)


def many():
    programs = Programs(1000)
    programs.ask(programs.admin, "POST", "/api/pause")
    edits = [(number % OPPORTUNITIES, number) for number in range(EDITS)]
    threads = [threading.Thread(target=programs.post, args=(edits[part::4],)) for part in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    while programs.ask(programs.admin, "GET", "/api/status")["inbox"]["unapplied"]: time.sleep(0.2)
    before, calls = programs.memory(), programs.ask(programs.marketo, "GET", "/sandbox/calls")
    check(f"nothing was sent while paused ({calls['total']} calls)", calls["total"] == 0)
    begun = time.monotonic()
    programs.ask(programs.admin, "POST", "/api/resume")
    while True:
        outbox = programs.ask(programs.admin, "GET", "/api/status")["outbox"]
        if outbox["settled"] == OPPORTUNITIES: break
        time.sleep(0.1)
    seconds, after = time.monotonic() - begun, programs.memory()
    calls = programs.ask(programs.marketo, "GET", "/sandbox/calls")
    sent = calls["byPath"].get("opportunities", 0)
    most = OPPORTUNITIES // 300 + 10
    check(f"{EDITS} edits of {OPPORTUNITIES} opportunities in {sent} calls (at most {most})", sent <= most)
    told = [entry for entry in programs.ask(programs.marketo, "GET", "/sandbox/history")]
    check(f"nothing was sent twice ({len(told)} records)", len(told) == OPPORTUNITIES)
    newest = {number: edit for number, edit in edits}
    right = all(entry["state"]["name"].endswith(f"edit {newest[int(entry['key'][:8], 16)]}") for entry in told)
    check("each arrived in its newest state", right)
    allowed = (calls["total"] - 1) // 50 * 20
    check(f"drained in {seconds:.1f} s; the budget of 50 calls in 20 s allows {allowed} s", seconds < allowed + 8)
    check(f"never more than 50 in 20 s ({calls['mostAnsweredIn20Seconds']})", calls["mostAnsweredIn20Seconds"] <= 50)
    check(f"memory {before['VmRSS']} MB before, {after['VmRSS']} after, {after['VmHWM']} peak",
          after["VmRSS"] <= before["VmRSS"] + 16)
    programs.end()


def one(flush, most):
    programs = Programs(flush)
    programs.post([(1_000_000, 0)])
    times = []
    for number in range(15):
        name, _ = body(number, number)
        programs.post([(number, number)])
        begun = time.monotonic()
        while programs.ask(programs.marketo, "GET", f"/sandbox/opportunities/{name}") is None: time.sleep(0.002)
        times.append(time.monotonic() - begun)
    median = statistics.median(times) * 1000
    check(f"flushAfterMilliseconds {flush}: from 202 to Marketo {median:.0f} ms (median of 15, below {most})", median < most)
    programs.end()


many()
one(1000, 1500)
one(0, 100)
sys.exit(1 if missed else 0)
