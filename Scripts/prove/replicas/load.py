"""Notifications to all replicas at once, and what came of each."""
import collections, http.client, json, os, random, sys, threading, time
from history import Notification
sys.path.append(os.path.join(os.path.dirname(__file__), "../.."))
from world import CONTRACTS, guid, money, option, reference

HOT, CONTACTS = 150, 60
SECOND = 1_700_000_000


class Load:
    """Most create an opportunity of their own, of which nothing else is ever told: a loss cannot hide. The others change
    one of a few that change all the time. What is not acknowledged is sent again after a while, to whichever replica."""

    def __init__(self, replicas, rate, threads=4):
        self.replicas, self.rate = replicas, rate
        self.chance, self.lock = random.Random(), threading.Lock()
        self.notifications, self.names = [], collections.defaultdict(set)
        self.bodies = {}
        self.again = collections.deque()
        self.versions = collections.Counter()
        self.fresh = HOT
        self.paused = self.ended = False
        self.statuses, self.strange = collections.Counter(), []
        self.due = time.monotonic()
        self.threads = [threading.Thread(target=self.run, args=[replica], daemon=True)
                        for replica in replicas for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def make(self):
        if self.chance.random() < 0.6:
            self.fresh += 1
            number, registers = self.fresh, {"name", "amount", "contact"}
        else:
            number = self.chance.randrange(HOT)
            names = ["name", "amount", "contact"]
            registers = set(names if self.versions[number] == 0 else self.chance.sample(names, self.chance.randrange(1, 4)))
        self.versions[number] += 1
        version = self.versions[number]
        notification = Notification(guid(0x0B0, number), version, frozenset(registers), time.time())
        self.notifications.append(notification)
        operation = len(self.notifications)
        values = {"name": f"version {version}", "amount": money(float(version)), "contact": reference("contact", contact(number, version))}
        columns = {"name": "name", "amount": "estimatedvalue", "contact": "customerid"}
        attributes = [{"key": columns[name], "value": values[name]} for name in sorted(registers)]
        if version == 1:
            attributes.append({"key": "statecode", "value": option(0)})
        second = 1000 * (SECOND + version)
        attributes.append({"key": "modifiedon", "value": f"/Date({second})/"})
        target = {"__type": f"Entity:{CONTRACTS}", "Id": notification.opportunity, "LogicalName": "opportunity", "Attributes": attributes}
        person = guid(0xAA, 1)
        self.bodies[operation] = json.dumps({
            "Depth": 1, "InitiatingUserId": person, "UserId": person, "MessageName": "Create" if version == 1 else "Update", "Mode": 1,
            "Stage": 40, "InputParameters": [{"key": "Target", "value": target}], "OperationCreatedOn": f"/Date({second}+0000)/",
            "OperationId": guid(0x0F0F, operation), "OrganizationId": guid(0x0E, 1), "PrimaryEntityId": notification.opportunity,
            "PrimaryEntityName": "opportunity"}).encode()
        return operation

    def next(self):
        """The number of a notification to send now; None: there is none."""
        while not self.ended:
            with self.lock:
                now = time.monotonic()
                if self.again and self.again[0][0] <= now:
                    return self.again.popleft()[1]
                if not self.paused and self.due <= now:
                    # After a stop it does not catch up at once.
                    self.due = max(self.due + 1 / self.rate, now - 0.2)
                    return self.make()
            time.sleep(0.01)

    def run(self, replica):
        connection, port = None, None
        while (operation := self.next()) is not None:
            if connection is None or port != replica.ports.get("public"):
                port = replica.ports.get("public")
                connection = http.client.HTTPConnection("127.0.0.1", port or 1, timeout=8)
            try:
                connection.request("POST", "/dynamics/notifications", self.bodies[operation], {"Content-Type": "application/json"})
                answer = connection.getresponse()
                status, told = answer.status, json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                status, told, connection = 0, {}, None
                time.sleep(0.1)
            with self.lock:
                self.statuses[status] += 1
                if status == 202 and told["outcome"] in ("accepted", "duplicate"):
                    self.notifications[operation - 1].acknowledged = time.time()
                    self.names[operation].add(told["notification"])
                    # Some are sent again all the same: the answer must be the same.
                    if self.chance.random() < 0.02:
                        self.again.append((time.monotonic() + 3, operation))
                    else:
                        self.bodies.pop(operation, None)
                elif status in (0, 503):
                    self.again.append((time.monotonic() + 1 + self.chance.random(), operation))
                else:
                    self.strange.append(f"{status} {told}")

    def acknowledged(self):
        """The numbers of those that were, so far."""
        with self.lock:
            return {operation: set(names) for operation, names in self.names.items()}

    def arrived_after(self, moment):
        """Opportunities of their own that were sent and acknowledged after that."""
        with self.lock:
            late = [each for each in self.notifications[-4000:] if each.begun > moment and each.acknowledged]
        return [each.opportunity for each in late if each.version == 1][:3]

    def left(self):
        """How many are not acknowledged yet."""
        with self.lock:
            return sum(each.acknowledged is None for each in self.notifications) + len(self.again)


def contact(number, version):
    return guid(0xC0, (number * 7 + version * 13) % CONTACTS)
