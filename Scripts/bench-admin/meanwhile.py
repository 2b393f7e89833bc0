"""Measures how a long job affects others: notifications are sent and pages requested continuously."""
import collections, json, statistics, threading, time

CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts"


def notification(number):
    """An update of one opportunity's amount, as a step sends it."""
    name = f"0d5{number % 0xfffff:05x}-0000-4000-8000-000000000001"
    values = {"name": f"Quay lighting {number}", "estimatedvalue": {"__type": f"Money:{CONTRACTS}", "Value": number},
              "modifiedon": f"/Date({1772445601000 + number * 1000})/"}
    target = {"__type": f"Entity:{CONTRACTS}", "Id": name, "LogicalName": "opportunity",
              "Attributes": [{"key": key, "value": value} for key, value in values.items()]}
    return json.dumps({
        "MessageName": "Update", "Mode": 1, "Stage": 40, "OperationId": f"0d6{number:05x}-0000-4000-8000-000000000001",
        "PrimaryEntityId": name, "PrimaryEntityName": "opportunity",
        "InputParameters": [{"key": "Target", "value": target}]}).encode()


class Meanwhile:
    PAGES = [("/", "text/html"), ("/metrics", "text/plain"), ("/api/status", "application/json"),
             ("/parked", "text/html"), ("/api/inbox?outcome=quarantined", "application/json")]

    def __init__(self, service):
        self.service, self.times, self.isOver, self.sent = service, collections.defaultdict(list), threading.Event(), 0

    def __enter__(self):
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.send, self.look)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *trouble):
        self.isOver.set()
        for thread in self.threads:
            thread.join()

    def clock(self, name, ask):
        start = time.perf_counter()
        ask()
        self.times[name].append((time.perf_counter() - start) * 1000)

    def send(self):
        while not self.isOver.wait(0.01):
            self.sent += 1
            body = notification(int(time.time() * 100) % 0xfffff)
            self.clock("POST /dynamics/notifications", lambda: self.service.ask("/dynamics/notifications", body, "public"))

    def look(self):
        while not self.isOver.wait(0.01):
            for path, accept in self.PAGES:
                self.clock(f"GET {path}", lambda: self.service.ask(path, accept=accept))

    def tell(self, limit):
        """Prints the times; returns whether the 99th percentile of each is below the limit."""
        isGood = True
        for name, times in sorted(self.times.items()):
            times.sort()
            most = times[int(len(times) * 0.99)] if len(times) > 1 else times[0]
            mark = "" if most < limit else f"  over {limit} ms"
            isGood = isGood and most < limit
            print(f"{statistics.median(times):9.1f} {most:9.1f} {times[-1]:9.1f} {len(times):9}  meanwhile {name}{mark}")
        return isGood
